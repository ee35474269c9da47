"""The demo's story: the same every time, lawful, and with the numbers that the demo promises."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from typing import Any

import pytest

from domain import canonical
from domain.entries import Entry, Stamp
from domain.facts import FACT_TYPES, Fact, SeatsCharged, read_fact, written
from domain.facts.reading import ERASURES
from domain.instants import end_of_day, read_time_zone
from domain.ledger import AsOf, Cut, Ledger
from domain.seating import Seating
from infrastructure.catalogues import shipped_catalogues
from infrastructure.demo.book import SOURCE
from infrastructure.demo.dispute import LEFT_AT
from infrastructure.demo.places import PLACES
from infrastructure.demo.scenes import scenes
from infrastructure.demo.story import story
from infrastructure.demo.theft import GIVEN
from infrastructure.store import Store
from infrastructure.wiring import application
from projections.seats import seats

Answer = dict[str, Any]
NOW = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
SCENES = scenes()
ZONES = {place.id: read_time_zone(place.zone) for place in PLACES}


@cache
def facts() -> tuple[Fact, ...]:
    return tuple(read_fact(line) for line in story())


@cache
def ledger(location: str) -> Ledger:
    entries = [Entry(fact, Stamp(), position) for position, fact in enumerate(facts(), start=1)]
    here = [entry for entry in entries if entry.fact.location in {None, location}]
    return Ledger(here, shipped_catalogues())


def cut(location: str, on: datetime | date, known: datetime = NOW) -> Cut:
    instant = on if isinstance(on, datetime) else end_of_day(on, ZONES[location])
    return ledger(location).as_of(AsOf(instant, known))


def bill(on: datetime | date, known: datetime = NOW, location: str = SCENES.location) -> Answer:
    return seats(Seating(cut(location, on, known)))


def row(answer: Answer, seat: str) -> Answer:
    return next(found for found in answer["seats"] if seat in {found["member"], found["account"]})


def codes(found: Answer) -> list[str]:
    return [reason["code"] for reason in found["reasons"]]


def test_it_is_the_same_story_every_time_and_another_one_for_another_seed() -> None:
    assert list(story()) == list(story(7))
    others = list(story(8))
    assert not {line["id"] for line in others} & {line["id"] for line in story()}


def test_every_line_is_a_fact_in_its_written_form_from_the_booking_application() -> None:
    for line in story():
        fact = read_fact(line)
        assert written(fact) == line
        assert fact.source == SOURCE


def test_it_has_the_size_of_a_year_and_ids_of_its_own() -> None:
    assert 1_500 <= len(facts()) <= 3_000
    assert len({fact.id for fact in facts()}) == len(facts())
    assert max(fact.recorded_at for fact in facts()) <= SCENES.known_now


def test_facts_come_in_recorded_order_and_none_is_effective_before_it_is_known() -> None:
    last: dict[str | None, datetime] = defaultdict(lambda: datetime.min.replace(tzinfo=UTC))
    before = datetime.min.replace(tzinfo=UTC)
    for fact in facts():
        assert before <= fact.recorded_at <= NOW
        assert last[fact.location] <= fact.recorded_at
        assert fact.effective_at >= fact.recorded_at
        before = last[fact.location] = fact.recorded_at


def test_every_type_of_fact_occurs() -> None:
    assert {fact.type for fact in facts()} == set(FACT_TYPES) - ERASURES, "nobody of it wants to be forgotten"


def test_what_is_caused_names_a_fact_of_the_same_instant() -> None:
    by_id = {line.fact.id: line.fact for place in PLACES for line in ledger(place.id).lines}
    caused = [fact for fact in by_id.values() if fact.caused_by is not None]
    assert caused
    for fact in caused:
        assert by_id[fact.caused_by or ""].effective_at == fact.effective_at


def test_mia_is_not_seen_after_she_left() -> None:
    seen = [fact.recorded_at for fact in facts() if fact.actor.id == f"acc-{SCENES.seat}"]
    assert seen
    assert max(seen) < LEFT_AT


def test_the_disputed_charge_counts_seven_as_known_then_and_six_as_known_now() -> None:
    charge = next(fact for fact in facts() if fact.id == SCENES.charge_fact)
    assert isinstance(charge.data, SeatsCharged)
    assert (charge.data.charge, charge.data.billable, charge.data.amount) == (SCENES.charge, 7, "133.00")
    then, now = bill(SCENES.on, SCENES.known_then), bill(SCENES.on, SCENES.known_now)
    assert (then["billable"], now["billable"]) == (7, 6)
    assert codes(row(then, SCENES.seat)) == ["schedule"]
    gone = next(found for found in now["former"] if found["member"] == SCENES.seat)
    assert gone["reason"] == {"code": "dismissed", "because": [SCENES.dismissal]}
    left = row(now, f"acc-{SCENES.seat}")
    assert not left["billable"]
    assert "access_outlives_dismissal" in [note["code"] for note in left["notes"]]


def test_every_charge_rests_on_the_seats_known_then_and_only_one_is_disputed() -> None:
    disputed = []
    charges = 0
    for fact in facts():
        if isinstance(fact.data, SeatsCharged):
            assert fact.location is not None
            charges += 1
            then = bill(fact.recorded_at, fact.recorded_at, fact.location)
            assert (fact.data.billable, fact.data.free) == (then["billable"], then["free"])
            if bill(fact.recorded_at, NOW, fact.location)["billable"] != fact.data.billable:
                disputed.append(fact.data.charge)
    assert charges == 36
    assert disputed == [SCENES.charge]


def test_the_corrections_are_support_s_on_behalf_of_the_owner_with_a_ticket() -> None:
    by_id = {fact.id: fact for fact in facts()}
    for name in SCENES.corrections:
        fact = by_id[name]
        assert (fact.actor.kind, fact.actor.on_behalf_of) == ("support", SCENES.owner)
        assert "TICKET" in (fact.reason or "")
        assert fact.recorded_at.date() == date(2026, 4, 9)


def test_the_owner_is_free_until_the_renewal_switches_the_terms() -> None:
    before, after = bill(SCENES.old_terms), bill(SCENES.new_terms)
    assert (before["terms"], after["terms"]) == ("client_interaction", "access_rights")
    assert codes(row(before, SCENES.owner)) == ["owner_free"]
    assert row(after, SCENES.owner)["billable"]
    assert set(codes(row(after, SCENES.owner))) == {"right"}
    assert after["over"] > 0


def test_the_stolen_evening_makes_two_more_billable_until_the_morning() -> None:
    before, during, after = (
        bill(instant) for instant in (SCENES.before_theft, SCENES.during_theft, SCENES.after_theft)
    )
    assert during["billable"] == before["billable"] + 2 == after["billable"] + 2
    assert bill(date(2026, 5, 14))["billable"] == bill(date(2026, 5, 15))["billable"] + 2
    for account in SCENES.viewers:
        rights = [reason["right"] for reason in row(during, account)["reasons"]]
        assert rights == sorted(GIVEN)
        assert codes(row(after, account)) == ["read_only"]


def test_the_stolen_device_tells_the_whole_evening() -> None:
    seen = [fact for fact in facts() if fact.device is not None and fact.device.id == SCENES.device]
    assert Counter(fact.type for fact in seen) == {
        "SignInRefused": 2,
        "SignedIn": 1,
        "LogViewed": 1,
        "RightsEdited": 2,
        "DataExported": 1,
        "CommandRefused": 2,
        "SignedOut": 1,
    }
    assert {fact.actor.id for fact in seen} == {SCENES.victim}
    refused = [written(fact)["data"]["code"] for fact in seen if fact.type == "CommandRefused"]
    assert refused == ["beyond_own_rights", "last_owner"]


def test_new_york_lapses_for_some_days_under_its_old_terms() -> None:
    lapsed = bill(date(2026, 5, 17), location="new-york")
    assert lapsed["subscription"]["lapsed"]
    assert lapsed["terms"] == "client_interaction"
    renewed = bill(date(2026, 5, 19), location="new-york")
    assert not renewed["subscription"]["lapsed"]
    assert renewed["terms"] == "access_rights"


def test_seats_bought_inside_a_period_leave_lisbon_s_terms_alone() -> None:
    before, after = bill(date(2026, 3, 15), location="lisbon"), bill(date(2026, 3, 16), location="lisbon")
    assert (before["available"], after["available"]) == (5, 7)
    assert before["terms"] == after["terms"] == "client_interaction"


def test_a_cancelled_dismissal_leaves_no_trace_in_the_team() -> None:
    planned = bill(date(2026, 2, 1), datetime(2026, 1, 15, tzinfo=UTC))
    assert "jonas" in {found["member"] for found in planned["former"]}
    assert row(bill(date(2026, 2, 1)), "jonas")["billable"]


def test_a_record_deleted_by_mistake_is_back_within_the_day() -> None:
    there = {}
    for hour in (12, 14, 16):
        answer = bill(datetime(2026, 5, 20, hour, 30, tzinfo=UTC), location="lisbon")
        there[hour] = "ines" in {found["member"] for found in answer["seats"]}
    assert there == {12: True, 14: False, 16: True}


@pytest.mark.parametrize(
    ("location", "seat", "note"),
    [
        ("new-york", "acc-dana", "access_outlives_dismissal"),
        ("lisbon", "acc-rui", "unlinked_twin"),
        ("lisbon", "rui", "unlinked_twin"),
        ("berlin", "lina", "pending_invitation"),
    ],
)
def test_the_story_ends_with_something_to_tidy_up(location: str, seat: str, note: str) -> None:
    found = row(bill(NOW, location=location), seat)
    assert note in [each["code"] for each in found["notes"]]


def test_a_voided_fact_counted_for_two_days_only() -> None:
    on = date(2026, 2, 19)
    then = bill(on, datetime(2026, 2, 19, 12, tzinfo=UTC), "lisbon")
    assert row(then, "cabin-a")["billable"]
    assert not row(bill(on, location="lisbon"), "cabin-a")["billable"]


def test_the_real_import_takes_every_line_and_a_second_run_changes_nothing(store: Store) -> None:
    ledger = application(store, clock=lambda: NOW)
    lines = b"".join(canonical.write(line) + b"\n" for line in story())
    first = ledger.importer.run(BytesIO(lines), name="story", by="demo")
    assert (first.appended, first.already, first.refused) == (len(facts()), 0, 0)
    again = ledger.importer.run(BytesIO(lines), name="story", by="demo")
    assert (again.appended, again.already, again.refused) == (0, len(facts()), 0)
