"""What can be done by whoever lies in the answers, and by the operator, who signs what suits."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from domain import canonical
from infrastructure.bundle import layout
from infrastructure.bundle.archive import pack
from infrastructure.bundle.layout import PLACE
from infrastructure.bundle.reading import written_inclusion, written_lines
from tests.infrastructure.bundle.mutating import Mutation, Spoil
from tests.infrastructure.bundle.operating import Files, Operator, Row, altered, finished, lines, with_manifest


def _in_answers(change: Callable[[dict[str, Any], Random], bool]) -> Spoil:
    def spoil(_: Operator, files: Files, chance: Random) -> bytes | None:
        answers = canonical.read(files[layout.ANSWERS])
        if not change(answers, chance):
            return None
        return pack(with_manifest({**files, layout.ANSWERS: canonical.write(answers) + b"\n"}))

    return spoil


def _any_side(answers: dict[str, Any], chance: Random) -> dict[str, Any]:
    side: dict[str, Any] = chance.choice(answers["days"])[chance.choice(("then", "now"))]
    return side


def _count(answers: dict[str, Any], chance: Random) -> bool:
    side = _any_side(answers, chance)
    side[chance.choice(("billable", "free", "over"))] += 1
    return True


def _verdict(answers: dict[str, Any], chance: Random) -> bool:
    seats = _any_side(answers, chance)["seats"]
    if seats:
        seat = chance.choice(seats)
        seat["billable"] = not seat["billable"]
    return bool(seats)


def _because(answers: dict[str, Any], chance: Random) -> bool:
    seats = _any_side(answers, chance)["seats"]
    if seats:
        reason = chance.choice(seats)["reasons"][0]
        reason["because"] = ["00000000-0000-4000-8000-000000000000"]
    return bool(seats)


def _seat_gone(answers: dict[str, Any], chance: Random) -> bool:
    seats = _any_side(answers, chance)["seats"]
    if seats:
        del seats[chance.randrange(len(seats))]
    return bool(seats)


def _sides_swapped(answers: dict[str, Any], chance: Random) -> bool:
    day = chance.choice(answers["days"])
    day["then"], day["now"] = day["now"], day["then"]
    return bool(day["then"] != day["now"])


def _days_swapped(answers: dict[str, Any], chance: Random) -> bool:
    one, other = chance.sample(answers["days"], 2)
    one["then"], other["then"] = other["then"], one["then"]
    return True


def _differences_gone(answers: dict[str, Any], _chance: Random) -> bool:
    there = bool(answers["differences"])
    answers["differences"] = []
    return there


def _something_added(answers: dict[str, Any], chance: Random) -> bool:
    _any_side(answers, chance)["remark"] = "agreed"
    return True


def _other_days(operator: Operator, files: Files, _chance: Random) -> bytes:
    """Another question than the one that was asked: a day less."""
    asked = replace(operator.asked, last=operator.asked.last - timedelta(days=1))
    return operator.bundle(files, asked)


def _known_before(operator: Operator, files: Files, _chance: Random) -> bytes:
    """Another question: now is said to be a year ago."""
    return operator.bundle(files, replace(operator.asked, known=operator.at - timedelta(days=365)))


def _another_seat(operator: Operator, files: Files, _chance: Random) -> bytes:
    seat = "max" if operator.asked.seat is None else None
    return operator.bundle(files, replace(operator.asked, seat=seat))


def _asked_later(operator: Operator, files: Files, _chance: Random) -> bytes:
    """Said to be asked a day later than it was."""
    return pack(finished(files, operator.asked, operator.export, operator.at + timedelta(days=1)))


_LIE = frozenset({"answers"})
OF_ANSWERS = (
    Mutation("a count", _LIE, _in_answers(_count)),
    Mutation("a verdict", _LIE, _in_answers(_verdict)),
    Mutation("a reason", _LIE, _in_answers(_because)),
    Mutation("a seat gone", _LIE, _in_answers(_seat_gone)),
    Mutation("then and now swapped", _LIE, _in_answers(_sides_swapped)),
    Mutation("two days swapped", _LIE, _in_answers(_days_swapped)),
    Mutation("differences gone", _LIE, _in_answers(_differences_gone)),
    Mutation("something added", _LIE, _in_answers(_something_added)),
    Mutation("other days", frozenset({"export"}), _other_days),
    Mutation("another now", frozenset({"export"}), _known_before),
    Mutation("another seat", frozenset({"export"}), _another_seat),
    Mutation("asked later", frozenset({"manifest"}), _asked_later),
)


def _older(tree: Callable[[Operator], str]) -> Spoil:
    """The head before the last, with all that belongs to it: everything that came since is not there."""

    def spoil(operator: Operator, _files: Files, _chance: Random) -> bytes | None:
        name = tree(operator)
        if len(operator.heads.get(name, ())) < 2:
            return None
        return operator.bundle(operator.files(older=frozenset({name})))

    return spoil


def _signed(lie: Callable[[Operator, Random], Callable[[list[Row]], list[Row]] | None]) -> Spoil:
    """A log that was signed with a lie in it from the start."""

    def spoil(operator: Operator, _files: Files, chance: Random) -> bytes | None:
        said = lie(operator, chance)
        return None if said is None else Operator(operator.seed, operator.size, lie=said).bundle()

    return spoil


def _mine(operator: Operator, rows: Sequence[Row]) -> list[int]:
    return [at for at, row in enumerate(rows) if row.tree == f"location:{operator.location}" and row.decides]


def _backdated(operator: Operator, chance: Random) -> Callable[[list[Row]], list[Row]]:
    """A fact that came after the earlier checkpoint says that it was recorded long before."""
    number = chance.random()

    def lie(rows: list[Row]) -> list[Row]:
        mine = _mine(operator, rows)
        late = mine[len(mine) // 2 + 1 :]
        at = late[int(number * len(late))]

        def change(content: dict[str, Any]) -> None:
            content["recorded_at"] = "2001-02-03T04:05:06Z"

        return [*rows[:at], altered(rows[at], change), *rows[at + 1 :]]

    return lie


def _observed(operator: Operator, chance: Random) -> Callable[[list[Row]], list[Row]]:
    """The export itself is signed as a fact that decides."""
    del chance

    def lie(rows: list[Row]) -> list[Row]:
        return [replace(row, decides=True) if operator.export.encode() in row.body else row for row in rows]

    return lie


def _unreadable(operator: Operator, chance: Random) -> Callable[[list[Row]], list[Row]]:
    """A fact is signed that no program can read: what it would have said is nobody's guess."""
    number = chance.random()

    def lie(rows: list[Row]) -> list[Row]:
        mine = _mine(operator, rows)[1:]
        at = mine[int(number * len(mine))]
        return [*rows[:at], altered(rows[at], lambda content: content.update(type="Nothing")), *rows[at + 1 :]]

    return lie


def _inclusion_of_another(operator: Operator, files: Files, _chance: Random) -> bytes:
    """The head is shown at another place of the log."""
    first, *rest = lines(files[PLACE.inclusion])
    index = int(first) + 1
    spoilt = written_inclusion(index, ()) + written_lines(tuple(rest))
    return operator.bundle({**files, PLACE.inclusion: spoilt})


OF_OPERATORS = (
    Mutation("an older head", frozenset({"newest"}), _older(lambda operator: f"location:{operator.location}")),
    Mutation("an older head of the terms", frozenset({"terms_newest"}), _older(lambda _: "terms")),
    Mutation("a fact back-dated", frozenset({"dates"}), _signed(_backdated)),
    Mutation("an observation that decides", frozenset({"kinds"}), _signed(_observed)),
    Mutation("a fact that nobody can read", frozenset({"readable"}), _signed(_unreadable)),
    Mutation("another place in the log", frozenset({"head"}), _inclusion_of_another),
)
