"""The eventsourcing library: aggregates over its own PostgreSQL recorder, and a projection of them into a table.

Set up as documented: aggregates are cached, and a ProjectionRunner tells a tracking recorder, which keeps in a table of
our own what was so from when to when, with the indexes that the questions need.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any, LiteralString
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Composed

from tests.benchmarks.others.changes import Change
from tests.benchmarks.others.tool import Did, State

_TABLE: tuple[LiteralString, ...] = (
    (
        "CREATE TABLE IF NOT EXISTS periods (id bigserial PRIMARY KEY, location text, account text, since timestamptz,"
        " until timestamptz, role text, rights text[], active bool, actor text, device text)"
    ),
    "CREATE INDEX IF NOT EXISTS periods_at ON periods (location, since)",
    "CREATE INDEX IF NOT EXISTS periods_open ON periods (location, account) WHERE until IS NULL",
    "CREATE INDEX IF NOT EXISTS periods_device ON periods (device, id)",
)
_END = """
UPDATE periods SET until = %(at)s WHERE location = %(location)s AND account = %(account)s AND until IS NULL
"""
_BEGIN = """
INSERT INTO periods (location, account, since, role, rights, active, actor, device)
VALUES (%(location)s, %(account)s, %(at)s, %(role)s, %(rights)s, %(active)s, %(actor)s, %(device)s)
"""


class Access(Aggregate):
    """Role and rights of an account in a location."""

    class Begun(Aggregate.Created):
        """The first thing that the location heard of the account."""

        told: dict[str, Any]

    class Changed(Aggregate.Event):
        """What held from then on, who brought it about, and from which device."""

        told: dict[str, Any]

    @event(Begun)
    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told

    @event(Changed)
    def change(self, told: dict[str, Any]) -> None:
        """Another role, other rights, or an end."""
        self.told = told

    @staticmethod
    def create_id(told: dict[str, Any]) -> UUID:
        """The same id for the same account in the same location."""
        return uuid5(NAMESPACE_URL, f"/{told['location']}/{told['account']}")


class Accesses(Application[UUID]):
    """Saves changes."""

    name = "accesses"

    def save_change(self, change: Change) -> None:
        """One change of one aggregate."""
        told: dict[str, Any] = {
            "location": change.location,
            "account": change.account,
            "role": change.role,
            "rights": list(change.rights),
            "active": change.active,
            "actor": change.actor,
            "device": change.device["id"],
            "ip": change.device["ip"],
        }
        if change.first:
            access = Access(told)
        else:
            access = self.repository.get(Access.create_id(told))
            access.change(told)
        self.save(access)


class Periods(PostgresTrackingRecorder):
    """A table of what was so from when to when."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements += [Composed([SQL(statement)]) for statement in _TABLE]

    def tell(self, at: datetime, told: dict[str, Any], tracking: Tracking) -> None:
        """End the period before and begin another one, together with how far this has come."""
        named = {**told, "at": at}
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(_END, named, prepare=True)
            cursor.execute(_BEGIN, named, prepare=True)
            self._insert_tracking(cursor, tracking)

    def ask(self, statement: str, parameters: Sequence[object]) -> list[dict[str, Any]]:
        """The rows of a question."""
        with self.datastore.get_connection() as connection, connection.cursor() as cursor:
            return cursor.execute(statement, parameters, prepare=True).fetchall()


class AccessPeriods(Projection[Periods]):
    """Tells the table what was saved."""

    name = "periods"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Every event has the whole state."""
        self.view.tell(domain_event.timestamp, domain_event.told, tracking)


class Library:
    """The application, and the runner when it is time."""

    def __init__(self, database: str) -> None:
        parts = conninfo_to_dict(database)
        self._environment = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(parts["dbname"]),
            "POSTGRES_HOST": str(parts.get("host", "")),
            "POSTGRES_PORT": str(parts.get("port") or 5432),
            "POSTGRES_USER": str(parts.get("user", "")),
            "POSTGRES_PASSWORD": str(parts.get("password") or "none"),
            "AGGREGATE_CACHE_MAXSIZE": "100000",
        }
        self._application = Accesses(env=self._environment)
        self._asking = ExitStack()
        self._view: Periods | None = None

    def write(self, change: Change) -> None:
        """One save."""
        self._application.save_change(change)

    def leave(self) -> None:
        """Connections are the pool's."""

    def settle(self) -> None:
        """Run the projection until it has come to the last event, and stop it: nothing of it is in the next writes."""
        with self._runner() as runner:
            runner.wait(self._application.recorder.max_notification_id(), timeout=3_600)

    def moment(self) -> object:
        """The time of the last event."""
        recorder = self._application.recorder
        last = recorder.max_notification_id()
        assert last is not None
        (notification,) = recorder.select_notifications(start=last, limit=1)
        told: Any = self._application.mapper.to_domain_event(notification)
        return told.timestamp

    def state(self, location: str, moment: Any) -> State:
        """The periods that hold at that time."""
        rows = self._periods().ask(
            "SELECT account, role, rights FROM periods"
            " WHERE location = %s AND since <= %s AND (until IS NULL OR until > %s) AND active",
            (location, moment, moment),
        )
        return {row["account"]: (row["role"], frozenset(row["rights"])) for row in rows}

    def from_device(self, device: str) -> Sequence[Did]:
        """The periods that were begun from it."""
        rows = self._periods().ask(
            "SELECT actor, location, account FROM periods WHERE device = %s ORDER BY id", (device,)
        )
        return [(row["actor"], row["location"], row["account"]) for row in rows]

    def close(self) -> None:
        """Stop the runner and close the connections."""
        self._asking.close()
        self._application.close()

    def _runner(self) -> ProjectionRunner[Accesses, Periods]:
        return ProjectionRunner(
            application_class=Accesses, projection_class=AccessPeriods, view_class=Periods, env=self._environment
        )

    def _periods(self) -> Periods:
        if self._view is None:
            self._view = self._asking.enter_context(self._runner()).view
        return self._view
