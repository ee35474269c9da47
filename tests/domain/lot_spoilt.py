"""Facts and stored rows spoilt by a seeded lot, and whether two ways to read them say the same of each."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, TypeAlias

from domain import canonical
from domain.entries import Commanded, Entry, Imported, Stamp, to_bytes
from domain.facts import InvalidFactError, read_fact
from domain.instants import read_instant
from tests.domain.every_type import EVERY, ID

Raw: TypeAlias = dict[str, Any]
Stored: TypeAlias = tuple[bytes, bytes | None]

_TEXTS = [
    *("", "x", "x" * 129, "x" * 301, "x" * 4001, "a b", "\ud800", "\u00e9\U0001f600", "\n", "a\n", 'a"b\\', "\x00"),
    *("person", "system", "void", "late", "replace", "Correction", "SignedIn", "TermsPublished", "Europe/Nowhere"),
    *(ID, "22222222-2222-4222-8222-222222222222", "AAAAAAAA-1111-4111-8111-111111111111", ID.replace("-", "")),
    *("2026-03-10T10:00:00Z", "2026-03-10t10:00:00z", "2026-03-10T10:00:00.5+02:00", "2026-03-10T10:00:00+24:00"),
    *("2026-02-30T10:00:00Z", "1850-03-10T10:00:00Z", "9999-03-10T10:00:00Z", "2026-W11-2T10:00:00Z"),
    *("2026-03-10 10:00:00Z", "2026-03-10T10:00:00.000000Z", "2026-03-10T24:00:00Z", "2026-03-10T10:00:60Z"),
    *("2026-03-10", "2026-3-10", "20260310", "0001-01-01", "\uff12026-03-10", "-1.50", "EURO"),
]
_NUMBERS = [0, -1, 3, 1.0, 1.5, -0.0, 10**6 + 1, 2**53 - 1, 2**53, 2**70, 1e300, True, False, None]


def _nested(levels: int) -> Any:
    return {"a": _nested(levels - 1)} if levels else 1


ANYTHING: list[Any] = [
    *_TEXTS,
    *_NUMBERS,
    *([], [1], ["x"], [[]], ["a"] * 2000, ["a"] * 2001, {}, {"x": 1}, {"\ud800": 1}, {"\U0001f600": 1}, {"a": [2**60]}),
    *({"b": 1, "a": 2}, {"a": 1.5}, {"a": 1.0}, {"a": "\u2028\x00\x7f"}, _nested(8), _nested(9), {"a b": 1}),
    *({str(number): number for number in range(count)} for count in (500, 501)),
]
_KEYS = (
    "x",
    "fact",
    "reason",
    "data",
    "device",
    "ip",
    "user_agent",
    "from_",
    "from",
    "\ud800",
    "stamp",
    "form",
    "type",
)
_PIECES = ('"', "\\u00e9", "\\u0041", ",", "}", "{", " ", "0", "1.0", "1e5", "-", "\\ud800", "\x01", "\u00e9", "NaN")
_TWICE = ('"id":"x",', '"account":"acc-ann",', '"type":"SignedIn",', '"ip":"1",', '"x":1,"x":2,', '"form":1,', " ")
_WHOLE_NUMBERS = ("1.0", "1", "1e0", "01", "-0", "9007199254740993", "9007199254740991", "1" + "0" * 400, "1E400")
_APART: tuple[bytes, ...] = (
    b"",
    b"[]",
    b"{}",
    b"null",
    b'{"hat":1e400}',
    b'{"hat":1}',
    b'{"data":{}}',
    b'{"device":{}}',
    b'{"fact":{}}',
)
_APART += (b'{"reason":null}', b'{"device":null}', b'{"device":{"ip":null}}', b'{"data":{"name":"A","name":"B"}}')

STAMPS = [
    Stamp(),
    Stamp(device_name="Safari on iPhone", imported=Imported(at=read_instant("2026-01-01T00:00:00Z"), by="olga")),
    Stamp(command=Commanded(id=ID, sha256="0" * 64), device_name='\u00e9"'),
    Stamp(device_name="Firefox", vouched_by="key:0a1b2c"),
]


def stored_rows() -> list[Stored]:
    """Every type of fact with every kind of stamp, as bytes."""
    return [to_bytes(Entry(read_fact(raw), stamp)) for raw in EVERY for stamp in STAMPS]


def spoilt_facts(seed: int, count: int) -> Iterator[Any]:
    """Facts as JSON content, each with one to three things changed, added or taken away."""
    lot = Random(seed)
    return (_spoilt(lot, lot.choice(EVERY)) for _ in range(count))


def spoilt_rows(seed: int, count: int) -> Iterator[Stored]:
    """Stored rows of which the body, the personal part or both are spoilt, as JSON or as text."""
    lot = Random(seed)
    rows = stored_rows()
    for _ in range(count):
        body, personal = lot.choice(rows)
        which = lot.random()
        if personal is None or which < 0.6:
            body = _spoilt_bytes(lot, body)
        if personal is not None and which > 0.4:
            personal = _spoilt_bytes(lot, personal)
        if lot.random() < 0.05:
            personal = lot.choice([*_APART, lot.choice(rows)[1]])
        yield body, personal


def spoilt_lines(seed: int, count: int) -> Iterator[bytes]:
    """Lines of fact files that were in the one written form before they were spoilt, as JSON or as text."""
    lot = Random(seed)
    whole = [canonical.write(raw) for raw in EVERY]
    return (_spoilt_bytes(lot, lot.choice(whole)) for _ in range(count))


def disagreements(one: Callable[..., Any], other: Callable[..., Any], given: Iterable[tuple[Any, ...]]) -> list[str]:
    """What two ways of reading do not say alike: the same value, or a refusal of the same field for the same reason."""
    found = []
    for arguments in given:
        says, hears = _outcome(one, arguments), _outcome(other, arguments)
        if says != hears:
            found.append(f"{arguments!r}\n  {says}\n  {hears}")
    return found


def _outcome(read: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
    try:
        return repr(read(*arguments))
    except InvalidFactError as error:
        return f"refused: {error.field}: {error.reason}"


def _spoilt(lot: Random, content: Any) -> Any:
    for _ in range(lot.choice((1, 1, 1, 2, 3))):
        if not isinstance(content, dict):
            break
        path = lot.choice(sorted(set(_paths(content)), key=repr))
        if lot.random() < 0.15:
            content = _without(content, path)
        elif lot.random() < 0.3:
            content = _put(content, (*path, lot.choice(_KEYS)), lot.choice(ANYTHING))
        else:
            content = _put(content, path, lot.choice(ANYTHING))
    return content


def _spoilt_bytes(lot: Random, whole: bytes) -> bytes:
    text = whole.decode()
    place = lot.randrange(len(text))
    how = lot.random()
    if how < 0.4:
        keys = {"sort_keys": lot.random() < 0.7, "ensure_ascii": lot.random() < 0.3}
        gaps = lot.choice([(",", ":"), (",", ":"), (", ", ": ")])
        text = json.dumps(_spoilt(lot, canonical.read(whole)), separators=gaps, **keys)  # type: ignore[arg-type]
    elif how < 0.6:
        place = lot.choice([match.end() for match in re.finditer("{", text)])
        text = text[:place] + lot.choice(_TWICE) + text[place:]
    elif how < 0.8:
        text = text[:place] + lot.choice(_PIECES) + text[place + lot.choice((0, 1)) :]
    elif numbers := list(re.finditer(r"(?<=[:\[,])\d+(?=[,}\]])", text)):
        number = lot.choice(numbers)
        text = text[: number.start()] + lot.choice(_WHOLE_NUMBERS) + text[number.end() :]
    else:
        text += lot.choice((" ", "\n", "x", "{}"))
    return text.encode("utf-8", "surrogatepass")


def _paths(content: Any) -> Iterator[tuple[Any, ...]]:
    yield ()
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in items:
        yield from ((key, *path) for path in _paths(value))


def _put(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(content, list) and isinstance(path[0], int):
        return [_put(old, path[1:], value) if place == path[0] else old for place, old in enumerate(content)]
    if isinstance(content, dict):
        return {**content, path[0]: _put(content.get(path[0], {}), path[1:], value)}
    return value


def _without(content: Any, path: tuple[Any, ...]) -> Any:
    if isinstance(content, dict) and len(path) == 1:
        return {key: value for key, value in content.items() if key != path[0]}
    if isinstance(content, dict) and path:
        return {**content, path[0]: _without(content[path[0]], path[1:])}
    return content
