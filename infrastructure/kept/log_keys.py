"""Keys of the lists of log lines: 64 bits of a hash, the same in every process and for ever."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b

from domain.facts import FACT_TYPES, OBSERVATIONS

DEPTH_BITS = 4
"""Corrections are nested eight deep; a place is a position and a depth."""

LATE = 1
"""The last bit of a kind: whether the fact holds from before it was known. Such lines are few, and have own lists."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_WHOSE_BITS, _MEMBER_BITS = 24, 40
_CACHED = 1 << 18


def _hash(*parts: str) -> int:
    """64 bits, as PostgreSQL's bigint has them."""
    return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest(), "big", signed=True)


def _kind(name: str) -> int:
    return (int.from_bytes(blake2b(name.encode(), digest_size=2).digest(), "big") & 0x3FFF) << 1


KINDS: Mapping[str, int] = {name: _kind(name) for name in FACT_TYPES}
"""The kind of each type of fact. Two of the same number would not be told apart; a test sees to it that none are."""

MASKS: Mapping[int, int] = {kind | late: kind | late for kind in KINDS.values() for late in (0, LATE)}
"""What a kind does to the key of a location, an actor, a device, an account: the list of both.

Only the last bits are touched, so that all lists of a location lie side by side, and a page of every kind is looked for
in few places of an index.
"""


def kinds_of(types: Iterable[str], *, late: bool | None = None) -> list[int]:
    """The kinds of some types: of lines that are late, of those that are not, or of both."""
    chosen = (0, LATE) if late is None else (LATE,) if late else (0,)
    return [KINDS[name] | bit for name in sorted(types) for bit in chosen]


DECIDING = frozenset(FACT_TYPES) - OBSERVATIONS
"""The types that a history tells."""


@lru_cache(_CACHED)
def location_key(location: str | None) -> int:
    """The key of a location, before its kind goes in; of what belongs to none as well."""
    return _hash("nowhere") if location is None else _hash("location", location)


@lru_cache(_CACHED)
def actor_key(actor: str) -> int:
    """The key of who acted, or on whose behalf."""
    return _hash("actor", actor)


@lru_cache(_CACHED)
def device_key(device: str) -> int:
    """The key of a device."""
    return _hash("device", device)


@lru_cache(_CACHED)
def account_key(account: str) -> int:
    """The key of an account that a line is about."""
    return _hash("account", account)


UNHEARD = _hash("unheard")
"""Instead of an account: a line about a fact that had not come when the line did. It may be about anybody."""


@lru_cache(_CACHED)
def _some_bits(word: str, text: str) -> int:
    return _hash(word, text) & ((1 << _WHOSE_BITS) - 1)


def member_key(member: str, location: str | None, kind: int) -> int:
    """The key of a member whom a line of that kind is about: member, location and kind, one after the other."""
    whose = (_some_bits("member", member) << _MEMBER_BITS) - (1 << 63)
    return whose | _some_bits("whose", location or "") << (_MEMBER_BITS - _WHOSE_BITS) | kind


def member_range(member: str) -> tuple[int, int]:
    """The first and the last key of a member's id, whichever the location."""
    first = (_some_bits("member", member) << _MEMBER_BITS) - (1 << 63)
    return first, first + (1 << _MEMBER_BITS) - 1


def change_key(location: str | None, change: str, actor_kind: str, actor: str, recorded_at: datetime) -> int:
    """The key of a change."""
    return _hash("change", location or "", change, actor_kind, actor, str(microseconds(recorded_at)))


def microseconds(instant: datetime) -> int:
    """An instant as PostgreSQL counts it."""
    passed = instant - _EPOCH  # one division of intervals takes longer than all of this
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def place_of(position: int, depth: int = 0) -> int:
    """Where a line lies: a position, and how deep inside its entry."""
    return (position << DEPTH_BITS) | depth


def position_of(place: int) -> int:
    """The position of a place."""
    return place >> DEPTH_BITS
