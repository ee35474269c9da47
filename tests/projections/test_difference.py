"""Each difference is named by the smallest set of facts that makes it: checked against trying every set."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from domain.instants import read_instant
from domain.ledger import AsOf, Cut, Ledger
from domain.seating import Seating
from projections import difference as module
from projections.difference import Difference, differences, summary
from tests.cast import ALWAYS, Json, fact
from tests.cast import ledger as ledger_of
from tests.naive.ledgers import grid, ledger, locations
from tests.projections.all_subsets import applied, happenings, named, row_id, shapes, smallest
from tests.projections.twice_read import CATALOGUES, entries_of, of_location

CHUNKS, SEEDS, MOST = 5, 6, 8
Point = tuple[datetime, datetime]


@dataclass(frozen=True)
class Found:
    """One difference on a random ledger."""

    where: str
    one: Cut
    other: Cut
    row: str
    difference: Difference


def found_on(seed: int) -> Iterator[Found]:
    """The differences between random points of a small random ledger, few enough facts apart to try every set."""
    raw = ledger(seed, 40)
    points, lot = grid(raw, 12, seed), random.Random(seed)
    for location in locations(raw):
        whole = Ledger(of_location(entries_of(raw), location), CATALOGUES)
        for _ in range(8):
            first, second = lot.choice(points), lot.choice(points)
            for one, other in pairs(first, second):
                before, after = whole.as_of(AsOf(*one)), whole.as_of(AsOf(*other))
                if len(happenings(before, after)) > MOST:
                    continue
                for each in differences(Seating(before), Seating(after)):
                    seat = each.after or each.before
                    assert seat is not None
                    yield Found(f"seed {seed} {location} {one} {other}", before, after, row_id(seat), each)


def pairs(first: Point, second: Point) -> list[tuple[Point, Point]]:
    """Both orders, on one axis and on both."""
    return [(first, second), (second, first), (first, (first[0], second[1])), (first, (second[0], first[1]))]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_named_facts_are_the_smallest_set_that_makes_the_difference(chunk: int) -> None:
    seen = 0
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        for found in found_on(seed):
            seen += 1
            assert found.difference.smallest
            best = smallest(found.one, found.other, found.row)
            assert best == found.difference.facts, f"{found.where}: {found.row}"
            some = named(happenings(found.one, found.other), found.difference.facts)
            goal = shapes(Seating(found.other)).get(found.row)
            assert applied(found.one, found.other, some).get(found.row) == goal
    assert seen > 30


@pytest.mark.parametrize("seed", range(20))
def test_every_row_that_differs_is_named_and_no_other(seed: int) -> None:
    for found in found_on(seed):
        before, after = shapes(Seating(found.one)), shapes(Seating(found.other))
        expected = {row for row in {*before, *after} if before.get(row) != after.get(row)}
        rows = [
            row_id(seat)
            for each in differences(Seating(found.one), Seating(found.other))
            if (seat := each.after or each.before) is not None
        ]
        assert set(rows) == expected
        assert len(rows) == len(expected)


def test_nothing_between_two_points_is_no_difference() -> None:
    for seed in range(20):
        raw = ledger(seed, 40)
        for location in locations(raw):
            whole = Ledger(of_location(entries_of(raw), location), CATALOGUES)
            for on, known in grid(raw, 6, seed):
                at = whole.as_of(AsOf(on, known))
                assert differences(Seating(at), Seating(at)) == []


def test_a_search_without_end_says_that_it_gave_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TRIALS", 3)
    for found in found_on(5):
        some = named(happenings(found.one, found.other), found.difference.facts)
        goal = shapes(Seating(found.other)).get(found.row)
        assert applied(found.one, found.other, some).get(found.row) == goal, "not the smallest, and still enough"


# --- Told one by one ---

ON = read_instant("2026-03-31T12:00:00Z")
FROM: dict[str, Any] = {"from": "2020-01-01"}
TERMS = fact("TermsPublished", at="2020-01-01T00:00:00Z", terms="client_interaction", **FROM)
OPENED = fact("LocationOpened", at="2026-01-01T09:00:00Z", name="Studio", time_zone="UTC")
MIA = fact("TeamMemberAdded", at="2026-01-02T09:00:00Z", member="mia", name="Mia")
BOOKABLE = fact("AddedToSchedule", at="2026-01-03T09:00:00Z", member="mia")
GRANTED = fact("AccessGranted", at="2026-01-04T09:00:00Z", account="acc-mia", name="Mia", role="specialist")
LINKED = fact("UserLinked", at="2026-01-05T09:00:00Z", account="acc-mia", member="mia")
BEFORE = [TERMS, OPENED, MIA, BOOKABLE, GRANTED, LINKED]
LATER = "2026-04-09T09:00:00Z"


def late(kind: str, at: str = "2026-03-04T00:00:00Z", *, caused_by: Json | None = None, **data: Any) -> Json:
    inner = fact(kind, at=at, caused_by=caused_by, **data)
    return fact("Correction", at=LATER, kind="late", fact=inner)


def told(facts: list[Json], *, backwards: bool = False, known: str = LATER) -> dict[str, tuple[str, ...]]:
    """The facts named for each row, from what was known in March to what is known in April (or back)."""
    whole = ledger_of([*BEFORE, *facts])
    then = Seating(whole.as_of(AsOf(ON, ON)))
    now = Seating(whole.as_of(AsOf(ON, read_instant(known) if known else ALWAYS)))
    found = differences(now, then) if backwards else differences(then, now)
    return {row_id(seat): each.facts for each in found if (seat := each.after or each.before) is not None}


BOTH_WAYS = pytest.mark.parametrize("backwards", [False, True], ids=["forth", "back"])


@BOTH_WAYS
def test_a_dismissal_is_named_and_not_the_unlink_that_it_caused(backwards: bool) -> None:
    gone = late("TeamMemberDismissed", member="mia")
    inner = gone["data"]["fact"]
    unlinked = late("UserUnlinked", account="acc-mia", member="mia", cause="dismissal", caused_by=inner)
    off = late("RemovedFromSchedule", member="mia", caused_by=inner)
    expected = {"member mia": (inner["id"],), "account acc-mia": (inner["id"],)}
    assert told([gone, unlinked, off], backwards=backwards) == expected
    assert told([gone, off, unlinked], backwards=backwards) == expected


@BOTH_WAYS
def test_a_late_fact_is_named_by_its_own_id(backwards: bool) -> None:
    off = late("RemovedFromSchedule", member="mia")
    assert told([off], backwards=backwards) == {"member mia": (off["data"]["fact"]["id"],)}


@BOTH_WAYS
def test_also_when_it_takes_effect_with_its_correction_or_after(backwards: bool) -> None:
    for at in (LATER, "2026-04-10T09:00:00Z"):
        off = late("RemovedFromSchedule", at, member="mia")
        whole = ledger_of([*BEFORE, off])
        then, now = (Seating(whole.as_of(AsOf(ALWAYS, known))) for known in (ON, ALWAYS))
        (found,) = differences(now, then) if backwards else differences(then, now)
        assert found.facts == (off["data"]["fact"]["id"],)


@BOTH_WAYS
def test_a_void_names_the_correction(backwards: bool) -> None:
    void = fact("Correction", at=LATER, kind="void", corrects=BOOKABLE["id"])
    assert told([void], backwards=backwards) == {"member mia": (void["id"],)}


@BOTH_WAYS
def test_a_replacement_is_named_by_the_fact_that_it_puts_in(backwards: bool) -> None:
    other = fact("AddedToSchedule", at="2026-01-03T09:00:00Z", member="nobody")
    correction = fact("Correction", at=LATER, kind="replace", corrects=BOOKABLE["id"], fact=other)
    assert told([correction], backwards=backwards) == {"member mia": (other["id"],)}


@BOTH_WAYS
def test_a_replacement_that_is_not_there_yet_is_named_by_its_correction(backwards: bool) -> None:
    other = fact("AddedToSchedule", at="2026-05-01T09:00:00Z", member="mia")
    correction = fact("Correction", at=LATER, kind="replace", corrects=BOOKABLE["id"], fact=other)
    assert told([correction], backwards=backwards) == {"member mia": (correction["id"],)}


@BOTH_WAYS
def test_what_undid_a_correction_is_named(backwards: bool) -> None:
    void = fact("Correction", at="2026-03-30T09:00:00Z", kind="void", corrects=BOOKABLE["id"])
    undone = fact("Correction", at=LATER, kind="void", corrects=void["id"])
    assert told([void, undone], backwards=backwards) == {"member mia": (undone["id"],)}


@BOTH_WAYS
def test_a_cancelled_dismissal_names_the_cancellation(backwards: bool) -> None:
    gone = fact("TeamMemberDismissed", at="2026-03-30T09:00:00Z", effective_at="2026-05-01T00:00:00Z", member="mia")
    cancelled = fact("DismissalCancelled", at=LATER, member="mia", cancels=gone["id"])
    whole = ledger_of([*BEFORE, gone, cancelled])
    then, now = (Seating(whole.as_of(AsOf(ALWAYS, known))) for known in (ON, ALWAYS))
    found = differences(now, then) if backwards else differences(then, now)
    assert {each.facts for each in found} == {(cancelled["id"],)}


@BOTH_WAYS
def test_a_switch_of_terms_names_the_renewal(backwards: bool) -> None:
    period: Json = {"subscription": "P", "seats": 5, "auto_renews": True}
    bought = fact(
        "SubscriptionPurchased",
        at="2026-01-01T10:00:00Z",
        terms="service_providers",
        starts_at="2026-01-01T10:00:00Z",
        ends_at="2026-04-01T00:00:00Z",
        **period,
    )
    published = fact("TermsPublished", at="2026-02-01T00:00:00Z", terms="client_interaction", **FROM)
    renewed = fact(
        "SubscriptionRenewed",
        at="2026-04-01T00:00:00Z",
        terms="client_interaction",
        automatic=True,
        starts_at="2026-04-01T00:00:00Z",
        ends_at="2026-07-01T00:00:00Z",
        **period,
    )
    boss = fact("AccessGranted", at="2026-01-06T09:00:00Z", account="acc-ann", name="Ann", role="administrator")
    whole = ledger_of([*BEFORE, bought, boss, published, renewed])
    march, april = (
        Seating(whole.as_of(AsOf(read_instant(on), ALWAYS))) for on in ("2026-03-31T23:59:59Z", "2026-04-01T00:00:00Z")
    )
    (found,) = differences(april, march) if backwards else differences(march, april)
    assert found.facts == (renewed["id"],)
    counts = summary(march, april)
    assert (counts["before"]["terms"], counts["after"]["terms"]) == ("service_providers", "client_interaction")
    assert (counts["before"]["billable"], counts["after"]["billable"]) == (1, 2)


def test_of_two_sets_of_one_size_the_earlier_is_named() -> None:
    again = [fact("RemovedFromSchedule", at=f"2026-04-0{day}T09:00:00Z", member="mia") for day in (2, 3)]
    whole = ledger_of([*BEFORE, *again])
    then, now = (Seating(whole.as_of(AsOf(on, ALWAYS))) for on in (ON, read_instant(LATER)))
    (found,) = differences(then, now)
    assert found.facts == (again[0]["id"],)


def test_two_facts_are_named_where_it_takes_two() -> None:
    ticked = [
        fact("RightsEdited", at=f"2026-04-0{day}T09:00:00Z", account="acc-mia", granted=[slug])
        for day, slug in ((2, "records_access"), (3, "records_create_access"))
    ]
    terms = fact("TermsPublished", at="2026-02-01T00:00:00Z", terms="access_rights", **FROM)
    off = fact("RemovedFromSchedule", at="2026-02-02T00:00:00Z", member="mia")
    whole = ledger_of([*BEFORE, terms, off, *ticked])
    then, now = (Seating(whole.as_of(AsOf(on, ALWAYS))) for on in (ON, read_instant(LATER)))
    (found,) = differences(then, now)
    assert found.facts == tuple(each["id"] for each in ticked)
    assert (found.before and found.before.verdict.billable, found.after and found.after.verdict.billable) == (
        False,
        True,
    )


@BOTH_WAYS
def test_a_free_owner_who_had_to_wait_names_the_owner_who_went(backwards: bool) -> None:
    """Under the terms of one side alone owners compete; those of the other side count all the same."""
    first, second = (
        fact(
            "AccessGranted",
            at=f"2026-01-0{day}T10:00:00Z",
            account=f"acc-{who}",
            name=who,
            role="owner",
            rights=["records_access", "records_create_access", "records_finances_access"],
        )
        for day, who in ((6, "first"), (7, "second"))
    )
    void = fact("Correction", at=LATER, kind="void", corrects=first["id"])
    old = fact(
        "SubscriptionPurchased",
        at="2026-01-01T10:00:00Z",
        terms="service_providers",
        subscription="P",
        seats=5,
        auto_renews=False,
        starts_at="2026-01-01T10:00:00Z",
        ends_at="2026-07-01T00:00:00Z",
    )
    new: Json = {**old["data"], "terms": "client_interaction"}
    replaced = fact(
        "Correction",
        at=LATER,
        kind="replace",
        corrects=old["id"],
        fact=fact("SubscriptionPurchased", at="2026-01-01T10:00:00Z", id="00000000-0000-4000-8000-000000000001", **new),
    )
    found = told([old, first, second, void, replaced], backwards=backwards)
    assert set(found["account acc-second"]) >= {replaced["data"]["fact"]["id"]}
    assert (void["id"] in found["account acc-second"]) is not backwards
