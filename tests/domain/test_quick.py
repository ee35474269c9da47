"""The quick ways to read say what the careful ones say, of every type of fact, whole or spoilt."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic_core import from_json

from domain import canonical, entries, rows
from domain.entries import Entry, Stamp, from_bytes, to_bytes
from domain.facts import FACT_TYPES, quick, read_fact, reading
from domain.facts.reading import read_quickly
from domain.rows import read_row
from tests.domain.every_type import EVERY, PLAIN
from tests.domain.lot_spoilt import disagreements, spoilt_facts, spoilt_rows, stored_rows

MANY = 4_000


HIDING = [
    # What the personal part hides, or what belongs nowhere, is judged as well: here numbers that no reader keeps.
    (
        to_bytes(Entry(read_fact(PLAIN[3]), Stamp()))[0].replace(b'"member":', b'"name":9007199254740993,"member":'),
        personal,
    )
    for personal in (b'{"data":{"name":"Ann"}}', b'{"data":{"name":"Ann"},"hat":9007199254740993}')
]


def careful_entry(body: bytes, personal: bytes | None, position: int | None) -> Any:
    return entries.read_carefully(body, personal, position)


def at_some_place(given: Any) -> list[tuple[bytes, bytes | None, int]]:
    return [(body, personal, 3) for body, personal in given]


def test_the_examples_have_every_type() -> None:
    assert {raw["type"] for raw in PLAIN} == set(FACT_TYPES)


def test_every_type_is_taken_quickly_and_read_alike() -> None:
    for raw in EVERY:
        fact = read_quickly(raw)
        assert fact is not None, raw
        assert repr(fact) == repr(reading.read_carefully(raw))
        assert fact == reading.read_carefully(raw)


def test_every_stored_row_is_taken_quickly_and_read_alike() -> None:
    for body, personal in stored_rows():
        found = read_row(body, personal)
        careful = entries.read_carefully(body, personal, 3)
        assert found is not None, body
        assert found == (careful.fact, careful.stamp)
        assert repr(found) == repr((careful.fact, careful.stamp))


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_facts_are_judged_alike(seed: int) -> None:
    assert disagreements(read_fact, reading.read_carefully, ((raw,) for raw in spoilt_facts(seed, MANY))) == []


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_rows_are_judged_alike(seed: int) -> None:
    assert disagreements(from_bytes, careful_entry, at_some_place([*HIDING, *spoilt_rows(seed, MANY)])) == []


def read_whatever(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:
        return None


def not_judged(*_: object, **__: object) -> None:
    """In the place of a check: nothing is wrong with anything."""


def any_slug(value: object) -> object:
    return value


def overwriting(content: Any, personal: Any) -> bool:
    content["data"].update(personal.get("data", {}))
    return True


BREAKS: list[tuple[str, Any, str, Callable[..., Any]]] = [
    ("a key twice is not seen", canonical, "read_compact", read_whatever),
    ("the rules between fields are left out", rows, "check_form", not_judged),
    ("a free value is not looked into", quick, "check_plain", not_judged),
    ("a right may be called anything", quick, "_slug", any_slug),
    ("what personal fields hide is not judged", rows, "joined", overwriting),
]


@pytest.mark.parametrize(("broken", "where", "name", "by"), BREAKS, ids=[name for name, *_ in BREAKS])
def test_a_quick_reading_that_skips_a_check_is_found_out(
    broken: str, where: Any, name: str, by: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = at_some_place([*HIDING, *spoilt_rows(0, MANY)])
    rows._claims_alone.cache_clear()
    rows._stamp.cache_clear()
    monkeypatch.setattr(where, name, by)
    found = disagreements(from_bytes, careful_entry, given)
    rows._claims_alone.cache_clear()
    rows._stamp.cache_clear()
    assert found, broken
