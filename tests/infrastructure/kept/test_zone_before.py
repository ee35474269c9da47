"""What a date stands for is looked up by the zone that the location had before, and believed only if it is so still."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from infrastructure.books import Books
from infrastructure.kept.kept import Kept, Place
from infrastructure.kept.projector import Projector
from infrastructure.store import Store
from infrastructure.store.connections import Connections
from tests.infrastructure.kept.telling import CATALOGUES, tell

DAY = date(2025, 3, 10)
ZONES = {"early": "Pacific/Auckland", "late": "America/Los_Angeles"}
BILLABLE = {"early": 0, "late": 1}
"""Who was put on the schedule at noon UTC: when the day was over in the one place and had just begun in the other."""


def facts_of(location: str) -> list[dict[str, Any]]:
    """A location whose one member is put on the schedule."""
    told = (
        ("LocationOpened", "2025-01-01T00:00:00Z", {"name": location, "time_zone": ZONES[location]}),
        ("TeamMemberAdded", "2025-01-01T00:00:00Z", {"member": "sana", "name": "Sana"}),
        ("AddedToSchedule", "2025-03-10T12:00:00Z", {"member": "sana"}),
    )
    return [
        {
            "id": str(uuid5(NAMESPACE_URL, f"{location} {number}")),
            "type": kind,
            "location": location,
            "recorded_at": at,
            "effective_at": at,
            "actor": {"kind": "person", "id": "acc-olga"},
            "change": f"{location}-{number}",
            "data": data,
        }
        for number, (kind, at, data) in enumerate(told)
    ]


@pytest.fixture
def books(store: Store) -> Books:
    """Books of both locations, by what is kept of them."""
    tell(store, [fact for location in ZONES for fact in facts_of(location)])
    Projector(store, CATALOGUES).bring_forward()
    return Books(store, CATALOGUES, kept=Kept(store, CATALOGUES))


def asked(books: Books, locations: Sequence[str]) -> list[int]:
    """How many were billable that day, one location after the other."""
    return [books.seats(location, DAY, DAY)["billable"] for location in locations]


def right(locations: Sequence[str]) -> list[int]:
    """What is to come out."""
    return [BILLABLE[location] for location in locations]


ORDERS = (["early", "late", "early", "late"], ["late", "early", "early", "late"])


@pytest.mark.parametrize("order", ORDERS)
def test_a_day_ends_when_it_ended_in_that_place(books: Books, order: list[str]) -> None:
    assert asked(books, order) == right(order)


def test_a_build_that_believes_the_zone_of_before_is_noticed(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = Kept.place

    def believing(kept: Kept, location: str, *rest: Any) -> Place | None:
        before = kept.zone_before(location)
        place = look_up(kept, location, *rest)
        return replace(place, zone=before) if place is not None else None

    monkeypatch.setattr(Kept, "place", believing)
    assert asked(books, ["early", "late"]) != right(["early", "late"])


def test_a_date_takes_no_question_of_its_own_where_the_zone_is_known(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, statements = Connections.read, list[bytes]()

    def noted(connections: Connections, statement: bytes, *rest: Any, **more: Any) -> list[Any]:
        statements.append(statement)
        return read(connections, statement, *rest, **more)

    def questions(location: str) -> int:
        statements.clear()
        asked(books, [location])
        return len(statements)

    monkeypatch.setattr(Connections, "read", noted)
    asked(books, ["early"])
    unknown, known = questions("late"), questions("late")
    assert known < unknown
    assert known == questions("early")
