"""One value of a bundle's JSON replaced by any other, of any kind: what a reader takes for granted is not there."""

from collections.abc import Iterator
from random import Random
from typing import Any

from domain import canonical
from domain.evidence.leaves import fact_leaf, read_fact_leaf
from infrastructure.bundle import layout
from infrastructure.bundle.archive import pack
from infrastructure.bundle.layout import PLACE, TERMS, TreeNames
from infrastructure.bundle.reading import written_lines
from tests.infrastructure.bundle.mutating import Mutation, Spoil
from tests.infrastructure.bundle.operating import Files, Operator, lines, with_manifest

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, 2**53 - 1),
    *("", "x", "2026-01-01", "9998-12-31", "2026-01-01T00:00:00Z", "A" * 200, "\u2028\u202e"),
    *([], {}, [1], [None], [[]], {"a": 1}, {"type": "Correction"}),
    "00000000-0000-4000-8000-000000000000",
)


def _spoilt(content: Any, chance: Random) -> Any:
    """The content with one value replaced, or taken out."""
    path = chance.choice(list(_paths(content)))
    return _put(content, path, chance.choice(VALUES), gone=chance.random() < 0.1)


def _paths(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inside = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in inside:
        yield from _paths(value, (*path, key))


def _put(content: Any, path: tuple[Any, ...], value: Any, *, gone: bool) -> Any:
    if not path:
        return value
    first, *rest = path
    spoilt = dict(content) if isinstance(content, dict) else list(content)
    if gone and not rest:
        del spoilt[first]
    else:
        spoilt[first] = _put(content[first], tuple(rest), value, gone=gone)
    return spoilt


def _value_in(name: str, end: bytes = b"\n") -> Spoil:
    """A value of a file that is one JSON text."""

    def spoil(_: Operator, files: Files, chance: Random) -> bytes | None:
        content = canonical.read(files[name])
        changed_content = _spoilt(content, chance)
        spoilt = canonical.write(changed_content) + end
        if spoilt == files[name] or (name == layout.OPENED and _only_less(changed_content, content)):
            return None
        changed = {**files, name: spoilt}
        return pack(changed if name == layout.MANIFEST else with_manifest(changed))

    return spoil


def _only_less(changed: Any, content: list[Any]) -> bool:
    """What is not opened reads as erased: to pass on less is nobody's lie."""
    return isinstance(changed, list) and all(row in content for row in changed)


def _value_in_a_line(names: TreeNames, name: str, *, leaves: bool = False) -> Spoil:
    """A value of a file of one JSON text a line; with the leaf that it makes then, or without."""

    def spoil(_: Operator, files: Files, chance: Random) -> bytes | None:
        found = lines(files[name])
        at = chance.choice([number for number, line in enumerate(found) if line])
        found[at] = canonical.write(_spoilt(canonical.read(found[at]), chance))
        changed = {**files, name: written_lines(tuple(found))}
        if leaves:
            changed = _with_leaf(changed, names, at)
        return pack(with_manifest(changed)) if changed != files else None

    return spoil


def _with_leaf(files: Files, names: TreeNames, at: int) -> Files:
    found = lines(files[names.leaves])
    said = read_fact_leaf(found[at])
    body, personal = lines(files[names.bodies])[at], lines(files[names.personal])[at]
    found[at] = fact_leaf(body, personal or None, said.position, decides=said.decides).written()
    return {**files, names.leaves: written_lines(tuple(found))}


_FORM = frozenset({"form"})
_MANIFEST = frozenset({"form", "manifest", "export", "places", "digests"})
OF_VALUES = (
    Mutation(
        "a value of the manifest", _FORM | {"manifest", "export", "places", "digests"}, _value_in(layout.MANIFEST)
    ),
    Mutation("a value of the answers", frozenset({"answers"}), _value_in(layout.ANSWERS)),
    Mutation("a value of what is opened", _FORM | {"commitments"}, _value_in(layout.OPENED)),
    Mutation("a value of the head", _FORM | {"head"}, _value_in(PLACE.head, b"")),
    Mutation("a value of the head of the terms", _FORM | {"terms_head"}, _value_in(TERMS.head, b"")),
    Mutation("a value of a leaf", _FORM | {"complete"}, _value_in_a_line(PLACE, PLACE.leaves)),
    Mutation("a value of a fact", frozenset({"bodies"}), _value_in_a_line(PLACE, PLACE.bodies)),
    Mutation(
        "a value of a fact, with its leaf", frozenset({"complete"}), _value_in_a_line(PLACE, PLACE.bodies, leaves=True)
    ),
    Mutation("a value of sealed fields", frozenset({"bodies"}), _value_in_a_line(PLACE, PLACE.personal)),
    Mutation(
        "a value of sealed fields, with its leaf",
        frozenset({"complete"}),
        _value_in_a_line(PLACE, PLACE.personal, leaves=True),
    ),
    Mutation("a value of the terms", frozenset({"bodies"}), _value_in_a_line(TERMS, TERMS.bodies)),
)
