"""The box of a log: `key:value` words, and the parameters of the URL that say the same."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlencode

Pairs: TypeAlias = Sequence[tuple[str, str]]

KEYS = ("actor", "device", "account", "member", "type", "outcome", "ip", "right", "from", "to")
"""What can be asked, in the order in which the box says it."""

NEGATED = frozenset(KEYS) - {"from", "to", "outcome"}
"""What can be left out, by `-key:value` in the box and `not_key=value` in the URL."""

EVERYTHING = "limit=100"
"""A query that asks for all there is: without one somebody gets the view to begin with."""

BOX_LENGTH = 4_000
"""Characters of the box."""

_SEVERAL = frozenset({"type"})
_OTHER = {"done": "refused", "refused": "done"}
_KEPT = frozenset({"on", "known", "limit"})
_WORDS = 100
_SUGGESTED = 60


def read_box(text: str) -> list[tuple[str, str]]:
    """The parameters that the words of a box are. ValueError with a sentence for the first word that is none."""
    words = text.split()
    if len(words) > _WORDS:
        raise ValueError(f"These are {len(words)} words; at most {_WORDS} can be asked at once.")
    found: list[tuple[str, str]] = []
    for word in words:
        pair = _read_word(word)
        if pair[0] in KEYS and pair[0] not in _SEVERAL and any(pair[0] == key for key, _ in found):
            raise ValueError(f"`{pair[0]}:` comes twice; a log is asked for one, and any number can be left out.")
        found.append(pair)
    return found


def write_box(pairs: Iterable[tuple[str, str]]) -> str:
    """The words of a box that say what parameters ask; what is no filter is left away."""
    given = [(key, value) for key, value in pairs if value]
    asked = [f"{key}:{value}" for key in KEYS for name, value in given if name == key]
    left_out = [f"-{key}:{value}" for key in KEYS if key in NEGATED for name, value in given if name == f"not_{key}"]
    return " ".join([*asked, *left_out])


def filters_of(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters that filter."""
    return [(key, value) for key, value in pairs if value and _is_filter(key)]


def kept_of(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters that stay when a filter changes: both times, and how many rows."""
    return [(key, value) for key, value in pairs if key in _KEPT and value]


def narrowed(pairs: Pairs, key: str, value: str) -> str:
    """The query that also asks for a value, in the place of another of that key."""
    rest = [pair for pair in _without_page(pairs) if pair[0] != key and pair != (f"not_{key}", value)]
    return urlencode([*rest, (key, value)])


def excluded(pairs: Pairs, key: str, value: str) -> str:
    """The query that also leaves a value out."""
    rest = [pair for pair in _without_page(pairs) if pair not in {(key, value), (f"not_{key}", value)}]
    return urlencode([*rest, (f"not_{key}", value)])


def released(pairs: Pairs, key: str, value: str) -> str:
    """The query without one of its filters."""
    return urlencode([pair for pair in _without_page(pairs) if pair != (key, value)]) or EVERYTHING


def between(pairs: Pairs, first: str, last: str) -> str:
    """The query for some days."""
    rest = [pair for pair in _without_page(pairs) if pair[0] not in {"from", "to"}]
    return urlencode([*rest, ("from", first), ("to", last)])


def suggested(box: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Whole texts that the box may go on to: what it says, and one more word of what is on the page."""
    words: dict[str, None] = {}
    for row in rows:
        device, target = row["device"] or {}, row["target"] or {}
        found = [("actor", row["actor"]["id"]), ("type", row["type"]), ("device", device.get("id"))]
        found += [("ip", device.get("ip")), (str(target.get("kind")), target.get("id"))]
        words.update(dict.fromkeys(f"{key}:{value}" for key, value in found if value and key in KEYS))
    words.update(dict.fromkeys(f"{key}:" for key in KEYS))
    return [f"{box} {word}".strip() for word in list(words)[:_SUGGESTED]]


def _read_word(word: str) -> tuple[str, str]:
    negated = word.startswith("-")
    key, colon, value = word.removeprefix("-").partition(":")
    if not colon or key not in KEYS or not value:
        known = ", ".join(f"{each}:" for each in KEYS)
        raise ValueError(f"{word[:60]!r} is not understood; write key:value with one of {known}, and - to leave out.")
    if not negated:
        return key, value
    if key == "outcome" and value in _OTHER:
        return key, _OTHER[value]
    if key not in NEGATED:
        raise ValueError(f"{key}: cannot be left out; give the other days or the other outcome.")
    return f"not_{key}", value


def _is_filter(key: str) -> bool:
    return key in KEYS or (key.startswith("not_") and key[4:] in NEGATED)


def _without_page(pairs: Pairs) -> list[tuple[str, str]]:
    return [*filters_of(pairs), *kept_of(pairs)]
