"""The dry run: what facts that are not appended would do, in numbers and seat by seat."""

import random

import pytest

from domain.entries import Entry, Stamp
from domain.facts import read_fact
from domain.instants import read_instant, write_instant
from domain.ledger import AsOf, Ledger
from domain.seating import Seating
from projections.effect import Effect, effect, written
from tests.cast import Json, fact
from tests.cast import ledger as ledger_of
from tests.naive.ledgers import ledger, locations
from tests.projections.all_subsets import row_id, shapes
from tests.projections.twice_read import CATALOGUES, entries_of, of_location

OPENED = fact("LocationOpened", at="2026-01-01T09:00:00Z", name="Studio", time_zone="UTC")
MIA = fact("TeamMemberAdded", at="2026-01-02T09:00:00Z", member="mia", name="Mia")
BOOKABLE = fact("AddedToSchedule", at="2026-01-03T09:00:00Z", member="mia")
NOW = read_instant("2026-03-03T09:00:00Z")


def tried(*new: Json, before: tuple[Json, ...] = (OPENED, MIA, BOOKABLE)) -> Effect:
    """The effect of new facts on a studio where Mia is billable, as the desk would ask for it."""
    entries = [Entry(read_fact(raw), Stamp()) for raw in new]
    return effect("L1", ledger_of(before), entries, NOW)


def test_a_seat_becomes_free() -> None:
    found = written(tried(fact("RemovedFromSchedule", at="2026-03-03T09:00:00Z", member="mia")))
    assert (found["before"]["billable"], found["after"]["billable"]) == (1, 0)
    (seat,) = found["seats"]
    assert (seat["member"], seat["account"], seat["name"]) == ("mia", None, "Mia")
    assert seat["before"] == {"billable": True, "reasons": [{"code": "schedule", "because": [BOOKABLE["id"]]}]}
    assert seat["after"] == {"billable": False, "reasons": [{"code": "no_access", "because": [MIA["id"]]}]}


def test_a_seat_comes_and_a_seat_goes() -> None:
    (comes,) = tried(fact("TeamMemberAdded", at="2026-03-03T09:00:00Z", member="new", name="New")).seats
    assert (comes["before"], comes["after"]["billable"]) == (None, False)
    (goes,) = tried(fact("TeamMemberDeleted", at="2026-03-03T09:00:00Z", member="mia")).seats
    assert (goes["before"]["billable"], goes["after"]) == (True, None)


def test_it_is_looked_at_when_all_of_it_holds() -> None:
    gone = fact("TeamMemberDismissed", at="2026-03-03T09:00:00Z", effective_at="2026-04-01T00:00:00Z", member="mia")
    found = tried(gone, fact("TeamMemberEdited", at="2026-03-03T09:00:00Z", member="mia"))
    assert written(found)["at"] == "2026-04-01T00:00:00Z"
    assert (found.before["billable"], found.after["billable"]) == (1, 0)


def test_facts_that_change_no_seat_have_an_effect_without_seats() -> None:
    found = tried(fact("TeamMemberEdited", at="2026-03-03T09:00:00Z", member="mia", after={"phone": "1"}))
    assert (found.before, list(found.seats), written(found)["at"]) == (found.after, [], write_instant(NOW))


def test_the_numbers_of_the_subscription_are_there() -> None:
    bought = fact(
        "SubscriptionPurchased", at="2026-03-03T09:00:00Z", subscription="P", terms="service_providers", seats=3,
        starts_at="2026-03-03T09:00:00Z", ends_at="2026-09-01T00:00:00Z", auto_renews=False,
    )  # fmt: skip
    found = tried(bought)
    assert (found.before["subscription"], found.after["subscription"]) == (None, "P")
    assert (found.before["available"], found.after["available"]) == (0, 3)


def test_nothing_is_appended_by_asking() -> None:
    whole = ledger_of([OPENED, MIA])
    effect("L1", whole, [Entry(read_fact(BOOKABLE), Stamp())], NOW)
    assert len(whole.entries) == 2


@pytest.mark.parametrize("seed", range(40))
def test_what_is_foretold_is_what_comes(seed: int) -> None:
    """The last facts of a random location, tried first and then appended."""
    raw = ledger(seed, 40)
    lot = random.Random(seed)
    for location in locations(raw):
        entries = of_location(entries_of(raw), location)
        own = [entry for entry in entries if entry.fact.location == location]
        new = own[-lot.randint(1, min(3, len(own))) :]
        known = [entry for entry in entries if entry not in new and entry.fact.recorded_at <= new[-1].fact.recorded_at]
        foretold = effect(
            location,
            Ledger(known, CATALOGUES),
            [Entry(entry.fact, entry.stamp) for entry in new],
            new[-1].fact.recorded_at,
        )
        at = AsOf(foretold.at, new[-1].fact.recorded_at)
        before = shapes(Seating(Ledger(known, CATALOGUES).as_of(at)))
        came = Seating(Ledger([*known, *new], CATALOGUES).as_of(at))
        after = shapes(came)
        assert foretold.after["billable"] == sum(seat.verdict.billable for seat in came.seats)
        assert len(foretold.seats) == sum(before.get(row) != after.get(row) for row in {*before, *after})
        for seat in came.seats:
            told = [each for each in foretold.seats if {each["member"], each["account"]} & {seat.id}]
            if before.get(row_id(seat)) != after[row_id(seat)]:
                assert any(each["after"] and each["after"]["billable"] == seat.verdict.billable for each in told)
