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
from eventsourcing.postgres import PostgresFactory, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Composed

from tests.benchmarks.others.changes import Change
from tests.benchmarks.others.tool import PAGE, State, names_wanted, shown_change, shown_user, with_names
from tests.benchmarks.people import Json

_TABLE: tuple[LiteralString, ...] = (
    (
        "CREATE TABLE IF NOT EXISTS periods (id bigserial PRIMARY KEY, location text, account text, since timestamptz,"
        " until timestamptz, name text, role text, rights text[], active bool, actor text, device text, ip text,"
        " was_role text, was_rights text[], was_active bool)"
    ),
    "CREATE INDEX IF NOT EXISTS periods_at ON periods (location, since)",
    "CREATE INDEX IF NOT EXISTS periods_open ON periods (location, account) WHERE until IS NULL",
    "CREATE INDEX IF NOT EXISTS periods_device ON periods (device, id)",
)
_TELL = """
WITH ended AS (
    UPDATE periods SET until = %(at)s WHERE location = %(location)s AND account = %(account)s AND until IS NULL
    RETURNING role, rights, active
)
INSERT INTO periods
    (location, account, since, name, role, rights, active, actor, device, ip, was_role, was_rights, was_active)
SELECT %(location)s, %(account)s, %(at)s, %(name)s, %(role)s, %(rights)s, %(active)s, %(actor)s, %(device)s, %(ip)s,
    (SELECT role FROM ended), (SELECT rights FROM ended), (SELECT active FROM ended)
"""
_STATE = ("role", "rights", "active")
_HELD = " FROM periods WHERE location = %s AND since <= %s AND (until IS NULL OR until > %s) AND active"
_EVENTS = "COPY accesses_events (originator_id, originator_version, topic, state) FROM STDIN"
_LAST = "SELECT max(notification_id) AS last FROM accesses_events"
_PERIODS = """
COPY periods (location, account, since, until, name, role, rights, active, actor, device, ip,
    was_role, was_rights, was_active) FROM STDIN
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
        told = _told(change)
        if change.first:
            access = Access(told)
        else:
            access = self.repository.get(Access.create_id(told))
            access.change(told)
        self.save(access)

    def load_changes(self, changes: Sequence[Change], cursor: Any) -> None:
        """The events that `save_change` would have stored, at the times of the changes, by COPY."""
        accesses: dict[UUID, Access] = {}
        with cursor.copy(_EVENTS) as copy:
            for change in changes:
                told = _told(change)
                key = Access.create_id(told)
                if key in accesses:
                    accesses[key].change(told)
                else:
                    accesses[key] = Access(told)
                (made,) = accesses[key].collect_events()
                made.__dict__["timestamp"] = change.at
                stored = self.mapper.to_stored_event(made)
                copy.write_row((key, stored.originator_version, stored.topic, stored.state))
        for key, access in accesses.items():
            assert self.repository.cache is not None
            self.repository.cache.put(key, access)


def _told(change: Change) -> dict[str, Any]:
    return {
        "location": change.location,
        "account": change.account,
        "name": change.name,
        "role": change.role,
        "rights": list(change.rights),
        "active": change.active,
        "actor": change.actor,
        "device": change.device["id"],
        "ip": change.device["ip"],
    }


class Periods(PostgresTrackingRecorder):
    """A table of what was so from when to when."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements += [Composed([SQL(statement)]) for statement in _TABLE]

    def load(self, changes: Sequence[Change], application: Accesses) -> None:
        """The rows that `tell` would have left, and the events that it would have been told."""
        ends: dict[int, datetime] = {}
        before: list[Change | None] = []
        last: dict[tuple[str, str], int] = {}
        for number, change in enumerate(changes):
            place = change.location, change.account
            before.append(changes[last[place]] if place in last else None)
            if place in last:
                ends[last[place]] = change.at
            last[place] = number
        with self.datastore.transaction(commit=True) as cursor:
            application.load_changes(changes, cursor)
            with cursor.copy(_PERIODS) as copy:
                for number, (change, was) in enumerate(zip(changes, before, strict=True)):
                    state = (change.name, change.role, list(change.rights), change.active)
                    came = (change.actor, change.device["id"], change.device["ip"])
                    old = (was.role, list(was.rights), was.active) if was is not None else (None, None, None)
                    copy.write_row((change.location, change.account, change.at, ends.get(number), *state, *came, *old))
            found = cursor.execute(_LAST).fetchone()
            assert found is not None
            self._insert_tracking(cursor, Tracking(application.name, found["last"]))

    def tell(self, at: datetime, told: dict[str, Any], tracking: Tracking) -> None:
        """End the period before and begin another one, together with how far this has come."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(_TELL, {**told, "at": at}, prepare=True)
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

    def load(self, changes: Sequence[Change]) -> None:
        """Into the tables of both, and the projection knows how far it has come."""
        environment = Environment(AccessPeriods.name, self._environment)
        with PostgresFactory(environment) as factory:
            factory.tracking_recorder(Periods).load(changes, self._application)

    def write(self, change: Change) -> None:
        """One save."""
        self._application.save_change(change)

    def leave(self) -> None:
        """Connections are the pool's."""

    def settle(self) -> None:
        """Run the projection until it has come to the last event, and stop it: nothing of it is in the next writes."""
        with self._runner() as runner:
            runner.wait(self._application.recorder.max_notification_id(), timeout=3_600)

    def state(self, location: str, at: datetime) -> State:
        """The periods that hold at that time."""
        rows = self._periods().ask("SELECT account, role, rights" + _HELD, (location, at, at))
        return {row["account"]: (row["role"], frozenset(row["rights"])) for row in rows}

    def shown(self, location: str, at: datetime) -> Sequence[Json]:
        """The same, with the begin of the period."""
        rows = self._periods().ask("SELECT account, name, role, since, rights" + _HELD, (location, at, at))
        return [shown_user(*row.values()) for row in rows]

    def from_device(self, device: str) -> Sequence[Json]:
        """The periods that were begun from it, with what was before, which the projection put there."""
        found = self._periods().ask(
            "SELECT since, actor, location, account, ip, role, rights, active, was_role, was_rights, was_active"
            " FROM periods WHERE device = %s ORDER BY id DESC LIMIT %s",
            (device, PAGE),
        )
        rows = []
        for row in found:
            new = {name: row[name] for name in _STATE}
            was = {name: row[f"was_{name}"] for name in _STATE} if row["was_role"] is not None else None
            place, kept = (row["location"], row["account"]), {"id": device, "ip": row["ip"]}
            rows.append(shown_change(row["since"], row["actor"], place, kept, was, new))
        wanted = names_wanted(rows)
        columns = ([location for location, _ in wanted], [account for _, account in wanted])
        named = self._periods().ask(
            "SELECT location, account, name FROM periods JOIN unnest(%s::text[], %s::text[]) AS w (location, account)"
            " USING (location, account) WHERE until IS NULL",
            columns,
        )
        return with_names(rows, {(row["location"], row["account"]): row["name"] for row in named})

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
