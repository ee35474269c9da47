"""Keeps locations again in which somebody was erased: what is kept is then what a fold of the facts gives today."""

from dataclasses import dataclass

import psycopg

from infrastructure.kept.form import made_in
from infrastructure.kept.rows import Rows
from infrastructure.kept.teams import Teams
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import LedgerConnection

_SQL = statements("kept_write")
_MOST = 20_000
"""Entries of a location that are kept again in one transaction; a larger one is folded until the next rebuild."""

_TABLES = ("parts", "sayings", "lines", "strands", "awaited", "locations")


@dataclass(frozen=True)
class KeptAgain:
    """Whoever calls sees to being alone; the tables answer nobody meanwhile, for they are of another epoch."""

    teams: Teams
    made: str

    def keep(self, connection: LedgerConnection, position: int, before: int, epoch: int) -> None:
        """Keep again what rests on those whose keys were destroyed between two epochs, as known at a position."""
        subjects = connection.boundary.erased_since(before)
        touched = connection.execute(_SQL["touched_by"], {"subjects": list(subjects)}).fetchall() if subjects else []
        for (location,) in touched:
            if not self._location(connection, location, position, epoch):
                return  # somebody else was erased meanwhile; it is begun anew
        connection.execute(_SQL["kept_again"], {"made_with": made_in(self.made, epoch)})

    def _location(self, connection: LedgerConnection, location: str, position: int, epoch: int) -> bool:
        ((size,),) = connection.execute(_SQL["size"], {"location": location, "most": _MOST}).fetchall()
        changed = False
        with connection.transaction():
            if size >= _MOST:
                Rows(irregular={location}).write(connection)
            else:
                for table in _TABLES:
                    connection.execute(_SQL[f"forget_{table}"], {"locations": [location]})
                every = list(self.teams.whole(connection, location, position))
                changed = connection.boundary.epoch() != epoch
                if changed:
                    raise psycopg.Rollback
                for rows in every:
                    rows.write(connection)
        return not changed
