"""Commands and questions in few words, over the real store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4

from domain.facts import written
from infrastructure.books import Books
from infrastructure.catalogues import shipped_catalogues
from infrastructure.desk import Desk, Outcome
from infrastructure.mapper import read_rows
from infrastructure.store import Store

Raw: TypeAlias = dict[str, Any]
KEY: Raw = {"kind": "api_key", "id": "key-1"}
OLGA: Raw = {"kind": "person", "id": "acc-olga"}
DEVICE: Raw = {"id": "dev-1", "ip": "198.51.100.7", "user_agent": "Studio/5.1"}


@dataclass
class Clock:
    """A clock that goes on by a second each time it is looked at."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, tzinfo=UTC))

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def a_desk(store: Store) -> Desk:
    return Desk(store, shipped_catalogues(), clock=Clock())


def command(what: str, location: str | None = "L1", /, *, actor: Mapping[str, str] = KEY, **data: Any) -> Raw:
    """A command with an id of its own."""
    raw: Raw = {"command": what, "id": str(uuid4()), "actor": dict(actor), "device": DEVICE, "data": data}
    return raw if location is None else {**raw, "location": location}


def done(desk: Desk, what: str, location: str | None = "L1", /, **data: Any) -> Outcome:
    """A command that has to be accepted."""
    outcome = desk.submit(command(what, location, **data))
    assert outcome.refusal is None, outcome.refusal
    return outcome


def opened(desk: Desk, *locations: str) -> None:
    """Locations with Olga as their owner and one member, Ann."""
    for location in locations:
        done(desk, "open_location", location, name="Studio", time_zone="Europe/Berlin")
        done(desk, "grant_access", location, account="acc-olga", role="owner", name="Olga")
        done(desk, "add_team_member", location, member="ann", name="Ann")


def books(store: Store) -> Books:
    """The books a long time after everything."""
    return Books(store, shipped_catalogues(), now=datetime(2030, 1, 1, tzinfo=UTC))


def stored(store: Store, location: str | None = None, *, after: int = 0) -> list[Raw]:
    """Every fact that is stored, of one location or of all."""
    entries, _ = read_rows(store.read_all(after, store.sequence(), location=location))
    return [written(entry.fact) for entry in entries]


def types(facts: list[Raw]) -> list[str]:
    return [fact["type"] for fact in facts]
