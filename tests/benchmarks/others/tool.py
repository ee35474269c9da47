"""What a tool that keeps history is asked: to write a change, who could do what at a date, and who did what."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from infrastructure.catalogues import shipped_catalogues
from tests.benchmarks.others.changes import Change
from tests.benchmarks.people import Json

PAGE = 50
"""Rows of a page, the newest ones."""

_CATALOGUE = shipped_catalogues()[max(shipped_catalogues())]
_RIGHTS: Mapping[str, Json] = {
    slug: {"right": slug, "name": right.name, "section": right.section, "kind": right.kind}
    for slug, right in _CATALOGUE.rights.items()
}
"""What an application knows of its rights, in the order in which they are shown."""

State: TypeAlias = Mapping[str, tuple[str, frozenset[str]]]
"""Role and rights of everybody of a location who has access, by account."""


class Tool(Protocol):
    """One tool over one database; its methods are called by several threads."""

    def load(self, changes: Sequence[Change]) -> None:
        """Bring in a history of before, each change at the time at which it was recorded; called once, at first."""

    def write(self, change: Change) -> None:
        """Store one change durably, with who made it and from which device, in a transaction of its own."""

    def leave(self) -> None:
        """Called by a thread that writes no more."""

    def settle(self) -> None:
        """Do what has to be done before questions are answered, where that is not part of the write."""

    def state(self, location: str, at: datetime) -> State:
        """Role and rights of everybody in a location at an instant, and no more than that."""

    def shown(self, location: str, at: datetime) -> Sequence[Json]:
        """The same as it is shown: everybody with name, role, since when, and each right with its name and section."""

    def from_device(self, device: str) -> Sequence[Json]:
        """The newest page of what was changed from a device: when, by whom, of whom, with names, old and new."""

    def close(self) -> None:
        """Let go of the database."""


def shown_user(account: str, name: str | None, role: str, since: datetime, rights: Iterable[str]) -> Json:
    """A user as a page shows one; what other tools keep does not say since when each right is held."""
    held = set(rights)
    return {
        "account": account,
        "name": name or account,
        "role": role,
        "since": since.isoformat(),
        "rights": [right for slug, right in _RIGHTS.items() if slug in held],
    }


def shown_change(at: datetime, actor: str, place: tuple[str, str], device: Json, was: Json | None, new: Json) -> Json:
    """A change as a page shows one: old and new of what differs. `place` is the location and the account."""
    old: Json = was if was is not None else {"role": None, "rights": (), "active": False}
    granted, revoked = set(new["rights"]) - set(old["rights"]), set(old["rights"]) - set(new["rights"])
    return {
        "recorded_at": at.isoformat(),
        "location": place[0],
        "actor": {"id": actor, "name": actor},
        "target": {"id": place[1], "name": place[1]},
        "device": device,
        "before": {name: old[name] for name in ("role", "active") if old[name] != new[name]},
        "after": {name: new[name] for name in ("role", "active") if old[name] != new[name]},
        "granted": sorted(granted),
        "revoked": sorted(revoked),
    }


def names_wanted(rows: Iterable[Json]) -> set[tuple[str, str]]:
    """The locations and accounts of which the rows of a page name somebody."""
    return {(row["location"], row[who]["id"]) for row in rows for who in ("actor", "target")}


def with_names(rows: Sequence[Json], names: Mapping[tuple[str, str], str | None]) -> Sequence[Json]:
    """The rows with what people are called."""
    for row in rows:
        for who in ("actor", "target"):
            row[who]["name"] = names.get((row["location"], row[who]["id"])) or row[who]["id"]
    return rows
