"""A thousand bundles, each spoilt in one way: none is accepted, and what was spoilt is named."""

from functools import cache
from random import Random
from typing import Any

import pytest

from domain import canonical
from infrastructure.bundle import layout
from infrastructure.bundle.archive import pack, unpack
from infrastructure.bundle.checking import NAMES, check, trust_in
from infrastructure.bundle.findings import Report
from tests.infrastructure.bundle.lying import OF_ANSWERS, OF_OPERATORS
from tests.infrastructure.bundle.mutating import Mutation
from tests.infrastructure.bundle.operating import OWN, Operator, with_manifest
from tests.infrastructure.bundle.spoiling_facts import OF_FACTS
from tests.infrastructure.bundle.spoiling_files import OF_FILES, OF_MANIFESTED
from tests.infrastructure.bundle.spoiling_values import OF_VALUES

MUTATIONS = (*OF_FILES, *OF_MANIFESTED, *OF_FACTS, *OF_ANSWERS, *OF_OPERATORS, *OF_VALUES)
EACH = -(-1_000 // len(MUTATIONS))
OPERATORS = 8


@cache
def operator(number: int) -> Operator:
    return Operator(number, seat="ann" if number % 3 == 0 else None)


@cache
def honest(number: int) -> bytes:
    return operator(number).bundle()


def checked(data: bytes, by: Operator) -> Report:
    """As an auditor checks who holds the keys, and the checkpoint from before."""
    trust = trust_in(by.vkey, (by.witness.key.written(),), by.note(by.first, by.seen))
    return check(data, trust, OWN)


@pytest.mark.parametrize("number", range(OPERATORS))
def test_an_honest_bundle_holds(number: int) -> None:
    report = checked(honest(number), operator(number))
    assert [each for each in report.findings if not each.holds] == []
    assert {each.name for each in report.findings} == set(NAMES)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.name)
def test_a_spoilt_bundle_is_refused_and_what_is_spoilt_is_named(mutation: Mutation) -> None:
    spoilt = 0
    chance = Random(mutation.name)
    for number in range(EACH * 3):
        by = operator(number % OPERATORS)
        data = mutation.spoil(by, unpack(honest(number % OPERATORS)), chance)
        if data is None or data == honest(number % OPERATORS):
            continue
        report = checked(data, by)
        assert not report.holds
        assert report.broken & mutation.named, (number, [each for each in report.findings if not each.holds])
        spoilt += 1
        if spoilt == EACH:
            break
    assert spoilt >= EACH // 2


@pytest.mark.parametrize("number", range(OPERATORS))
def test_what_is_not_opened_reads_as_erased_and_everything_else_has_to_follow(number: int) -> None:
    """To pass on fewer names is no lie: the verdicts stay, and names in the answers are pseudonyms."""
    by, files = operator(number), unpack(honest(number))
    closed = {**files, layout.OPENED: b"[]\n"}
    report = checked(by.bundle(closed), by)
    assert report.holds
    before, after = (canonical.read(unpack(each)[layout.ANSWERS]) for each in (honest(number), by.bundle(closed)))
    for one, other in zip(before["days"], after["days"], strict=True):
        for side in ("then", "now"):
            assert _verdicts(one[side]) == _verdicts(other[side])
    assert checked(pack(with_manifest(closed)), by).broken == {"answers", "page"}


def _verdicts(answer: dict[str, Any]) -> list[Any]:
    rows = [(seat["member"] or seat["account"], seat["billable"], seat["reasons"]) for seat in answer["seats"]]
    return sorted(rows, key=str)


@pytest.mark.parametrize(
    ("name", "spoilt"),
    [
        ("digests", "one file flipped"),
        ("complete", "a fact left out"),
        ("terms_complete", "terms left out"),
        ("newest", "later gone"),
        ("disclosed", "a fact hidden"),
        ("bodies", "a fact says otherwise"),
        ("commitments", "a name opened otherwise"),
        ("kinds", "an observation that decides"),
        ("dates", "a fact back-dated"),
        ("export", "other days"),
        ("answers", "a count"),
        ("page", "page flipped"),
        ("catalogue", "catalogue flipped"),
        ("replayer", "replayer flipped"),
    ],
)
def test_a_check_without_this_one_thing_would_accept_a_spoilt_bundle(name: str, spoilt: str) -> None:
    """The tooth: of some bundle nothing else is found to be wrong, so a check that does not look there accepts it."""
    mutation = next(each for each in MUTATIONS if each.name == spoilt)
    chance, found = Random(name), set()
    for number in range(60):
        by = operator(number % OPERATORS)
        data = mutation.spoil(by, unpack(honest(number % OPERATORS)), chance)
        found.add(checked(data, by).broken if data is not None else None)
        if frozenset({name}) in found:
            return
    pytest.fail(f"something else is always broken too: {found}")


def test_they_are_a_thousand_and_more() -> None:
    assert EACH * len(MUTATIONS) >= 1_000
