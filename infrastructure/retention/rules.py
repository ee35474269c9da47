"""What is set about keeping observations: a term for each class, and holds; each with who set it and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.retention import CLASSES, LEAST_MONTHS, MOST_MONTHS, TYPES, ObservationClass
from infrastructure.postgres.statements import statements
from infrastructure.store import Store, StoreError

_SQL = statements("retention")


@dataclass(frozen=True, slots=True)
class Term:
    """How many months a class is kept (None: for ever), and who set that, why and when."""

    name: ObservationClass
    months: int | None
    set_by: str
    reason: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """What may not be retired or dropped: of a location (None: of all), of a class (None: of all), until when."""

    id: int
    location: str | None
    name: ObservationClass | None
    ends_at: datetime | None
    placed_by: str
    reason: str
    placed_at: datetime

    def sentence(self) -> str:
        """The hold in words."""
        what = self.name.replace("_", "-") if self.name is not None else "all observations"
        where = f"of {self.location}" if self.location is not None else "everywhere"
        until = f"until {self.ends_at:%Y-%m-%d}" if self.ends_at is not None else "until it is released"
        return f"Hold {self.id}: {what} {where}, {until}, by {self.placed_by}: {self.reason}"


class Rules:
    """Reads and sets them. Nothing set here is ever changed: what comes later counts."""

    def __init__(self, store: Store) -> None:
        self._connections = store.connections

    def terms(self) -> list[Term]:
        """The terms in force, by class; a class that is not among them is kept for ever."""
        return [Term(*found) for found in self._connections.read(_SQL["terms"]) if found[0] in CLASSES]

    def months(self) -> Mapping[ObservationClass, int | None]:
        """The terms alone."""
        return {term.name: term.months for term in self.terms()}

    def set_term(self, name: ObservationClass, months: int | None, *, by: str, reason: str) -> None:
        """Keep a class so long from now on (None: for ever). ValueError when that is less than twelve months."""
        if months is not None and not LEAST_MONTHS <= months <= MOST_MONTHS:
            raise ValueError(f"A term is {LEAST_MONTHS} to {MOST_MONTHS} months, and not {months}.")
        asked = {"name": name, "months": months, "by": by, "reason": reason}
        with self._connections.take() as connection:
            connection.execute(_SQL["set_term"], asked)

    def holds(self) -> list[Hold]:
        """The holds in force."""
        return [Hold(*found) for found in self._connections.read(_SQL["holds"])]

    def place_hold(
        self,
        *,
        by: str,
        reason: str,
        location: str | None = None,
        name: ObservationClass | None = None,
        ends_at: datetime | None = None,
    ) -> int:
        """Hold what lies there from now on, retired tables too; the number of the hold."""
        types = list(TYPES[name]) if name is not None else None
        asked = {"location": location, "name": name, "types": types, "ends_at": ends_at, "by": by, "reason": reason}
        with self._connections.take() as connection:
            found = connection.execute(_SQL["place_hold"], asked).fetchone()
        assert found is not None, "an INSERT that returns gives a row"
        return int(found[0])

    def release_hold(self, hold: int, *, by: str, reason: str) -> None:
        """End a hold before its time. StoreError when none of that number is in force."""
        asked = {"hold": hold, "by": by, "reason": reason}
        with self._connections.take() as connection:
            if connection.execute(_SQL["release_hold"], asked).rowcount != 1:
                raise StoreError(f"There is no hold {hold} in force; `accessledger retain --dry-run` lists them.")
