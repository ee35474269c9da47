"""The ledger itself as a tool: facts appended as they are, or commands given, which are decided first."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from uuid import UUID

from domain.entries import Entry, Stamp
from domain.facts import read_fact
from infrastructure.devices import device_name
from infrastructure.kept.projector import Projector
from infrastructure.mapper import new_row
from infrastructure.store import NewRow, migrate
from infrastructure.wiring import application
from projections.filters import Filter
from projections.paging import Page
from tests.benchmarks.databases import sealed_store
from tests.benchmarks.others.changes import Change
from tests.benchmarks.others.tool import PAGE, State
from tests.benchmarks.people import Json

_LOADED_AT_ONCE = 500
_CHANGES = frozenset({"AccessGranted", "RoleChanged", "RightsEdited", "AccessRevoked"})


class Appended:
    """Facts through `Store.gather`, as the desk appends them, without a decision; what a model's save is like."""

    def __init__(self, database: str, writers: int) -> None:
        migrate(database)
        self.store = sealed_store(database, connections=writers + 4)
        self._application = application(self.store)
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._lock = Lock()

    def load(self, changes: Sequence[Change]) -> None:
        """The same facts, many in one append."""
        rows: list[NewRow] = []
        for change in changes:
            if change.location not in self._versions:
                rows.append(self._row(_opening(change)))
            rows.append(self._row(change.line))
            if len(rows) >= _LOADED_AT_ONCE:
                self.store.append(rows)
                rows = []
        if rows:
            self.store.append(rows)

    def write(self, change: Change) -> None:
        """The fact of the change; before the first of a location also that it opened."""
        rows = []
        with self._lock:
            if change.location not in self._versions:
                rows.append(self._row(_opening(change)))
            rows.append(self._row(change.line))
        self.store.gather(rows)

    def leave(self) -> None:
        """Connections are the pool's."""

    def settle(self) -> None:
        """Give positions, and bring forward what is kept."""
        Projector(self.store, self._application.catalogues).bring_forward(wait=True)

    def state(self, location: str, at: datetime) -> State:
        """Through the books; what every answer is made of has just that."""
        team = self._application.books().seating(location, at, at).team
        return {user.account: (user.role, frozenset(user.rights)) for user in team.users.values() if user.active}

    def shown(self, location: str, at: datetime) -> Sequence[Json]:
        """Through the books, as anybody asks: each right also with the fact since which it is held, and its class."""
        users: Sequence[Json] = self._application.books().access(location, at, at)["users"]
        return users

    def from_device(self, device: str) -> Sequence[Json]:
        """A page of the log of all locations: each change also in a sentence, with outcome, reason and position."""
        wanted = Filter(device=device, types=_CHANGES)
        rows: Sequence[Json] = self._application.books().log(None, wanted, page=Page(PAGE))["log"]
        return rows

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def _row(self, line: Json) -> NewRow:
        self._versions[line["location"]] += 1
        name = device_name(line["device"]["user_agent"])
        return new_row(Entry(read_fact(line), Stamp(device_name=name)), self._versions[line["location"]])


class Commanded(Appended):
    """The same changes as commands at the desk: authority, decision, idempotence, and then the append."""

    def settle(self) -> None:
        """Nobody asks this one."""

    def write(self, change: Change) -> None:
        """The command whose decision is that fact."""
        with self._lock:
            first = change.location not in self._versions
            self._versions[change.location] += 1
        if first:
            data = {"name": change.location, "time_zone": "Europe/Berlin"}
            self._submit(change, "open_location", data, _opening_id(change))
        self._submit(change, *_as_command(change), change.line["id"])

    def _submit(self, change: Change, name: str, data: Json, named: str) -> None:
        outcome = self._application.desk.submit(
            {
                "command": name,
                "location": change.location,
                "actor": {"kind": "api_key", "id": "key-front-desk", "on_behalf_of": change.actor},
                "device": dict(change.device),
                "id": named,
                "data": data,
            }
        )
        assert outcome.refusal is None, outcome.refusal


def _as_command(change: Change) -> tuple[str, Json]:
    data = change.line["data"]
    match change.line["type"]:
        case "AccessGranted":
            return "grant_access", {key: data[key] for key in ("account", "name", "role", "rights")}
        case "RoleChanged":
            return "change_role", {"account": change.account, "role": data["after"], "rights": data["rights_after"]}
        case "RightsEdited":
            return "edit_rights", {key: data[key] for key in ("account", "granted", "revoked")}
        case _:
            return "delete_user", {"account": change.account}


def _opening(change: Change) -> Json:
    data = {"name": change.location, "time_zone": "Europe/Berlin"}
    return {**change.line, "id": _opening_id(change), "type": "LocationOpened", "data": data}


def _opening_id(change: Change) -> str:
    return str(UUID(int=UUID(change.line["id"]).int ^ 1))
