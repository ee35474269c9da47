"""Every attempt in commands/ through the whole product: each made against the given facts alone."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from domain.entries import Entry
from domain.facts import written
from domain.instants import read_instant
from domain.refusals import Refusal
from infrastructure.catalogues import shipped_catalogues
from infrastructure.desk import Desk, Outcome
from infrastructure.importing import Importer
from infrastructure.mapper import read_rows
from infrastructure.store import Store
from tests.acceptance import words
from tests.acceptance.checking import of_appended, same
from tests.acceptance.stories import Content, after, as_lines, command_files, load
from tests.infrastructure.store.servers import Server

_numbers = count(1)
_KNOWN = {"appended", "refused", "refused_locations"}


@pytest.mark.parametrize("path", command_files(), ids=lambda path: path.stem)
def test_the_ledger_does_as_the_case_says(path: Path, server: Server, template: str) -> None:
    case = load(path)
    said = []
    with given(case, server, template) as ledger:
        for number, attempt in enumerate(case["attempts"], start=1):
            where = f"Case {case['id']} ({case['title']}), attempt {number}, {attempt['command']['command']}"
            with cloned(server, ledger) as copy, Store(server.url(copy)) as store:
                said += [f"{where}: {complaint}." for complaint in attempted(store, attempt)]
    assert not said, "\n".join(said)


def attempted(store: Store, attempt: Content) -> list[str]:
    """What is wrong with the outcome of one attempt, each as a sentence."""
    at, expect = read_instant(attempt["at"]), attempt["expect"]
    desk = Desk(store, shipped_catalogues(), clock=lambda: at)
    before = store.sequence()
    tried = desk.submit(attempt["command"], dry_run=True)
    if store.sequence() != before:
        return ["a dry run should store nothing, but the ledger stored something"]
    outcome = desk.submit(attempt["command"])
    stored, unread = read_rows(store.read_all(before, store.sequence()))
    said = [f"{key!r} is expected, which no check knows; see README.md" for key in sorted(unknown_keys(expect))]
    if unread:
        said.append("the ledger cannot read what it stored")
    if [entry.fact for entry in stored] != [entry.fact for entry in outcome.entries]:
        said.append("what the ledger stored is not what it said")
    if [written(entry.fact) for entry in tried.entries] != [written(entry.fact) for entry in outcome.entries]:
        said.append("the dry run promised other facts than were recorded")
    return [*said, *of_outcome(outcome, stored, expect)]


def unknown_keys(expect: Content) -> set[str]:
    return set() if "refused" in expect else set(expect) - _KNOWN


def of_outcome(outcome: Outcome, stored: list[Entry], expect: Content) -> list[str]:
    refusals = [entry.fact for entry in stored if entry.fact.type == "CommandRefused"]
    facts = [written(entry.fact) for entry in stored if entry.fact.type != "CommandRefused"]
    said = []
    if "refused" in expect:
        said += of_refusal(outcome.refusal, expect)
        if facts or len(refusals) != 1:
            said.append("a refused command should leave one line in the security log and nothing else")
    elif outcome.refusal is not None:
        found = outcome.refusal
        said.append(f"it should be accepted, but was refused: {words.refusal(found.code.value)}: {found.sentence}")
    if "appended" in expect:
        said += of_appended(facts, expect["appended"])
        if len({fact["change"] for fact in facts}) > 1:
            said.append("all facts of one command should be one change, but are several")
    if "refused_locations" in expect:
        said += of_left_out(outcome, expect["refused_locations"])
    return said


def of_refusal(found: Refusal | None, expect: Content) -> list[str]:
    wanted = words.refusal(expect["refused"])
    if found is None:
        return [f"it should be refused: {wanted}, but was accepted"]
    if found.code.value != expect["refused"]:
        return [f"it should be refused: {wanted}, but was refused: {words.refusal(found.code.value)}"]
    said = [] if found.sentence else ["the refusal should say in a sentence why, but says nothing"]
    for key, value in expect.items():
        if key not in _KNOWN and not same(found.details.get(key), value):
            said.append(f"the refusal should say {key} {value}, but says {found.details.get(key)}")
    return said


def of_left_out(outcome: Outcome, expected: list[str] | dict[str, str]) -> list[str]:
    """The locations that a partial command leaves out, with codes where the case names them."""
    found = {str(refusal.location): refusal.code.value for refusal in outcome.left_out}
    right = found == expected if isinstance(expected, dict) else set(found) == set(expected)
    if right:
        return []
    return [f"the locations left out should be {words.join(expected)}, but are {words.join(found)}"]


@contextmanager
def given(case: Content, server: Server, template: str) -> Iterator[str]:
    """The name of a database with the given facts that nobody is connected to."""
    facts = case["given_facts"]
    with cloned(server, template) as copy:
        with Store(server.url(copy)) as store:
            now = after(facts)
            report = Importer(store, shipped_catalogues(), clock=lambda: now).run(
                io.BytesIO(as_lines(facts)), name=case["id"], by="acceptance"
            )
        assert report.appended == len(facts)
        yield copy


@contextmanager
def cloned(server: Server, template: str) -> Iterator[str]:
    """The name of a copy of a database, dropped at the end."""
    name = f"attempt_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield name
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_there_are_commands() -> None:
    assert len(command_files()) >= 8
