"""The quick ways to read and to write say what the careful ones say, of every type of fact, whole or spoilt."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic_core import from_json

from domain import canonical, entries, rows
from domain.entries import Entry, Stamp, content_of, from_bytes, to_bytes
from domain.facts import FACT_TYPES, OBSERVATIONS, InvalidFactError, quick, read_fact, reading, writing, written
from domain.facts.reading import read_quickly
from domain.rows import REPEATED, read_observed, read_row
from domain.upcasts import FORMS
from tests.domain.every_type import EVERY, PLAIN
from tests.domain.lot_spoilt import disagreements, spoilt_facts, spoilt_rows, stored_rows

MANY = 6_000
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_data_is_shared_only_where_nothing_in_it_can_change() -> None:
    for raw in EVERY:
        if raw["type"] in REPEATED:
            data = read_fact(raw).data
            assert not data.personal
            assert all(type(value) in {str, int, date} for value in data.said().values()), raw["type"]
    body, personal = to_bytes(Entry(read_fact(PLAIN[5]), Stamp()))
    assert from_bytes(body, personal, 1).fact.data is from_bytes(body, personal, 2).fact.data


HIDING = [
    # What the personal part hides, or what belongs nowhere, is judged as well: here numbers that no reader keeps.
    (
        to_bytes(Entry(read_fact(PLAIN[3]), Stamp()))[0].replace(b'"member":', b'"name":9007199254740993,"member":'),
        personal,
    )
    for personal in (b'{"data":{"name":"Ann"}}', b'{"data":{"name":"Ann"},"hat":9007199254740993}')
]


SHUFFLED = [
    {**raw, "data": {**raw["data"], "after": {"b": 1, "a": {"d": [{"y": 1, "x": 2}], "c": more}}}}
    for raw in EVERY
    if raw["type"] in {"RecordEdited", "RecordDeleted", "TeamMemberEdited"}
    for more in (1, 1.5, 10**17, 1e300, "\u2028")
]
"""Free objects of which the keys are not in order, and with values that the quick writing leaves to the careful one."""


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


def spoilt_edits() -> list[tuple[bytes, bytes]]:
    """Edits of records whose free values nobody may keep, each in another way."""
    body = next(
        body for body, personal in stored_rows() if personal is not None and body.endswith(b'"type":"RecordEdited"}')
    )
    values = (b'{"x":1,"x":2}', b'{"x":1152921504606846976}', b'{"x":1.50}')
    hiding = body.replace(b'"data":{', b'"data":{"after":{"x":1152921504606846976},')
    return [*((body, b'{"data":{"after":%b}}' % value) for value in values), (hiding, b'{"data":{"after":{}}}')]


def observed_alike(given: Iterable[tuple[bytes, bytes | None]]) -> tuple[int, list[bytes]]:
    """How many rows are taken as observations, and those of them of which the careful reading says something else."""
    taken, wrong = 0, []
    for body, personal in given:
        seen = read_observed(body, personal)
        if seen is None:
            continue
        taken += 1
        try:
            fact = entries.read_carefully(body, personal, 3).fact
        except InvalidFactError:
            wrong.append(body)
            continue
        device = fact.device.id if fact.device is not None else None
        times = (fact.recorded_at, fact.effective_at)
        said = (fact.id, fact.type, fact.location, *times, fact.actor.id, fact.actor.on_behalf_of, device, fact.data)
        if seen != said or fact.type not in OBSERVATIONS:
            wrong.append(body)
    return taken, wrong


def test_every_stored_observation_is_taken_for_its_lists_and_read_alike() -> None:
    rows_of_observations = [
        (body, personal)
        for body, personal in stored_rows()
        if (fact := from_bytes(body, personal, 3).fact).type in OBSERVATIONS and fact.actor.kind != "system"
    ]
    assert observed_alike(rows_of_observations) == (len(rows_of_observations), [])
    assert observed_alike(stored_rows())[1] == []


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_observations_are_judged_alike(seed: int) -> None:
    taken, wrong = observed_alike([*spoilt_edits(), *spoilt_rows(seed, MANY)])
    assert taken > 20
    assert wrong == []


def bytes_quickly(raw: Any) -> Any:
    entry = Entry(read_fact(raw), Stamp(device_name="x"))
    return written(entry.fact), content_of(entry.fact), to_bytes(entry)


def bytes_carefully(raw: Any) -> Any:
    entry = Entry(read_fact(raw), Stamp(device_name="x"))
    content = writing.written_carefully(entry.fact)
    identity = canonical.write(content)
    personal = entries._take_personal(content)
    body = {**content, "stamp": {"device_name": "x", "form": FORMS.get(entry.fact.type, 1)}}
    return (
        writing.written_carefully(entry.fact),
        identity,
        (canonical.write(body), canonical.write(personal) if personal else None),
    )


def unwritten(given: Iterable[Any]) -> list[Any]:
    """Facts that are not written quickly as they are written carefully; what the forms refuse is left aside."""
    found = []
    for raw in given:
        try:
            if bytes_quickly(raw) != bytes_carefully(raw):
                found.append(raw)
        except InvalidFactError:
            pass
    return found


def test_every_type_is_written_quickly_and_alike() -> None:
    assert all(writing.written_quickly(read_fact(raw)) is not None for raw in EVERY)
    assert unwritten(EVERY) == []


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_accepted_is_written_alike(seed: int) -> None:
    given = [*SHUFFLED, *spoilt_facts(seed, MANY)]
    assert sum(read_quickly(raw) is not None for raw in given) > MANY // 20
    assert unwritten(given) == []


def test_a_quick_writing_that_leaves_keys_in_disorder_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_WRITTEN_AS", {**writing._WRITTEN_AS, dict: dict})
    assert unwritten(SHUFFLED)


def read_whatever(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:
        return None


def forget() -> None:
    for remembered in (rows._claims_alone, rows._stamp, rows._repeated):
        remembered.cache_clear()


def not_judged(*_: object, **__: object) -> None:
    """In the place of a check: nothing is wrong with anything."""


def any_slug(value: object) -> object:
    return value


def overwriting(content: Any, personal: Any) -> bool:
    data = personal.get("data")
    content["data"].update(data if isinstance(data, dict) else {})
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
    given = at_some_place([*HIDING, *spoilt_rows(1, MANY)])
    forget()
    monkeypatch.setattr(where, name, by)
    found = disagreements(from_bytes, careful_entry, given)
    forget()
    assert found, broken


SEEN_BREAKS: list[tuple[str, Any, str, Callable[..., Any]]] = [
    BREAKS[0],
    BREAKS[2],
    ("what personal fields hide is not judged", rows, "joined", overwriting),
    ("what decides is taken as well", rows, "OBSERVATIONS", frozenset(FACT_TYPES)),  # type: ignore[list-item]
    ("an instant that does not exist is taken", rows, "instant_of", lambda _: NOON),
]


@pytest.mark.parametrize(("broken", "where", "name", "by"), SEEN_BREAKS, ids=[name for name, *_ in SEEN_BREAKS])
def test_a_reading_for_lists_that_skips_a_check_is_found_out(
    broken: str, where: Any, name: str, by: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [*stored_rows(), *spoilt_edits(), *spoilt_rows(0, MANY)]
    forget()
    monkeypatch.setattr(where, name, by)
    _, wrong = observed_alike(given)
    forget()
    assert wrong, broken
