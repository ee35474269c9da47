"""A strand: facts of a location that can bear on each other, told one entry after the other, kept on both axes."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from domain import facts
from domain.evolution import evolve
from domain.facts.reading import ERASURES
from domain.ledger import Line
from projections.affairs import Affairs
from projections.parts import (
    PLACE,
    SUBSCRIPTIONS,
    MemberPart,
    Part,
    UserPart,
    member_key,
    part_of,
    team_of_parts,
    user_key,
)
from projections.timeline import Order, Span, Timeline

# A type is looked up in a set: asked for one class after the other, it took a tenth of a fold.
_FOLD_TO_NOTHING = frozenset(
    {
        facts.Correction,
        facts.DismissalCancelled,
        facts.RenewalFailed,
        facts.SeatsCharged,
        *(facts.FACT_TYPES[name] for name in facts.OBSERVATIONS | ERASURES),
    }
)
_COMING_BACK = frozenset({facts.TeamMemberAdded, facts.TeamMemberRestored})
_LINKING = frozenset({facts.UserLinked, facts.UserInvited})
_OF_NOBODY = {
    facts.SubscriptionPurchased: SUBSCRIPTIONS,
    facts.SubscriptionRenewed: SUBSCRIPTIONS,
    facts.SeatsAdded: SUBSCRIPTIONS,
    facts.LocationOpened: PLACE,
    facts.LocationJoinedChain: PLACE,
    facts.LocationLeftChain: PLACE,
}
"""The one part on which facts bear that name no person."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one more entry does to what is known."""

    closed: tuple[Span, ...] = ()
    """Spans that hold no more from its position on."""

    opened: tuple[Span, ...] = ()
    turned: Mapping[str, Line] = field(default_factory=dict)
    """Facts that count otherwise than before, or for another reason."""


@dataclass
class Strand:
    """The fold of one strand, so that a late fact folds again only what comes of it.

    A fact is applied to the parts that it names and those linked to them, and to no others: `evolve` looks at no more.
    After a change the later facts on a part are applied again until the part is as it was.
    """

    affairs: Affairs = field(default_factory=Affairs)
    spans: dict[str, list[Span]] = field(default_factory=dict)
    """By key the spans as they are known now, in effective order."""

    _timelines: dict[str, Timeline] = field(default_factory=dict)
    _touched: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By fact the keys of the parts it was applied to."""

    _on_key: dict[str, list[Line]] = field(default_factory=dict)
    """The same by key, in the order in which they fold."""

    _ever_linked: dict[str, set[str]] = field(default_factory=dict)
    """By member the accounts that were ever said to be linked to it."""

    def tell(self, lines: Sequence[Line]) -> Change:
        """Hear the lines of one entry (or of many at once: then only what is known at the end is told apart)."""
        turned = self.affairs.tell(lines)
        coming = {line.fact.id: line for line in lines if type(line.fact.data) not in _FOLD_TO_NOTHING}
        if turned:
            coming |= {name: line for name, line in turned.items() if type(line.fact.data) not in _FOLD_TO_NOTHING}
        todo: dict[Order, Line] = {}
        going: set[str] = set()
        again: dict[str, Line] = {}
        for name, line in coming.items():
            left_out = name in self.affairs.left_out
            if left_out and name in self._touched:
                going.add(name)
            if left_out != (name in self._touched):
                continue  # not there and left out, or there and counting
            todo[line.order] = line
            if type(line.fact.data) in _LINKING:
                again.update((other.fact.id, other) for other in self._linked_anew(line))
        if not todo:
            return Change(turned=turned)
        first = min(todo)[0]
        for line in again.values():
            todo[line.order] = line
        changed = self._sweep(todo, going, again.keys())
        closed, opened = self._compared(changed, first)
        return Change(tuple(closed), tuple(opened), turned)

    def _linked_anew(self, line: Line) -> Iterable[Line]:
        """If a fact links a user whom a member never had: the facts that bring the member back, for they look at it."""
        data = line.fact.data
        assert isinstance(data, facts.UserLinked | facts.UserInvited)
        if data.member is None:
            return []
        linked = self._ever_linked.setdefault(data.member, set())
        if data.account in linked:
            return []
        linked.add(data.account)
        lines = self._on_key.get(member_key(data.member), ())
        return [other for other in lines if type(other.fact.data) in _COMING_BACK]

    def _sweep(self, todo: dict[Order, Line], going: Collection[str], again: Collection[str]) -> Iterable[str]:
        """Put lines in and take lines out, in order, and apply again what comes after; the keys of changed parts."""
        queue = sorted(todo)
        changed: dict[str, None] = {}
        while queue:
            order = heappop(queue)
            line = todo.pop(order)
            name = line.fact.id
            before = self._touched.get(name, ())
            if name in going:
                values = {key: self._timeline(key).before(order) for key in before}
                keys: tuple[str, ...] = ()
            elif before and name not in again and not any(self._timelines[key].rewriting for key in before):
                continue
            else:
                values = self._applied(line)
                keys = tuple(values)
                values.update((key, self._timeline(key).before(order)) for key in before if key not in values)
            self._touch(line, before, keys)
            for key, part in values.items():
                if self._timeline(key).told(order, part):
                    changed[key] = None
                    later = self._on_key.get(key, ())
                    for other in later[bisect_right(later, order, key=_order) :]:
                        if other.order not in todo:
                            todo[other.order] = other
                            heappush(queue, other.order)
        for key in changed:
            self._timelines[key].settle()
        return changed

    def _applied(self, line: Line) -> dict[str, Part | None]:
        """The parts that a fact is applied to, as they are after it."""
        found: dict[str, Part | None] = {}
        wanted = self._named(line)
        while wanted:
            key = wanted.pop()
            if key in found:
                continue
            found[key] = part = self._timeline(key).before(line.order)
            match part:
                case MemberPart(_, account) if account is not None:
                    wanted.append(user_key(account))
                case UserPart(_, member) if member is not None:
                    wanted.append(member_key(member))
                case _:
                    pass
        team = team_of_parts(part for part in found.values() if part is not None)
        after = evolve(team, line.fact)
        return {key: part_of(after, key) for key in found} if after is not team else found

    def _named(self, line: Line) -> list[str]:
        data = line.fact.data
        alone = _OF_NOBODY.get(type(data))
        if alone is not None:
            return [alone]
        member, account = getattr(data, "member", None), getattr(data, "account", None)
        named = [member_key(member)] if member is not None else []
        if account is not None:
            named.append(user_key(account))
        if type(data) in _COMING_BACK and member in self._ever_linked:
            # Users whose last link ended with the member are looked at again.
            named += [user_key(linked) for linked in sorted(self._ever_linked[member])]
        return named

    def _timeline(self, key: str) -> Timeline:
        found = self._timelines.get(key)
        if found is None:
            found = self._timelines[key] = Timeline()
        return found

    def _touch(self, line: Line, before: Sequence[str], keys: tuple[str, ...]) -> None:
        """Note to which parts a fact was applied."""
        for key in before:
            if key not in keys:
                on_key = self._on_key[key]
                del on_key[bisect_left(on_key, line.order, key=_order)]
        for key in keys:
            if key not in before:
                insort(self._on_key.setdefault(key, []), line, key=_order)
        if keys:
            self._touched[line.fact.id] = keys
        else:
            self._touched.pop(line.fact.id, None)

    def _compared(self, changed: Iterable[str], first: datetime) -> tuple[list[Span], list[Span]]:
        """The spans of changed parts that are closed and opened, from an instant on."""
        closed: list[Span] = []
        opened: list[Span] = []
        for key in changed:
            spans = self.spans.setdefault(key, [])
            kept = bisect_left(spans, True, key=lambda span: span.until is None or span.until >= first)
            old, new = spans[kept:], list(self._timelines[key].spans(key, first))
            before = {span.since: span for span in old}
            after = {span.since: span for span in new}
            closed += [span for span in old if after.get(span.since) != span]
            opened += [span for span in new if before.get(span.since) != span]
            spans[kept:] = new
        return closed, opened


def _order(line: Line) -> Order:
    return line.order
