"""A bill replayed: the counts of a location day by day, and for each change the facts that made it."""

from collections.abc import Iterator
from datetime import date, timedelta

from infrastructure.basis import Answer, Moment
from infrastructure.books import Books

MOST_DAYS = 366
"""Days of one replay."""


def replay(books: Books, location: str, first: date, last: date, known: Moment = None) -> Answer:
    """The counts at the end of each day of the location's calendar, from the first day to the last, both included.

    A day whose list differs from that of the day before says how, with the facts that make the difference
    (answers.md, `diff`). ValueError when the days are none or too many; NotFoundError when there is no such location.
    """
    if last < first:
        raise ValueError("The last day lies before the first; give them the other way round.")
    if (last - first).days >= MOST_DAYS:
        raise ValueError(f"That is more than {MOST_DAYS} days; ask for fewer at a time.")
    rows = list(_days(books, location, first, last, known))
    basis = books.difference(location, (first, known), (last, known))
    return {
        "location": location,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "known": basis["other"]["known"],
        "position": books.position,
        "seat_days": sum(row["billable"] for row in rows),
        "days": rows,
    }


def _days(books: Books, location: str, first: date, last: date, known: Moment) -> Iterator[Answer]:
    before: Answer | None = None
    earlier = first
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        answer = books.seats(location, day, known)
        row = {
            "date": day.isoformat(),
            "on": answer["on"],
            **{key: answer[key] for key in ("terms", "available", "billable", "free", "over")},
            "changes": [],
        }
        if before is not None and _told(before) != _told(answer):
            found = books.difference(location, (earlier, known), (day, known))
            row["changes"] = found["differences"]
        yield row
        before, earlier = answer, day


def _told(answer: Answer) -> list[object]:
    """What of a list is the same as long as nobody's verdict changes."""
    return [
        (seat["member"], seat["account"], seat["billable"], [(r["code"], r.get("right")) for r in seat["reasons"]])
        for seat in answer["seats"]
    ]
