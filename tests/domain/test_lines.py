"""What is taken of a line as it stands is what any JSON of that content comes to, of every type, whole or spoilt."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from domain import canonical, lines
from domain.canonical import NotCanonicalError
from domain.entries import Entry, Stamp, in_parts
from domain.facts import InvalidFactError, read_fact, reading, writing
from domain.lines import QuickLines
from domain.stamp import written_stamp
from domain.upcasts import FORMS
from infrastructure.catalogues import shipped_catalogues
from tests.domain.every_type import EVERY, PLAIN, inside
from tests.domain.lot_spoilt import spoilt_lines

MANY = 6_000
CATALOGUES = shipped_catalogues()
NEWEST = CATALOGUES[max(CATALOGUES)]
STAMP = Stamp(device_name="Safari on iPhone")


def as_lines(facts: Iterable[Any]) -> list[bytes]:
    """Facts as the ledger itself would write them."""
    return [canonical.write(writing.written_carefully(read_fact(raw))) for raw in facts]


def nested(levels: int) -> Any:
    """A correction that carries one that carries one, and so on."""
    raw = {**PLAIN[5], "id": f"{0:08}-1111-4111-8111-111111111111"}
    for level in range(1, levels + 1):
        outer = inside("late", raw)
        outer["data"]["fact"]["id"] = raw["id"]
        raw = {**outer, "id": f"{level:08}-1111-4111-8111-111111111111"}
    return raw


OLDER = [
    canonical.write({**raw, "data": {**raw["data"], key: value}})
    for raw in EVERY
    if raw["type"] in {"UserInvited", "AccessGranted", "RoleChanged", "RightsEdited"}
    for key, value in [
        *((key, ["create_records_access", "a", "a"]) for key in raw["data"] if key in {"rights", "granted"}),
        *((key, ["a", "a"]) for key in raw["data"] if key in {"rights_after", "revoked"}),
        *((key, {"master_id": "ann"}) for key in raw["data"] if key.startswith("scopes")),
    ]
]
"""Older spellings, and rights named twice."""

TWISTED = [
    twisted
    for line in as_lines(EVERY)
    for twisted in (
        line.replace(b"00Z", b"00.000000Z"),
        line.replace(b"08:30:00.250000Z", b"10:30:00.250000+02:00"),
        line.replace(b'"device":{', b'"device":{"id":"x",'),
        line.replace(b'"session":"s-1",', b'"session":"s-1"'),
        line.replace(b'"session":"s-1","user_agent"', b'"user_agent":"x","session":"s-1","user_agent"'),
        line.replace(b'"data":{', b'"data":{"account":"acc-ann",'),
        line.replace(b'"kind":"support"', b'"kind":"system"'),
        line.replace(b'"location":"L1"', b'"location":"L2"', 1),
        line.replace(b'"effective_at":"2026-03-12', b'"effective_at":"2026-03-09'),
        line.replace(b'"reason":"They asked for it."', b'"reason":"x,\\"effective_at\\":\\"x"'),
    )
    if twisted != line
]


def carefully(line: bytes) -> Any:
    """What is stored of a line that is read as any JSON."""
    raw = canonical.read(line)
    if isinstance(raw, dict) and isinstance(raw.get("data"), dict):
        raw = {**raw, "data": NEWEST.modernise(raw["data"])}
    fact = reading.read_carefully(raw)
    return (repr(fact), *in_parts(Entry(fact, STAMP)))


def compared(given: Iterable[bytes]) -> tuple[int, list[bytes]]:
    """How many lines are taken as they stand, and those of them of which something else would be stored otherwise."""
    taken, wrong = 0, []
    quick = QuickLines(NEWEST)
    for line in given:
        found = quick.read(line)
        if found is None:
            continue
        taken += 1
        stamp = canonical.write(written_stamp(STAMP, FORMS.get(found.fact.type, 1))).decode()
        try:
            if carefully(line) != (repr(found.fact), found.body(stamp), found.personal, found.parts):
                wrong.append(line)
        except (InvalidFactError, NotCanonicalError):
            wrong.append(line)
    return taken, wrong


def test_every_type_is_taken_as_it_stands() -> None:
    given = as_lines(EVERY)
    assert compared(given) == (len(given), [])


def test_corrections_inside_corrections_are_taken_as_deep_as_they_may_be() -> None:
    assert compared([canonical.write(nested(8))]) == (1, [])
    assert compared([canonical.write(nested(9))]) == (0, [])


def test_what_is_not_in_the_one_written_form_is_left_to_the_careful_reading() -> None:
    given = [*OLDER, *TWISTED]
    assert len(given) > 300
    assert compared(given)[1] == []


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_lines_are_stored_alike(seed: int) -> None:
    taken, wrong = compared(spoilt_lines(seed, MANY))
    assert taken > MANY // 50
    assert wrong == []


def not_judged(*_: object, **__: object) -> None:
    """In the place of a check: nothing is wrong with anything."""


class Anything:
    """In the place of what was written: it is what the line says, whatever that is."""

    def __init__(self, content: object) -> None:
        self.content = canonical.write(content)

    def decode(self) -> str:
        return Same(self.content.decode())


class Same(str):
    """A text that is like every other."""

    __slots__ = ()

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


def any_fraction() -> re.Pattern[str]:
    return re.compile(lines._TAIL.pattern.replace("(?!000000)", ""))


def no_commas() -> re.Pattern[str]:
    return re.compile(lines._TAIL.pattern.replace(lines._MORE, ",?"))


BREAKS: list[tuple[str, Any, str, Any]] = [
    ("the rules between fields are left out", lines, "check_form", not_judged),
    ("an instant may be written in two ways", lines, "_TAIL", any_fraction()),
    ("a comma may be missing", lines, "_TAIL", no_commas()),
    ("corrections have no end", lines, "CORRECTION_DEPTH", 99),
    ("older spellings are not looked for", lines, "_WITH_RIGHTS", frozenset()),
    ("what was written is not compared", canonical, "write_in_order", Anything),
]


@pytest.mark.parametrize(("broken", "where", "name", "by"), BREAKS, ids=[name for name, *_ in BREAKS])
def test_a_quick_reading_that_skips_a_check_is_found_out(
    broken: str, where: Any, name: str, by: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [canonical.write(nested(9)), *OLDER, *TWISTED]
    monkeypatch.setattr(where, name, by)
    assert compared(given)[1], broken
