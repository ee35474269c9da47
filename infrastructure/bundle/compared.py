"""Where answers that were given differ from those that were counted: by day, by clock, by seat."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain import canonical
from domain.canonical import NotCanonicalError

_SIDES = {"then": "as known at its end", "now": "as known now"}


def complaints_of(counted: Mapping[str, Any], given: bytes) -> Iterator[str]:
    """Sentences about what is not the same; at least one, for the bytes are not."""
    try:
        answers = canonical.read(given)
    except NotCanonicalError as error:
        yield f"answers.json cannot be read: {error}."
        return
    if not isinstance(answers, dict):
        yield "answers.json is not an object."
        return
    found = list(_of_days(counted["days"], answers.get("days")))
    found += [
        f"answers.json says another thing about {what} than follows from the facts."
        for key, what in (("differences", "what differs and why"), ("charges", "the charges"), ("name", "the name"))
        if answers.get(key) != counted[key]
    ]
    yield from found or ["answers.json is not what follows from the facts: something was added, or written otherwise."]


def _of_days(counted: list[Any], given: Any) -> Iterator[str]:
    if not isinstance(given, list) or [_date(day) for day in given] != [day["date"] for day in counted]:
        yield "answers.json is not about the days that were asked for."
        return
    for ours, theirs in zip(counted, given, strict=True):
        for side, known in _SIDES.items():
            if theirs.get(side) != ours[side]:
                yield from _of_lists(f"{ours['date']}, {known}", ours[side], theirs.get(side))
        if theirs.get("explained") != ours.get("explained"):
            yield f"{ours['date']}: the reasons given for the seat are not those that follow from the facts."


def _of_lists(when: str, ours: Mapping[str, Any], theirs: Any) -> Iterator[str]:
    if not isinstance(theirs, dict):
        yield f"{when}: there is no list."
        return
    counts = [key for key in ("billable", "free", "available", "over", "terms") if ours[key] != theirs.get(key)]
    for key in counts:
        yield f"{when}: `{key}` is said to be {theirs.get(key)!r:.60}, and the facts make it {ours[key]!r}."
    mine, other = _by_name(ours["seats"]), _by_name(theirs.get("seats"))
    seats = [name for name in mine.keys() | other.keys() if mine.get(name) != other.get(name)]
    for name in sorted(seats):
        said, is_so = other.get(name), mine.get(name)
        if said is None or is_so is None:
            yield f"{when}: the seat {name} is {'left out' if said is None else 'made up'}."
        elif said.get("billable") != is_so["billable"]:
            yield f"{when}: the seat {name} is {'billable' if is_so['billable'] else 'free'} by the facts, not as said."
        else:
            yield f"{when}: the seat {name} is described otherwise than follows from the facts."
    if not counts and not seats:
        yield f"{when}: the answer is not the one that follows from the facts."


def _by_name(seats: Any) -> dict[str, Any]:
    rows = [seat for seat in seats if isinstance(seat, dict)] if isinstance(seats, list) else []
    return {str(seat.get("member") or seat.get("account"))[:128]: seat for seat in rows}


def _date(day: Any) -> Any:
    return day.get("date") if isinstance(day, dict) else None
