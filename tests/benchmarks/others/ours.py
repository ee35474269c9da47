"""The ledger itself as a tool: facts appended as they are, or commands given, which are decided first."""

from collections import defaultdict
from collections.abc import Sequence
from threading import Lock
from typing import Any
from uuid import UUID

from domain.entries import Entry, Stamp
from domain.facts import read_fact
from domain.instants import read_instant
from infrastructure.devices import device_name
from infrastructure.kept.projector import Projector
from infrastructure.mapper import new_row
from infrastructure.store import NewRow, Store, migrate
from infrastructure.wiring import application
from projections.filters import Filter
from tests.benchmarks.others.changes import Change
from tests.benchmarks.others.tool import Did, State
from tests.benchmarks.people import Json

_CHANGES = frozenset({"AccessGranted", "RoleChanged", "RightsEdited", "AccessRevoked"})


class Appended:
    """Facts through `Store.gather`, as the desk appends them, without a decision; what a model's save is like."""

    def __init__(self, database: str, writers: int) -> None:
        migrate(database)
        self.store = Store(database, connections=writers + 4)
        self._application = application(self.store)
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._last: str | None = None
        self._lock = Lock()

    def write(self, change: Change) -> None:
        """The fact of the change; before the first of a location also that it opened."""
        rows = []
        with self._lock:
            if change.location not in self._versions:
                rows.append(self._row(_opening(change)))
            rows.append(self._row(change.line))
            self._last = max(self._last or "", change.recorded_at)
        self.store.gather(rows)

    def leave(self) -> None:
        """Connections are the pool's."""

    def settle(self) -> None:
        """Give positions, and bring forward what is kept."""
        Projector(self.store, self._application.catalogues).bring_forward(wait=True)

    def moment(self) -> object:
        """The instant in which the last change was recorded."""
        assert self._last is not None
        return read_instant(self._last)

    def state(self, location: str, moment: Any) -> State:
        """Through the books, as anybody asks."""
        users = self._application.books().access(location, moment, moment)["users"]
        return {
            user["account"]: (user["role"], frozenset(right["right"] for right in user["rights"])) for user in users
        }

    def from_device(self, device: str) -> Sequence[Did]:
        """Through the log of all locations."""
        rows = self._application.books().log(None, Filter(device=device, types=_CHANGES))["log"]
        return [(row["actor"]["id"], row["location"], row["target"]["id"]) for row in rows]

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def _row(self, line: Json) -> NewRow:
        self._versions[line["location"]] += 1
        name = device_name(line["device"]["user_agent"])
        return new_row(Entry(read_fact(line), Stamp(device_name=name)), self._versions[line["location"]])


class Commanded(Appended):
    """The same changes as commands at the desk: authority, decision, idempotence, and then the append."""

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
