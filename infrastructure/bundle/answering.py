"""What the books answer to the question of a bundle: every day at both clocks, differences, charges, reasons."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from domain.instants import end_of_day, read_instant
from infrastructure.books import Books, NotFoundError
from infrastructure.bundle.reading import Asked

Answer: TypeAlias = dict[str, Any]


def answered(books: Books, asked: Asked, now: datetime) -> Answer:
    """The whole of answers.json. NotFoundError when there is no such location."""
    dates = [asked.first + timedelta(days=number) for number in range(asked.days)]
    days = [_day(books, asked, each, now) for each in dates]
    place = books.seating(asked.location, asked.last, now).team.place
    return {
        "name": place.name if place is not None else asked.location,
        "days": days,
        "differences": list(_differences(books, asked, days, now)),
        "charges": _charges(books, asked, now),
    }


def _day(books: Books, asked: Asked, day: date, now: datetime) -> Answer:
    sides: Mapping[str, date | datetime] = {"then": day, "now": now}
    row: Answer = {"date": day.isoformat()}
    row |= {side: books.seats(asked.location, day, known) for side, known in sides.items()}
    if asked.seat is not None:
        row["explained"] = {side: _explained(books, asked, day, known) for side, known in sides.items()}
    return row


def _explained(books: Books, asked: Asked, day: date, known: date | datetime) -> Answer | None:
    assert asked.seat is not None
    with suppress(NotFoundError):
        return books.explanation(asked.location, asked.seat, day, known)
    return None


def _differences(books: Books, asked: Asked, days: Sequence[Answer], now: datetime) -> Iterator[Answer]:
    for first, last in _alike(days):
        day = date.fromisoformat(first)
        found = books.difference(asked.location, (day, day), (day, now))
        yield {"from": first, "to": last, "difference": found}


def _charges(books: Books, asked: Asked, now: datetime) -> list[Answer]:
    """What was billed on these days."""
    begins = end_of_day(asked.first - timedelta(days=1), books.zone(asked.location))
    rows = books.charges(asked.location, asked.last, now)["charges"]
    return [row for row in rows if read_instant(row["effective_at"]) > begins]


def _alike(days: Sequence[Answer]) -> Iterator[tuple[str, str]]:
    """The first and the last of days in a row that differ between both clocks in the same way."""
    begun: tuple[str, str] | None = None
    before: object = None
    for day in days:
        told = [_told(day["then"]), _told(day["now"])]
        differs = told[0] != told[1]
        if begun is not None and (not differs or told != before):
            yield begun
            begun = None
        if differs:
            begun = (begun[0] if begun is not None else day["date"], day["date"])
        before = told
    if begun is not None:
        yield begun


def _told(answer: Answer) -> list[object]:
    return [
        (seat["member"] or seat["account"], seat["billable"], [(r["code"], r.get("right")) for r in seat["reasons"]])
        for seat in answer["seats"]
    ]
