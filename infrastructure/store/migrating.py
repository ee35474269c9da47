"""Brings a database to the present schema, whoever else is doing the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from uuid import uuid1

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo import read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI

from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections, connection_text
from infrastructure.store.errors import StoreError
from infrastructure.walls.raising import raise_walls, stands

_SCHEMA = "migrations"
_SQL = statements("migrate")
_ALWAYS = ("renew_generation", "make_partitions")


class MigrationsMissing(StoreError):  # noqa: N818 - as the others of the store
    """The database lacks migrations, and this user may not apply them."""


def migrate(conninfo: str, *, folder: Path | None = None) -> list[str]:
    """Apply the migrations that the database lacks and return their names.

    Any number of processes may call this at once: one works, the others wait for it. `folder` takes the place of the
    migrations that come with the program. Where none is missing nothing is made, so that a server needs no right to.
    Raises psycopg.Error when the database cannot be reached or refuses, MigrationsMissing when this user may not apply
    those that it lacks.
    """
    if folder is None and _is_current(conninfo):
        return []
    try:
        return _migrate(conninfo, folder)
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationsMissing(
            f"The database lacks migrations, and this user may not apply them ({error.diag.message_primary}). Start the"
            " program once as the one who may: a superuser, its owner, or a login of ledger_migrator."
        ) from error


def _is_current(conninfo: str) -> bool:
    """Whether no migration is missing; then what may be missing by the time of year is made."""
    with psycopg.connect(connection_text(conninfo), autocommit=True) as connection:
        try:
            applied = {name for (name,) in connection.execute(_SQL["applied"]).fetchall()}
        except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
            return False
        if not applied.issuperset(_shipped()):
            return False
        for step in _ALWAYS:
            connection.execute(_SQL[step])
        return True


def _migrate(conninfo: str, folder: Path | None) -> list[str]:
    with _alone(conninfo) as connection, as_file(files("infrastructure.postgres") / "migrations") as packaged:
        backend = _Backend(_address(conninfo), "_yoyo_migration")
        with backend:
            if backend.lock_table not in backend.list_tables():
                backend.create_lock_table()
            # The advisory lock is the real one. A row left in yoyo's lock table is that of a killed process.
            backend.break_lock()
            with backend.lock():
                wanted = backend.to_apply(read_migrations(str(folder or packaged)))
                backend.apply_migrations(wanted)
                if folder is None:
                    for step in _ALWAYS:
                        connection.execute(_SQL[step])
                    if stands(connection):
                        raise_walls(connection, roles=False)
                return [migration.id for migration in wanted]


def missing_migrations(connections: Connections) -> list[str]:
    """Return the migrations of this program that the database lacks, in order; LedgerUnavailable when it is away."""
    applied = {name for (name,) in connections.read(_SQL["applied"])}
    return [name for name in _shipped() if name not in applied]


def _shipped() -> list[str]:
    folder = files("infrastructure.postgres") / "migrations"
    return sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))


@contextmanager
def _alone(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    """Hold the migration lock, on a connection of its own, so that it goes with the process whatever happens."""
    with psycopg.connect(connection_text(conninfo), autocommit=True) as connection:
        for step in ("be_patient", "wait_for_the_others", "make_schema"):
            connection.execute(_SQL[step])
        yield connection


def _address(conninfo: str) -> DatabaseURI:
    """Say the same address in yoyo's way.

    Everything goes in as libpq parameters and nothing as a URL: yoyo's URLs know neither sockets nor several hosts.
    """
    parameters = {
        name: value for name, value in conninfo_to_dict(connection_text(conninfo)).items() if value is not None
    }
    parameters["options"] = f"{parameters['options']} -c lock_timeout=0 -c statement_timeout=0"
    database = parameters.pop("dbname", None)
    return DatabaseURI("postgresql+psycopg", None, None, None, None, database, {**parameters, "schema": _SCHEMA})


class _Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]
    """yoyo's backend, with a migration and the note that it was applied in one transaction.

    yoyo writes the note in a second transaction; a process killed between the two would leave a migration that every
    later start applies again, and fails.
    """

    def apply_one(self, migration: Any, force: bool = False, mark: bool = True) -> None:
        self.ensure_internal_schema_updated()
        with self.transaction():
            migration.process_steps(self, "apply", force=force)
            self.log_migration(migration, "apply")
            if mark:
                self.mark_one(migration, log=False)

    def get_log_data(self, migration: Any = None, operation: str = "apply") -> dict[str, Any]:
        """Leave out whose account and which host it was: looking these up can fail in a container, or take long."""
        return {
            "id": str(uuid1()),
            "migration_id": migration.id if migration else None,
            "migration_hash": migration.hash if migration else None,
            "username": "",
            "hostname": "",
            "created_at_utc": datetime.now(UTC).replace(tzinfo=None),
            "operation": operation,
        }
