"""The past as a function: what is added later, or elsewhere, changes nothing about it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.evolution import evolve, team_of
from domain.facts import Fact, read_fact
from domain.ledger import AsOf, Ledger
from domain.team import Team
from tests.naive.ledgers import grid, inside, ledger, locations, shuffled_by_location
from tests.naive.reading import instant
from tests.projections.twice_read import CATALOGUES, Product, entries_of, of_location

SEEDS = range(100, 116)
PRODUCT = Product()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_recorded_later_changes_no_answer(seed: int) -> None:
    raw = ledger(seed)
    for on, known in grid(raw, 16, seed):
        before = entries_of([fact for fact in raw if instant(fact["recorded_at"]) <= known])
        for location in locations(raw):
            now = PRODUCT.answer(entries_of(raw), location, on, known)
            assert PRODUCT.answer(before, location, on, known) == now


@pytest.mark.parametrize("seed", SEEDS)
def test_how_locations_were_interleaved_changes_no_answer(seed: int) -> None:
    raw = ledger(seed)
    one, other = entries_of(raw), entries_of(shuffled_by_location(raw, seed))
    for on, known in grid(raw, 16, seed):
        for location in locations(raw):
            assert PRODUCT.answer(one, location, on, known) == PRODUCT.answer(other, location, on, known)


@pytest.mark.parametrize("seed", SEEDS)
def test_positions_far_apart_are_as_good_as_close_ones(seed: int) -> None:
    raw = ledger(seed)
    near = entries_of(raw)
    far = [type(entry)(entry.fact, entry.stamp, (entry.position or 0) * 1_000) for entry in near]
    unsettled = [type(entry)(entry.fact, entry.stamp, None) for entry in near]
    for on, known in grid(raw, 6, seed):
        for location in locations(raw):
            answer = PRODUCT.answer(near, location, on, known)
            assert PRODUCT.answer(far, location, on, known) == answer
            assert PRODUCT.answer(unsettled, location, on, known) == answer


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fold_may_be_stopped_and_taken_up_again(seed: int) -> None:
    raw = ledger(seed)
    end = datetime(2030, 1, 1, tzinfo=UTC)
    for location in locations(raw):
        cut = Ledger(of_location(entries_of(raw), location), CATALOGUES).as_of(AsOf(end, end))
        told = [line.fact for line in cut.lines]
        whole = team_of(told)
        for stop in range(0, len(told), 7):
            assert team_of(told[stop:], team_of(told[:stop])) == whole


@pytest.mark.parametrize("seed", SEEDS)
def test_a_record_holds_everything_said_and_knows_what_was_left_out(seed: int) -> None:
    raw = ledger(seed)
    for location in locations(raw):
        whole = Ledger(of_location(entries_of(raw), location), CATALOGUES)
        for on, known in grid(raw, 6, seed):
            record, cut = whole.record(known), whole.as_of(AsOf(on, known))
            said = {one["id"] for plain in raw for one in inside(plain) if instant(plain["recorded_at"]) <= known}
            assert {line.fact.id for line in record.lines} <= said
            held = [line for line in record.lines if line.fact.id not in record.left_out]
            due = sorted((line for line in held if line.fact.effective_at <= on), key=lambda line: line.order)
            assert tuple(due) == cut.lines


def test_facts_that_rest_on_nothing_leave_an_empty_team_empty() -> None:
    for seed in SEEDS:
        for raw in ledger(seed):
            fact = read_fact(raw)
            if fact.type not in {
                *("LocationOpened", "TeamMemberAdded", "UserInvited", "AccessGranted"),
                *("SubscriptionPurchased", "SubscriptionRenewed"),
            }:
                assert evolve(Team(), fact) == Team()


# --- Long chains and knots ---


def fact(number: int, kind: str, data: dict[str, Any], *, by: int | None = None, minute: int = 0) -> dict[str, Any]:
    at = (NOON + timedelta(minutes=minute)).isoformat()
    caused = {"caused_by": name(by)} if by is not None else {}
    envelope = {"location": "L1", "actor": {"kind": "support", "id": "k"}, "change": "c", "data": data}
    return {"id": name(number), "type": kind, "recorded_at": at, "effective_at": at, **caused, **envelope}


def name(number: int) -> str:
    return str(UUID(int=number + 1))


def void(number: int, target: int, *, by: int | None = None) -> dict[str, Any]:
    return fact(number, "Correction", {"kind": "void", "corrects": name(target), "fact": None}, by=by)


def left_out(raw: list[dict[str, Any]]) -> set[int]:
    found = Ledger(entries_of(raw), CATALOGUES).as_of(AsOf(NOON, NOON)).left_out or {}
    return {UUID(one).int - 1 for one in found}


ADDED = fact(0, "TeamMemberAdded", {"member": "ann", "name": "Ann"})
MANY = 4_000


def test_a_chain_of_causes_of_any_length_falls_with_its_first() -> None:
    chain = [fact(number, "AddedToSchedule", {"member": "ann"}, by=number - 1) for number in range(1, MANY)]
    assert left_out([ADDED, *chain, void(MANY, 0)]) == set(range(MANY))
    assert left_out([ADDED, *chain, void(MANY, 0), void(MANY + 1, MANY)]) == {MANY}


@pytest.mark.parametrize("length", [1, 2, 3, 10, MANY, MANY + 1])
def test_of_corrections_that_undo_one_another_the_last_stands(length: int) -> None:
    chain = [void(number, number - 1) for number in range(1, length + 1)]
    assert left_out([ADDED, *chain]) == set(range(length - 1, -1, -2))


def test_corrections_that_undo_each_other_come_to_an_end() -> None:
    late = {"kind": "late", "corrects": None}
    knots: list[list[dict[str, Any]]] = [
        [void(1, 0, by=2), void(2, 1)],
        [void(1, 0), void(2, 1, by=0)],
        [
            fact(1, "Correction", {**late, "fact": fact(9, "AddedToSchedule", {"member": "ann"}, by=2)}),
            void(2, 1, by=9),
        ],
        [void(1, 0, by=2), void(2, 0, by=1)],
    ]
    for knot in knots:
        assert left_out([ADDED, *knot]) == left_out([ADDED, *knot])


def test_a_fact_known_at_an_instant_counts_at_that_instant() -> None:
    def lines(on: datetime, known: datetime) -> list[Fact]:
        return [line.fact for line in Ledger(entries_of([ADDED]), CATALOGUES).as_of(AsOf(on, known)).lines]

    before = NOON - timedelta(microseconds=1)
    assert [len(lines(on, known)) for on in (before, NOON) for known in (before, NOON)] == [0, 0, 0, 1]
