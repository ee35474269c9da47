"""Walks the lists of log lines from the newest place down: a superset of what a filter asks for, and little more.

What holds by a time, and was not told late, was known by then: so where such a time is asked for, the lines that are
late, which are few, are walked apart, and of the others only what was known by then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from domain.instants import RESOLUTION, end_of_day
from infrastructure.basis import Moment
from infrastructure.kept import log_keys as keys
from infrastructure.kept.asked import Asked
from infrastructure.kept.log_lines import BLOCK_BITS
from infrastructure.kept.reading import PageReading

_UTC = ZoneInfo("UTC")
_LAST = datetime(9999, 1, 1, tzinfo=UTC)
_LARGEST = 4_000
_FEW, _MANY = 500, 30_000
_TWICE = 2
"""More places than positions are asked for: a line may be on a list several times."""

_STRETCHES = 3
"""As many pieces of the ledger are looked through apart as it takes a moment; those that lie near go together."""

_LISTS = ("about", "device", "location", "actor")
"""In the order in which they are counted, none further than those before it: of equals the first is meant."""

_CORRECTIONS = frozenset({"Correction"})

Stretch: TypeAlias = tuple[int, int]
"""From below one place down to another."""


def walk(reading: PageReading, asked: Asked, types: frozenset[str], before: int, batch: int) -> Iterator[int]:
    """Positions below a place at which a line can be that is asked for, each once, the newest first.

    So many are fetched at first, later more.
    """
    lists = _Lists(reading, asked, asked.wanted.among(types))
    last: int | None = None
    for place in lists.walk(before, batch * _TWICE):
        position = keys.position_of(place)
        if position != last:
            yield position
        last = position


class _Lists:
    """The lists of some types of lines, and when these lines became known."""

    def __init__(self, reading: PageReading, asked: Asked, types: frozenset[str]) -> None:
        self._reading = reading
        self._asked = asked
        self._on = loosely(asked.on) if asked.on is not None else None
        self._timely = keys.kinds_of(types, late=False if self._on is not None else None)
        self._late = keys.kinds_of(types, late=True) if self._on is not None else []
        self._since = asked.wanted.since
        self._until = _earlier(
            loosely(asked.known) if asked.known is not None else None,
            asked.wanted.until - RESOLUTION if asked.wanted.until is not None else None,
        )

    def walk(self, before: int, batch: int) -> Iterator[int]:
        """Every place below one, the newest first."""
        timely_known = _earlier(self._until, self._on)
        timely, late = self._stretches((timely_known, self._until), before)
        highest = max((ends for ends, _ in (*timely, *late)), default=0)
        lowest = min((begins for _, begins in (*timely, *late)), default=0)
        if highest <= lowest:
            return
        name, listed = self._shortest(highest, lowest)
        times = {"since": self._since, "timely_known": timely_known, "late_known": self._until, "on": self._on}
        place, size = highest, batch
        while True:
            looked = {**_below("timely", timely, place), **_below("late", late, place)}
            bounds = {"before": place, "lowest": lowest, "batch": size}
            rows = self._reading.listed(name, {**listed, **times, **looked, **bounds})
            yield from (found for (found,) in rows)
            if len(rows) < size:
                return
            place, size = rows[-1][0], min(size * 2, _LARGEST)

    def _stretches(self, untils: Sequence[datetime | None], before: int) -> Iterator[list[Stretch]]:
        """For each time the stretches in which lines can lie that became known by then, the newest first."""
        if self._since is None and untils == (None, None):
            yield from ([(before, 0)], [(before, 0)])
            return
        found: tuple[list[Stretch], ...] = tuple([] for _ in untils)
        for nth, last, first in self._reading.rows("stretches", {"since": self._since, "untils": list(untils)}):
            ends, begins = min(keys.place_of((last + 1) << BLOCK_BITS), before), keys.place_of(first << BLOCK_BITS)
            if begins < ends:
                found[nth - 1].append((ends, begins))
        yield from map(_together, found)

    def _shortest(self, before: int, lowest: int) -> tuple[str, Mapping[str, Any]]:
        """The statement to walk by, and the lists: those on which there is least, and what else must be on a line."""
        wanted = self._asked.wanted
        timely, late = self._keys(self._timely), self._keys(self._late)
        given = [name for name in _LISTS if name in timely]
        if wanted.member is not None and not given:
            return "places_by_member", self._of_member(wanted.member)
        others: dict[str, list[int] | None] = dict.fromkeys(f"{name}s" for name in _LISTS)
        if not given:
            return "places_by_kind", {**others, "timely": self._timely, "late": self._late}
        every = {name: [*timely[name], *late.get(name, ())] for name in given}
        shortest = self._least(every, before, lowest) if len(given) > 1 else given[0]
        others.update({f"{name}s": listed for name, listed in every.items() if name != shortest})
        return f"places_by_{shortest}", {**others, "timely": timely[shortest], "late": late.get(shortest, [])}

    def _keys(self, kinds: Sequence[int]) -> Mapping[str, list[int]]:
        """The lists of lines of some kinds: by what is asked for."""
        wanted, location = self._asked.wanted, self._asked.location
        masks = [keys.MASKS[kind] for kind in kinds]
        found: dict[str, list[int]] = {}
        if location is not None:
            found["location"] = [keys.location_key(location) ^ mask for mask in masks]
        if wanted.actor is not None:
            found["actor"] = [keys.actor_key(wanted.actor) ^ mask for mask in masks]
        if wanted.device is not None:
            found["device"] = [keys.device_key(wanted.device) ^ mask for mask in masks]
        if wanted.account is not None:
            found["about"] = [keys.account_key(wanted.account) ^ mask for mask in masks] + _unheard(kinds)
        elif wanted.member is not None and location is not None:
            named = [keys.member_key(wanted.member, location, kind) for kind in kinds]
            found["about"] = named + _unheard(kinds)
        return found

    def _least(self, every: Mapping[str, list[int]], before: int, lowest: int) -> str:
        """The lists on which there is least between two places."""
        counts: Mapping[str, int] = {}
        for cap in (_FEW, _MANY):
            listed = {name: every.get(name, []) for name in _LISTS}
            asked = {**listed, "before": before, "lowest": lowest, "cap": cap}
            counts = dict(zip(_LISTS, self._reading.listed("reaches", asked)[0], strict=True))
            if min(counts[name] for name in every) < cap:
                break
        return min(every, key=counts.__getitem__)

    def _of_member(self, member: str) -> Mapping[str, Any]:
        """A member's lists in any location."""
        first, last = keys.member_range(member)
        kinds = [*self._timely, *self._late]
        return {"first": first, "last": last, "kinds": kinds, "keys": _unheard(kinds)}


def loosely(moment: Moment) -> datetime:
    """The last instant that a moment stands for anywhere; a moment that was not named leaves everything in."""
    if moment is None:
        return _LAST
    return moment if isinstance(moment, datetime) else end_of_day(moment, _UTC) + timedelta(days=1)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier one of two times of which none, one or both are given."""
    return one if other is None else other if one is None else min(one, other)


def _together(stretches: Sequence[Stretch]) -> list[Stretch]:
    """A few stretches instead of many: what lies nearest goes together."""
    gaps = [before[1] - after[0] for before, after in pairwise(stretches)]
    apart = sorted(sorted(range(len(gaps)), key=gaps.__getitem__)[-(_STRETCHES - 1) :])
    ends = [0, *(gap + 1 for gap in apart), len(stretches)]
    return [(stretches[first][0], stretches[last - 1][1]) for first, last in pairwise(ends) if first < last]


def _below(name: str, stretches: Iterable[Stretch], place: int) -> Mapping[str, list[int]]:
    """What is left of stretches below a place, as two columns."""
    left = [(min(ends, place), begins) for ends, begins in stretches if begins < place]
    return {f"{name}_to": [ends for ends, _ in left], f"{name}_from": [begins for _, begins in left]}


def _unheard(kinds: Sequence[int]) -> list[int]:
    corrections = set(keys.kinds_of(_CORRECTIONS))
    return [keys.UNHEARD ^ keys.MASKS[kind] for kind in kinds if kind in corrections]
