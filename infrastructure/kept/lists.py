"""Walks the lists of log lines from the newest place down: a superset of what a filter asks for, and little more."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.instants import RESOLUTION, end_of_day
from infrastructure.basis import Moment
from infrastructure.kept import log_keys as keys
from infrastructure.kept.asked import Asked
from infrastructure.kept.log_lines import BLOCK_BITS
from infrastructure.kept.reading import PageReading

_FIRST = datetime(1800, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)
_UTC = ZoneInfo("UTC")
_LARGEST = 2_000
_CAP, _FEW = 200, 1_000
_TWICE = 2
"""More places than rows are asked for: a line may be on a list several times."""

_CORRECTIONS = frozenset({"Correction"})


class Found(NamedTuple):
    """A place on a list, and the key of the change that it belongs to, if any."""

    place: int
    change: int | None


class _Lists:
    """The lists of some kinds of lines, and when these lines became known."""

    def __init__(self, reading: PageReading, asked: Asked, kinds: Sequence[int], until: datetime) -> None:
        self._reading = reading
        self._kinds = kinds
        self._since = asked.wanted.since or _FIRST
        self._until = until
        self._on = loosely(asked.on)
        self._bounded = asked.wanted.since is not None or until < _LAST
        self._abouts = _abouts(asked, kinds)
        wanted = asked.wanted
        masks = [keys.MASKS[kind] for kind in kinds]
        self._keys: dict[str, list[int]] = {}
        if wanted.device is not None:
            self._keys["device"] = [keys.device_key(wanted.device) ^ mask for mask in masks]
        if self._abouts:
            self._keys["about"] = self._abouts
        if wanted.actor is not None:
            self._keys["actor"] = [keys.actor_key(wanted.actor) ^ mask for mask in masks]
        if asked.location is not None:
            self._keys["location"] = [keys.location_key(asked.location) ^ mask for mask in masks]
        self._member = wanted.member if wanted.account is None and asked.location is None else None

    def walk(self, before: int, batch: int) -> Iterator[Found]:
        """Every place below one, the newest first."""
        for highest, lowest in self._stretches(before):
            name, listed = self._shortest(highest, lowest)
            place, size = highest, batch
            while True:
                rows = self._reading.listed(name, {**listed, "before": place, "lowest": lowest, "batch": size})
                yield from (Found(*row) for row in rows)
                if len(rows) < size:
                    break
                place, size = rows[-1][0], min(size * 2, _LARGEST)

    def _stretches(self, before: int) -> Iterator[tuple[int, int]]:
        """Where lines that became known in time can lie: from below one place down to another."""
        if not self._bounded:
            yield before, 0
            return
        asked = {"since": self._since, "until": self._until}
        for last, first in self._reading.rows("stretches", asked):
            highest = min(keys.place_of((last + 1) << BLOCK_BITS), before)
            lowest = keys.place_of(first << BLOCK_BITS)
            if lowest < highest:
                yield highest, lowest

    def _shortest(self, before: int, lowest: int) -> tuple[str, Mapping[str, Any]]:
        """The statement to walk by, and what it is asked: the list on which there is least."""
        times = {"since": self._since, "until": self._until, "on": self._on}
        if self._member is not None and not {"device", "actor"} & self._keys.keys():
            first, last = keys.member_range(self._member)
            found = {"first": first, "last": last, "kinds": self._kinds, "keys": _unheard(self._kinds)}
            return "places_by_member", {**times, **found, "actors": None, "devices": None}
        if not self._keys:
            return "places_by_kind", {**times, "keys": self._kinds}
        shortest, least = "", 0
        if len(self._keys) == 1:
            shortest = next(iter(self._keys))
        for name, listed in self._keys.items() if not shortest else ():
            asked = {"keys": listed, "before": before, "lowest": lowest, "cap": _CAP}
            reach = self._reading.listed(f"reach_of_{name}", asked)[0][0]
            if not shortest or reach < least:
                shortest, least = name, reach
            if reach < _FEW:
                break
        others = {f"{name}s": self._keys.get(name) for name in ("location", "actor", "device", "about")}
        del others[f"{shortest}s"]
        return f"places_by_{shortest}", {**times, **others, "keys": self._keys[shortest]}


def walk(reading: PageReading, asked: Asked, types: frozenset[str], before: int, batch: int) -> Iterator[Found]:
    """Places below one at which a line can be that is asked for, the newest first; some come twice.

    What holds by a time, and was not told late, was known by then: so those lines and the late ones, which are few, are
    walked apart when such a time is asked for.
    """
    chosen = types if asked.wanted.types is None else types & asked.wanted.types
    until = loosely(asked.known)
    if asked.wanted.until is not None:
        until = min(until, asked.wanted.until - RESOLUTION)
    if asked.on is None:
        yield from _Lists(reading, asked, keys.kinds_of(chosen), until).walk(before, batch * _TWICE)
        return
    timely = _Lists(reading, asked, keys.kinds_of(chosen, late=False), min(until, loosely(asked.on)))
    late = _Lists(reading, asked, keys.kinds_of(chosen, late=True), until)
    lists = (each.walk(before, batch * _TWICE) for each in (timely, late))
    yield from heapq.merge(*lists, key=lambda found: -found.place)


def loosely(moment: Moment) -> datetime:
    """The last instant that a moment stands for anywhere; a moment that was not named leaves everything in."""
    if moment is None:
        return _LAST
    return moment if isinstance(moment, datetime) else end_of_day(moment, _UTC) + timedelta(days=1)


def _abouts(asked: Asked, kinds: Sequence[int]) -> list[int]:
    """The lists of the account that is asked for, else of the member in the location; what is about anybody too."""
    wanted = asked.wanted
    if wanted.account is not None:
        named = [keys.account_key(wanted.account) ^ keys.MASKS[kind] for kind in kinds]
    elif wanted.member is not None and asked.location is not None:
        named = [keys.member_key(wanted.member, asked.location, kind) for kind in kinds]
    else:
        return []
    return named + _unheard(kinds)


def _unheard(kinds: Sequence[int]) -> list[int]:
    corrections = set(keys.kinds_of(_CORRECTIONS))
    return [keys.UNHEARD ^ keys.MASKS[kind] for kind in kinds if kind in corrections]
