"""The values of one part over time: each from the fact that made it so to the next."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from projections.parts import Part

Order: TypeAlias = tuple[datetime, int]
"""Where a fact folds: by its effective instant, then by its position."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the effective axis over which a part stays the same; `until` is not in it, None is for ever."""

    key: str
    since: datetime
    until: datetime | None
    part: Part


@dataclass
class Timeline:
    """One part. It is rewritten from some fact on until it is as it was, and can be read as it was meanwhile."""

    _orders: list[Order] = field(default_factory=list)
    _parts: list[Part | None] = field(default_factory=list)
    _rewritten_from: Order | None = None
    _fresh: list[tuple[Order, Part | None]] = field(default_factory=list)
    _now: Part | None = None

    @property
    def rewriting(self) -> bool:
        """Whether it differs, at the fact that is told, from what it was."""
        return self._rewritten_from is not None

    def before(self, order: Order) -> Part | None:
        """The part as it is now told, before a fact."""
        return self._now if self.rewriting else self._was(bisect_left(self._orders, order))

    def after(self, order: Order) -> Part | None:
        """The part as it was after a fact, or where that fact would be."""
        return self._was(bisect_right(self._orders, order))

    def _was(self, place: int) -> Part | None:
        return self._parts[place - 1] if place else None

    def told(self, order: Order, part: Part | None) -> bool:
        """Say what the part is after a fact; whether that begins to differ from what it was."""
        same = part == self.after(order)
        begins = not same and not self.rewriting
        if begins:
            self._rewritten_from, self._now = order, self._was(bisect_left(self._orders, order))
        if self.rewriting:
            if part != self._now:
                self._fresh.append((order, part))
                self._now = part
            if same:
                self._splice(bisect_right(self._orders, order))
        return begins

    def settle(self) -> None:
        """Everything is told: what differs, differs for ever."""
        if self.rewriting:
            self._splice(len(self._orders))

    def _splice(self, end: int) -> None:
        assert self._rewritten_from is not None
        start = bisect_left(self._orders, self._rewritten_from)
        self._orders[start:end] = [order for order, _ in self._fresh]
        self._parts[start:end] = [part for _, part in self._fresh]
        self._rewritten_from, self._fresh = None, []

    def spans(self, key: str, first: datetime) -> Iterator[Span]:
        """The spans that end at that instant or after it. Facts of one instant are one step."""
        place = bisect_left(self._orders, (first, 0))
        begins = self._begins(place)
        part = self._was(place)
        while place < len(self._orders):
            instant = self._orders[place][0]
            while place + 1 < len(self._orders) and self._orders[place + 1][0] == instant:
                place += 1
            then = self._parts[place]
            place += 1
            if then != part:
                if part is not None and begins is not None:
                    yield Span(key, begins, instant, part)
                begins, part = instant, then
        if part is not None and begins is not None:
            yield Span(key, begins, None, part)

    def _begins(self, place: int) -> datetime | None:
        """Since when the part before a place has been what it is: facts of one instant may have come back to it."""
        part = self._was(place)
        begins: datetime | None = None
        while place:
            instant = self._orders[place - 1][0]
            if self._parts[place - 1] != part:
                return begins
            while place and self._orders[place - 1][0] == instant:
                place -= 1
            begins = instant
        return begins
