"""Two billing lists side by side, each difference with the smallest set of facts that makes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, TypeAlias

from domain import facts
from domain.evolution import team_of
from domain.ledger import Cut, Line
from domain.seating import Seat, Seating, newest_terms, seats_of
from projections.seats import reasons

Pair: TypeAlias = tuple[str | None, str | None]
Signature: TypeAlias = tuple[bool, frozenset[tuple[str, str | None]]] | None

TRIALS = 6_000
"""How many sets are tried for one seat before the answer says that a smaller one was not ruled out."""

_EVERYWHERE = (
    facts.SubscriptionPurchased
    | facts.SubscriptionRenewed
    | facts.TermsPublished
    | facts.CataloguePublished
    | facts.SeatsAdded
)


@dataclass
class _Step:
    """What one fact does between two cuts: the lines it brings in, the lines it takes out."""

    named: str
    brings: list[Line] = field(default_factory=list)
    takes: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    """One seat that is not the same on both sides, and the facts that make it so."""

    before: Seat | None
    after: Seat | None
    facts: tuple[str, ...]
    smallest: bool
    """Whether every smaller set was tried and ruled out."""


class TooNarrow(Exception):  # noqa: N818 - not an error: a way to say that all facts of the location have to be there
    """The facts about those who differ do not make the difference by themselves."""


def differences(one: Seating, other: Seating, *, whole: bool = True) -> list[Difference]:
    """Every seat that differs in being there, in being billable or in its reasons, in the order of the lists.

    The cuts need not be `whole`: the facts that bear on `concerned` people, and those that hold for everybody, are
    enough. TooNarrow in the rare case that they are not.
    """
    before, after = _by_key(one.seats), _by_key(other.seats)
    steps = _with_effects(_steps(one.cut, other.cut))
    found = []
    for key in _differing(before, after):
        named, smallest = _Search(one, other, key, steps, whole=whole).smallest()
        found.append(Difference(before.get(key), after.get(key), named, smallest))
    return found


def concerned(one: Seating, other: Seating) -> frozenset[str]:
    """The members and accounts whose facts can make a difference; nobody where there is none."""
    keys = _differing(_by_key(one.seats), _by_key(other.seats))
    own = {name for key in keys for name in key if name is not None}
    return frozenset(own | _competing(one, other)) if keys else frozenset()


def _differing(before: Mapping[Pair, Seat], after: Mapping[Pair, Seat]) -> list[Pair]:
    return [
        key for key in dict.fromkeys([*after, *before]) if _signature(before.get(key)) != _signature(after.get(key))
    ]


def _by_key(seats: Iterable[Seat]) -> dict[Pair, Seat]:
    """Rows by what they go by: the member, else the account; of the link only the verdict speaks."""
    return {(seat.member.id, None) if seat.member else (None, seat.id): seat for seat in seats}


def _signature(seat: Seat | None) -> Signature:
    if seat is None:
        return None
    return (seat.verdict.billable, frozenset((reason.code, reason.right) for reason in seat.verdict.reasons))


def _steps(one: Cut, other: Cut) -> list[_Step]:
    """What happened between two cuts, one step a fact, in the order of the fold.

    A fact left out on one side only is put down to what took it out, or to what undid that; a correction goes by the
    fact inside. The names are the same from the later list back to the earlier one.
    """
    if one.at.known > other.at.known:
        return [_Step(step.named, step.takes, step.brings) for step in _steps(other, one)]
    held, holds = {line.fact.id: line for line in one.lines}, {line.fact.id: line for line in other.lines}
    steps: dict[str, _Step] = {}
    out_before, out_after = one.left_out or {}, other.left_out or {}
    for name, line in holds.items():
        if name not in held:
            by = out_before.get(name)
            undone = out_after.get(by) if by is not None else None
            corrected = line.carrier is not None and line.known_at > one.at.known
            root = undone or (_root(line) if corrected else name)
            step = steps.setdefault(root, _Step(root))
            step.brings.append(line)
            if corrected and undone is None and not isinstance(line.fact.data, facts.Correction):
                step.named = name
    for name, line in held.items():
        if name not in holds:
            root = out_after.get(name) or name
            steps.setdefault(root, _Step(root)).takes.append(line)
    return list(steps.values())


def _with_effects(steps: list[_Step]) -> list[_Step]:
    """These steps, each taking out with a fact what it caused, as a correction of that fact would."""
    caused: dict[str, list[Line]] = {}
    for step in steps:
        for line in step.takes:
            if line.fact.caused_by is not None:
                caused.setdefault(line.fact.caused_by, []).append(line)
    for step in steps:
        taken = {line.fact.id for line in step.takes}
        for line in step.takes:  # grows while it is gone through: an effect may have effects
            effects = [effect for effect in caused.get(line.fact.id, ()) if effect.fact.id not in taken]
            taken |= {effect.fact.id for effect in effects}
            step.takes += effects
    return steps


def _root(line: Line) -> str:
    while line.carrier is not None:
        line = line.carrier
    return line.fact.id


class _Search:
    """The search for the smallest set of steps that turns one side's seat into the other's."""

    def __init__(self, one: Seating, other: Seating, key: Pair, steps: Sequence[_Step], *, whole: bool) -> None:
        """Narrow both sides to what can concern the seat; where that is not enough, to nothing."""
        self._key = key
        self._cut = replace(other.cut, at=replace(other.cut.at, on=max(one.cut.at.on, other.cut.at.on)))
        names = _concerned(key, one, other)
        self._base = [line for line in one.cut.lines if _concerns(line, names)]
        self._steps = [step for step in steps if _any(step.takes, names) or _any(step.brings, names)]
        self._goal = _signature(_by_key(other.seats).get(key))
        self._tried = 0
        if self._outcome(self._steps) != self._goal:
            if not whole:
                raise TooNarrow
            self._base, self._steps = list(one.cut.lines), list(steps)
            self._goal = self._outcome(self._steps)

    def smallest(self) -> tuple[tuple[str, ...], bool]:
        """The names of the steps, and whether no smaller set is left untried."""
        found = self._without_surplus(list(self._steps))
        for size in range(1, len(found) + 1):
            for some in combinations(self._steps, size):
                if self._tried >= TRIALS:
                    return _names(found), False
                if self._outcome(some) == self._goal:
                    # Of sets of one size the earliest: what caused something comes before what it caused.
                    return _names(some), True
        return _names(found), True

    def _without_surplus(self, steps: list[_Step]) -> list[_Step]:
        """Drop halves, then quarters, then single steps, as long as the outcome stays."""
        size = max(1, len(steps) // 2)
        while True:
            start = 0
            while start < len(steps):
                rest = steps[:start] + steps[start + size :]
                if self._outcome(rest) == self._goal:
                    steps = rest
                else:
                    start += size
            if size == 1:
                return steps
            size = max(1, size // 2)

    def _outcome(self, steps: Iterable[_Step]) -> Signature:
        self._tried += 1
        taken = {line.fact.id for step in steps for line in step.takes}
        brought = [line for step in steps for line in step.brings]
        lines = [line for line in self._base if line.fact.id not in taken]
        if brought:
            lines = sorted([*lines, *brought], key=lambda line: line.order)
        cut = replace(self._cut, lines=tuple(lines))
        team = team_of(line.fact for line in lines)
        period = team.subscriptions.at(cut.at.on)
        terms = period.terms if period is not None else newest_terms(cut)
        return _signature(_by_key(seats_of(team, cut, terms)).get(self._key))


def _names(steps: Iterable[_Step]) -> tuple[str, ...]:
    return tuple(step.named for step in steps)


def _concerned(key: Pair, one: Seating, other: Seating) -> frozenset[str]:
    """The members and accounts that can matter to a seat: its own, those ever linked to it, competing owners."""
    found = {name for name in key if name is not None} | _competing(one, other)
    for line in (*one.cut.lines, *other.cut.lines):
        pair = _pair(line)
        if None not in pair and found & set(pair):
            found |= {name for name in pair if name is not None}
    return frozenset(found)


def _competing(one: Seating, other: Seating) -> set[str]:
    """Who is the free owner on one side may have had to wait for another owner of the other side to go."""
    if "client_interaction" not in {one.terms, other.terms}:
        return set()
    return {user.account for seating in (one, other) for user in seating.team.owners()}


def _pair(line: Line) -> Pair:
    data = line.fact.data
    if isinstance(data, facts.UserLinked | facts.UserInvited):
        return (data.member, data.account)
    return (None, None)


def _concerns(line: Line, names: frozenset[str]) -> bool:
    data = line.fact.data
    if isinstance(data, _EVERYWHERE):
        return True
    return getattr(data, "member", None) in names or getattr(data, "account", None) in names


def _any(lines: Iterable[Line], names: frozenset[str]) -> bool:
    return any(_concerns(line, names) for line in lines)


def both_sides(found: Difference) -> dict[str, Any]:
    """Whose seat it is, billable or not and why on each side; None where there is no such row (answers.md, `diff`)."""
    seat = found.after if found.after is not None else found.before
    assert seat is not None
    return {
        "member": seat.member.id if seat.member is not None else None,
        "account": seat.user.account if seat.user is not None else None,
        "name": seat.name,
        "before": _side(found.before),
        "after": _side(found.after),
    }


def _side(seat: Seat | None) -> dict[str, Any] | None:
    if seat is None:
        return None
    return {"billable": seat.verdict.billable, "reasons": reasons(seat.verdict.reasons)}


def summary(one: Seating, other: Seating) -> Mapping[str, Any]:
    """The counts of both sides, to stand above the differences."""
    return {"before": _counts(one), "after": _counts(other)}


def _counts(seating: Seating) -> dict[str, Any]:
    billable = sum(seat.verdict.billable for seat in seating.seats)
    period = seating.period
    return {
        "terms": seating.terms,
        "subscription": period.subscription if period is not None else None,
        "available": period.available if period is not None else 0,
        "billable": billable,
        "free": len(seating.seats) - billable,
    }
