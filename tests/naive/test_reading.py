"""The naive reading gives what the acceptance cases expect, and the random ledgers are what they promise to be."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.naive.ledgers import circular, grid, inside, ledger, locations, shuffled_by_location
from tests.naive.reading import Fact, end_of_day, instant, seats, start_of_day

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((ROOT / "tests" / "acceptance" / "cases").glob("*.json"))
END_OF_TIME = datetime(2030, 1, 1, tzinfo=UTC)

with (ROOT / "domain" / "catalogue" / "rights_v1.csv").open(encoding="utf-8", newline="") as source:
    CATALOGUE = list(csv.DictReader(source))


# --- The acceptance cases ---


def moment(text: str | None, tz: str) -> datetime:
    if text is None:
        return END_OF_TIME
    return instant(text) if "T" in text else end_of_day(date.fromisoformat(text), tz)


def ident(row: dict[str, Any]) -> str:
    found: str = row["member"] or row["account"]
    return found


def named(reason: dict[str, Any]) -> str:
    return f"{reason['code']}:{reason['right']}" if "right" in reason else str(reason["code"])


def check_seat(row: dict[str, Any], expected: dict[str, Any]) -> None:
    for key in ("billable", "account", "name"):
        if key in expected:
            assert row[key] == expected[key]
    reasons = row["reasons"]
    if "codes" in expected:
        assert {reason["code"] for reason in reasons} == set(expected["codes"])
    if "rights" in expected:
        assert [reason["right"] for reason in reasons if reason["code"] == "right"] == expected["rights"]
    because = {named(reason): set(reason["because"]) for reason in reasons}
    for reason, ids in expected.get("because", {}).items():
        assert because[reason] == set(ids)
    notes = {note["code"] for note in row["notes"]} | {named(note) for note in row["notes"]}
    assert set(expected.get("notes", [])) <= notes
    assert not set(expected.get("no_notes", [])) & notes


def check(answer: dict[str, Any], expect: dict[str, Any]) -> None:
    rows = {ident(row): row for row in answer["seats"]}
    former = {ident(row): row["reason"]["code"] for row in answer["former"]}
    for key in ("available", "billable", "free", "over"):
        if key in expect:
            assert answer[key] == expect[key], key
    for key, value in (expect.get("subscription") or {}).items():
        assert answer["subscription"][key] == value, key
    for seat, expected in expect.get("seats", {}).items():
        check_seat(rows[seat], expected)
    if "former" in expect:
        assert former == expect["former"]
    assert not set(expect.get("absent", [])) & {*rows, *former}
    if "order" in expect:
        assert [ident(row) for row in answer["seats"]] == expect["order"]


def test_all_cases_are_there() -> None:
    assert len(CASES) >= 64


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_gives_what_the_acceptance_case_expects(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    zones = locations(case["facts"])
    for question in case["questions"]:
        assert question["ask"] == "seats"
        zone = zones[question["location"]]
        on, known = moment(question["on"], zone), moment(question["known"], zone)
        if "on" in question["expect"]:
            assert on == instant(question["expect"]["on"])
        check(seats(case["facts"], question["location"], on, known, CATALOGUE), question["expect"])


# --- Days ---


@pytest.mark.parametrize(
    ("day", "tz", "start"),
    [
        ("2026-03-10", "UTC", "2026-03-10T00:00:00Z"),
        ("2026-03-10", "Asia/Kathmandu", "2026-03-09T18:15:00Z"),
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z"),
        ("2026-03-30", "Europe/Berlin", "2026-03-29T22:00:00Z"),
        # Midnight is skipped: the day starts after the gap.
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"),
        ("2026-03-08", "America/Havana", "2026-03-08T05:00:00Z"),
        # Midnight comes twice: the day starts at the first.
        ("2025-11-02", "America/Havana", "2025-11-02T04:00:00Z"),
        # The hour before midnight comes twice, midnight once.
        ("2019-02-17", "America/Sao_Paulo", "2019-02-17T03:00:00Z"),
        # A minute after midnight the clock went back into the day before: twice again, a minute and an hour apart.
        ("2006-10-29", "America/St_Johns", "2006-10-29T02:30:00Z"),
        # A whole day is skipped: it starts where the next one does.
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"),
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00Z"),
    ],
)
def test_a_day_starts_after_the_gap_and_at_the_first_midnight(day: str, tz: str, start: str) -> None:
    assert start_of_day(date.fromisoformat(day), tz) == instant(start)


def test_a_day_ends_a_microsecond_before_the_next() -> None:
    assert end_of_day(date(2026, 3, 10), "Pacific/Auckland") == instant("2026-03-10T10:59:59.999999Z")
    assert end_of_day(date(2011, 12, 29), "Pacific/Apia") == instant("2011-12-30T09:59:59.999999Z")
    assert end_of_day(date(2011, 12, 30), "Pacific/Apia") == end_of_day(date(2011, 12, 29), "Pacific/Apia")


# --- Corrections: the corners that the acceptance cases leave out ---


def fact(number: int, type_: str, day: int, /, *, effective: int | None = None, by: str = "", **data: Any) -> Fact:
    """A fact of L1 with the id f<number>, recorded at noon of that day of March 2026."""
    recorded, holds = (f"2026-03-{one:02}T12:00:00Z" for one in (day, day if effective is None else effective))
    caused = {"caused_by": by} if by else {}
    base = {"id": f"f{number}", "type": type_, "location": "L1", "recorded_at": recorded, "effective_at": holds}
    return {**base, **caused, "data": data}


def correction(number: int, day: int, corrects: str | None, inner: Fact | None = None, by: str = "") -> Fact:
    kind = "late" if corrects is None else "void" if inner is None else "replace"
    return fact(number, "Correction", day, by=by, kind=kind, corrects=corrects, fact=inner)


ADDED = fact(1, "TeamMemberAdded", 1, member="ann", name="Ann")
BOOKED = fact(2, "AddedToSchedule", 2, member="ann")


def scheduled_since(facts: list[Fact], *, on: int = 30, known: int = 30) -> str | None:
    on_, known_ = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (on, known))
    answer = seats(facts, "L1", on_, known_, CATALOGUE)
    found = [reason for row in answer["seats"] for reason in row["reasons"] if reason["code"] == "schedule"]
    return found[0]["because"][0] if found else None


def test_a_void_of_a_void_brings_the_fact_back_from_then_on() -> None:
    facts = [ADDED, BOOKED, correction(3, 5, "f2"), correction(4, 8, "f3")]
    assert [scheduled_since(facts, known=day) for day in (4, 5, 7, 8)] == ["f2", None, None, "f2"]


def test_a_void_of_a_replacement_restores_the_old_fact_and_drops_the_new_one() -> None:
    moved = fact(9, "AddedToSchedule", 5, effective=4, member="ann")
    facts = [ADDED, BOOKED, correction(3, 5, "f2", moved), correction(4, 8, "f3")]
    assert [scheduled_since(facts, known=day) for day in (4, 5, 8)] == ["f2", "f9", "f2"]


def test_a_void_of_the_inner_fact_leaves_the_old_one_out() -> None:
    moved = fact(9, "AddedToSchedule", 5, effective=4, member="ann")
    facts = [ADDED, BOOKED, correction(3, 5, "f2", moved), correction(4, 8, "f9")]
    assert scheduled_since(facts) is None


def test_a_correction_may_put_in_a_correction() -> None:
    within = correction(9, 5, "f2")
    facts = [ADDED, BOOKED, correction(3, 5, None, within), correction(4, 8, "f3")]
    assert [scheduled_since(facts, known=day) for day in (4, 5, 8)] == ["f2", None, "f2"]


def test_a_correction_whose_cause_is_left_out_has_no_effect_wherever_the_cause_was_struck() -> None:
    left = fact(3, "RemovedFromSchedule", 3, member="ann")
    # The cause f3 is voided before (f4), the correction f5 that it caused comes after, and is left out all the same.
    facts = [ADDED, BOOKED, left, correction(4, 4, "f3"), correction(5, 6, "f2", by="f3")]
    assert scheduled_since(facts) == "f2"
    # With the void of the cause voided as well, the cause counts, and so does the correction.
    assert scheduled_since([*facts, correction(6, 8, "f4")]) is None


def test_what_a_left_out_fact_caused_is_left_out_down_the_chain() -> None:
    dismissed = fact(3, "TeamMemberDismissed", 5, member="ann", dismissal_date="2026-03-05", reason="Left")
    first = fact(4, "RemovedFromSchedule", 5, by="f3", member="ann")
    second = fact(5, "TeamMemberDeleted", 5, by="f4", member="ann")
    facts = [ADDED, BOOKED, dismissed, first, second]
    assert scheduled_since(facts) is None
    assert scheduled_since([*facts, correction(6, 8, "f3")]) == "f2"


def test_a_void_of_a_cancelled_dismissal_brings_the_dismissal_back() -> None:
    dismissed = fact(3, "TeamMemberDismissed", 5, effective=20, member="ann", dismissal_date="2026-03-20", reason="x")
    cancelled = fact(4, "DismissalCancelled", 6, member="ann", cancels="f3")
    facts = [ADDED, BOOKED, dismissed, cancelled, correction(5, 8, "f4")]
    assert [scheduled_since(facts, known=day) for day in (5, 6, 8)] == [None, "f2", None]


def test_a_cancellation_of_another_member_or_of_no_dismissal_does_nothing() -> None:
    gone = fact(3, "TeamMemberDeleted", 5, member="ann")
    facts = [ADDED, BOOKED, gone, fact(4, "DismissalCancelled", 6, member="ann", cancels="f3")]
    assert scheduled_since(facts) is None
    assert scheduled_since([ADDED, BOOKED, fact(4, "DismissalCancelled", 6, member="ann", cancels="f2")]) == "f2"


def test_a_correction_does_nothing_to_a_fact_that_comes_after_it() -> None:
    assert scheduled_since([ADDED, correction(3, 1, "f2"), BOOKED]) == "f2"


def test_a_knot_of_facts_is_refused_not_guessed() -> None:
    left = fact(3, "RemovedFromSchedule", 3, member="ann")
    knot = [ADDED, BOOKED, left, correction(4, 4, "f3", by="f3")]
    assert circular(knot)
    with pytest.raises(ValueError, match="depends on itself"):
        scheduled_since(knot)


# --- Registers: the readings that nothing else pins ---


def answered(facts: list[Fact]) -> dict[str, Any]:
    end = datetime(2026, 3, 30, 12, tzinfo=UTC)
    return seats(facts, "L1", end, end, CATALOGUE)


def granted(number: int, day: int, account: str, role: str = "viewer", *rights: str) -> Fact:
    return fact(number, "AccessGranted", day, account=account, role=role, rights=list(rights), scopes={})


def purchased(number: int, terms: str) -> Fact:
    ends = "2026-09-01T12:00:00Z"
    bought = fact(number, "SubscriptionPurchased", 1, subscription="P", terms=terms, seats=0, ends_at=ends)
    bought["data"]["starts_at"] = bought["effective_at"]
    return bought


def noted(facts: list[Fact], account: str) -> bool:
    row = next(row for row in answered(facts)["seats"] if row["account"] == account)
    return {"code": "access_outlives_dismissal"} in row["notes"]


def test_the_note_of_an_outliving_access_ends_with_restore_link_or_new_access() -> None:
    linked = [ADDED, granted(3, 2, "acc-ann"), fact(4, "UserLinked", 3, account="acc-ann", member="ann")]
    gone = fact(5, "TeamMemberDismissed", 5, member="ann", dismissal_date="2026-03-05", reason="Left")
    assert noted([*linked, gone], "acc-ann")
    unlinked = fact(6, "UserUnlinked", 4, account="acc-ann", member="ann", cause="dismissal")
    assert noted([*linked, unlinked, gone], "acc-ann")
    by_hand = fact(6, "UserUnlinked", 4, account="acc-ann", member="ann", cause="manual")
    assert not noted([*linked, by_hand, gone], "acc-ann")
    restored = fact(7, "TeamMemberRestored", 6, member="ann")
    assert not noted([*linked, gone, restored], "acc-ann")
    again = fact(8, "TeamMemberDismissed", 7, member="ann", dismissal_date="2026-03-07", reason="Left")
    assert not noted([*linked, gone, restored, again], "acc-ann")
    anew = [fact(9, "AccessRevoked", 8, account="acc-ann"), granted(10, 9, "acc-ann")]
    assert not noted([*linked, gone, *anew], "acc-ann")


def test_without_access_the_cause_is_what_ended_it_or_what_added_the_member() -> None:
    linked = [ADDED, granted(3, 2, "acc-ann"), fact(4, "UserLinked", 3, account="acc-ann", member="ann")]
    revoked = fact(5, "AccessRevoked", 5, account="acc-ann")
    gone = [fact(6, "TeamMemberDeleted", 6, member="ann"), fact(7, "TeamMemberRestored", 7, member="ann")]
    for facts, cause in (
        ([ADDED], "f1"),
        ([*linked, revoked], "f5"),
        ([*linked, revoked, *gone], "f5"),
        ([ADDED, *gone], "f1"),
    ):
        (row,) = answered(facts)["seats"]
        assert row["reasons"] == [{"code": "no_access", "because": [cause]}]


def test_a_right_held_without_a_break_keeps_its_cause_and_no_op_facts_are_none() -> None:
    bought = purchased(2, "access_rights")
    first = granted(3, 2, "acc-vic", "viewer", "clients_access", "clients_edit_access")
    renamed = fact(4, "RoleChanged", 3, account="acc-vic", after="manager", rights_after=first["data"]["rights"])
    same = fact(5, "RightsEdited", 4, account="acc-vic", granted=["clients_access"], revoked=[])
    off = fact(6, "RightsEdited", 5, account="acc-vic", granted=[], revoked=["clients_edit_access"])
    for facts, cause in (([first], "f3"), ([first, renamed, same], "f3"), ([first, off], "f6")):
        (row,) = answered([bought, *facts])["seats"]
        assert [reason["because"] for reason in row["reasons"]] == [[cause]]


def test_one_owner_is_free_by_the_start_of_the_present_ownership_and_ties_go_by_id() -> None:
    bought = purchased(2, "client_interaction")
    olga, pavel = granted(3, 3, "acc-olga", "owner"), granted(4, 3, "acc-pavel", "owner")
    break_off = [fact(5, "AccessRevoked", 4, account="acc-olga"), granted(6, 5, "acc-olga", "owner")]
    for facts, account in (([pavel, olga], "acc-olga"), ([olga, pavel, *break_off], "acc-pavel")):
        rows = answered([bought, *facts])["seats"]
        assert [row["account"] for row in rows if row["reasons"][0]["code"] == "owner_free"] == [account]


# --- The random ledgers ---

SEEDS = range(24)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_ledger_has_the_form_of_the_interchange_format(seed: int) -> None:
    facts = ledger(seed)
    recorded = [instant(fact["recorded_at"]) for fact in facts]
    assert recorded == sorted(recorded)
    everything = [one for plain in facts for one in inside(plain)]
    assert len({one["id"] for one in everything}) == len(everything)
    assert all(instant(plain["effective_at"]) >= instant(plain["recorded_at"]) for plain in facts)
    for plain in facts:
        assert {one.get("location") for one in inside(plain)} == {plain.get("location")}
    assert not circular(facts)
    assert json.loads(json.dumps(facts)) == facts
    assert facts == ledger(seed)
    assert 55 <= len(facts) <= 75


def test_the_ledgers_together_hold_what_they_promise() -> None:
    ledgers = [ledger(seed) for seed in SEEDS]
    located = [plain for facts in ledgers for plain in facts if "location" in plain]
    share = sum(plain["type"] == "Correction" for plain in located) / len(located)
    assert 0.25 <= share <= 0.35
    types = Counter(one["type"] for facts in ledgers for plain in facts for one in inside(plain))
    assert all(
        types[kind] >= 5
        for kind in (
            *("TeamMemberDismissed", "DismissalCancelled", "TeamMemberDeleted", "TeamMemberRestored", "UserInvited"),
            *("InvitationAccepted", "InvitationWithdrawn", "InvitationExpired", "AccessGranted", "AccessRevoked"),
            *("RoleChanged", "RightsEdited", "UserLinked", "UserUnlinked", "SubscriptionRenewed", "SeatsAdded"),
        )
    )
    corrected = {one["data"].get("corrects") for plain in located for one in inside(plain)}
    kinds = Counter(one["type"] for plain in located for one in inside(plain) if one["id"] in corrected)
    assert kinds["Correction"] >= 10
    assert kinds["DismissalCancelled"] >= 2
    assert any(len(inside(plain)) > 2 for plain in located)
    for key in ("recorded_at", "effective_at"):
        ties = Counter((index, plain[key]) for index, facts in enumerate(ledgers) for plain in facts)
        assert sum(count > 1 for count in ties.values()) > 50
    assert {len(locations(facts)) for facts in ledgers} == {1, 2, 3}


def test_the_ledgers_together_bring_about_every_code() -> None:
    codes: set[str] = set()
    for seed in SEEDS:
        facts = ledger(seed)
        for on, known in grid(facts, 12, seed):
            for location in locations(facts):
                answer = seats(facts, location, on, known, CATALOGUE)
                codes.update(answer["notes"])
                codes.update(row["reason"]["code"] for row in answer["former"])
                for row in answer["seats"]:
                    codes.update(one["code"] for one in [*row["reasons"], *row["notes"]])
    assert codes == {
        *("schedule", "role_administrator", "create_and_pay", "right"),
        *("owner_free", "no_create_and_pay", "read_only", "team_and_billing", "no_access", "user_only"),
        *("dismissed", "deleted", "revoked", "withdrawn", "expired"),
        *("ineffective_right", "unknown_right", "sensitive_right", "pending_invitation"),
        *("access_outlives_dismissal", "unlinked_twin", "lapsed_subscription", "unknown_rights"),
    }


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_an_answer_does_not_hang_on_how_the_locations_were_interleaved(seed: int) -> None:
    facts = ledger(seed)
    other = shuffled_by_location(facts, seed)
    assert sorted(fact["id"] for fact in facts) == sorted(fact["id"] for fact in other)
    for stream in (None, *locations(facts)):
        assert [one for one in facts if one.get("location") == stream] == [
            one for one in other if one.get("location") == stream
        ]
    for on, known in grid(facts, 6, seed):
        for location in locations(facts):
            assert seats(facts, location, on, known, CATALOGUE) == seats(other, location, on, known, CATALOGUE)


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_what_was_recorded_after_known_changes_nothing(seed: int) -> None:
    facts = ledger(seed)
    for on, known in grid(facts, 6, seed):
        before = [plain for plain in facts if instant(plain["recorded_at"]) <= known]
        for location in locations(facts):
            assert seats(facts, location, on, known, CATALOGUE) == seats(before, location, on, known, CATALOGUE)


def test_a_grid_is_bounded_and_looks_just_before_things_happen() -> None:
    facts = ledger(7)
    points = grid(facts, 40, 1)
    assert len(points) == 40
    assert points == grid(facts, 40, 1)
    marks = {instant(one["effective_at"]) for plain in facts for one in inside(plain)}
    assert any(on + timedelta(microseconds=1) in marks for on, _ in points)
    assert any(on in marks for on, _ in points)


def test_dismissals_take_effect_at_the_start_of_a_local_day() -> None:
    starts = 0
    for seed in SEEDS:
        facts = ledger(seed)
        for plain in facts:
            if plain["type"] == "TeamMemberDismissed" and plain["effective_at"] > plain["recorded_at"]:
                zone = locations(facts)[plain["location"]]
                local = instant(plain["effective_at"]).astimezone(ZoneInfo(zone))
                starts += 1
                assert str(local.date()) >= plain["data"]["dismissal_date"]
                assert start_of_day(local.date(), zone) == instant(plain["effective_at"])
    assert starts > 20
