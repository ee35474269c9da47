"""Names from registers are those of the whole record, line by line."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.entries import Entry, Stamp
from domain.facts import Actor, read_fact
from domain.ledger import Ledger, Record
from projections.names import Names
from projections.said import Registers, hear, named_by
from tests.naive.ledgers import PEOPLE, ledger

ALWAYS = datetime(9000, 1, 1, tzinfo=UTC)
SEEDS = range(12)
Asked = Callable[[Names], list[Any]]


def records(seed: int) -> dict[str, Record]:
    """Each location of a random ledger as a record of its own."""
    facts = [read_fact(raw) for raw in ledger(seed, 90)]
    entries = [Entry(fact, Stamp(), position) for position, fact in enumerate(facts, start=1)]
    places = {fact.location for fact in facts if fact.location is not None}
    return {
        place: Ledger([entry for entry in entries if entry.fact.location == place], {}).record(ALWAYS)
        for place in places
    }


def everything(names: Names, location: str) -> list[Any]:
    found: list[Any] = [names.place(location), names.place("elsewhere"), names.place(None)]
    for place in (location, "elsewhere", None):
        for person in PEOPLE:
            account = f"acc-{person}"
            found += [names.knows_member(person, place), names.member(person, place), names.position(person, place)]
            found += [names.given(account, place), names.account(account, place), names.titled(account, place)]
            found += [names.placed(account, place)]
            found.append(names.titled_actor(Actor(kind="support", id="key", on_behalf_of=account), place))
    return found


def told(record: Record) -> Registers:
    """What is left out is heard first: it has a word only where no other says anything."""
    said: Registers = {}
    for left_out in (True, False):
        for line in record.lines:
            if (line.fact.id in record.left_out) is left_out:
                assert hear(said, line.fact.data) == named_by(line.fact.data)
    return said


@pytest.mark.parametrize("seed", SEEDS)
def test_names_of_registers_are_those_of_the_record(seed: int) -> None:
    for location, record in records(seed).items():
        expected = everything(Names(record), location)
        assert everything(Names.of(location, told(record)), location) == expected


def test_a_register_that_is_forgotten_shows() -> None:
    """The tooth of the test above: each register is somewhere the only one that says a name."""
    found = records(3)["L1"]
    said = told(found)
    expected = everything(Names(found), "L1")
    silent = [key for key in said if everything(Names.of("L1", _without(said, key)), "L1") == expected]
    assert len(silent) < len(said) / 2


def _without(said: Registers, key: str) -> Registers:
    return {each: register for each, register in said.items() if each != key}
