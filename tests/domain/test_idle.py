"""Facts that are kept and fold to nothing are named, and no others."""

import pytest

from domain.idle import idle_facts
from tests.cast import Json, fact, ledger, studio

OPENED = fact("LocationOpened", at="2026-01-01T09:00:00Z", name="Studio", time_zone="UTC")
MIA = fact("TeamMemberAdded", at="2026-01-02T09:00:00Z", member="mia", name="Mia")
BOOKABLE = fact("AddedToSchedule", at="2026-01-03T09:00:00Z", member="mia")
GIVEN = fact("AccessGranted", at="2026-01-04T09:00:00Z", account="acc-mia", role="viewer", rights=["records_access"])
LINKED = fact("UserLinked", at="2026-01-05T09:00:00Z", account="acc-mia", member="mia")
BEFORE = [OPENED, MIA, BOOKABLE, GIVEN, LINKED]
AT = "2026-02-01T09:00:00Z"
MISSING = "00000000-0000-4000-8000-000000000000"
FROM: Json = {"from": "2020-01-01"}
NOBODY: Json = {"member": "nobody"}
NO_ONE: Json = {"account": "acc-nobody"}


def said(*facts: Json) -> list[str]:
    return list(idle_facts(ledger([*BEFORE, *facts])))


def test_a_sound_ledger_has_none() -> None:
    assert said() == []
    assert list(idle_facts(ledger(studio()))) == []


IDLE = {
    "a right granted twice": fact("RightsEdited", at=AT, account="acc-mia", granted=["records_access"]),
    "a right revoked that is not held": fact("RightsEdited", at=AT, account="acc-mia", revoked=["tips_access"]),
    "rights of nobody": fact("RightsEdited", at=AT, granted=["records_access"], **NO_ONE),
    "a link to an unknown member": fact("UserLinked", at=AT, account="acc-mia", **NOBODY),
    "a link of an unknown account": fact("UserLinked", at=AT, member="mia", **NO_ONE),
    "a link that is there": fact("UserLinked", at=AT, account="acc-mia", member="mia"),
    "the end of no link": fact("UserUnlinked", at=AT, member="mia", **NO_ONE),
    "on the schedule again": fact("AddedToSchedule", at=AT, member="mia"),
    "off a schedule of nobody": fact("RemovedFromSchedule", at=AT, **NOBODY),
    "a dismissal of nobody": fact("TeamMemberDismissed", at=AT, **NOBODY),
    "a restore of who is there": fact("TeamMemberRestored", at=AT, member="mia"),
    "the end of no access": fact("AccessRevoked", at=AT, **NO_ONE),
    "no invitation to accept": fact("InvitationAccepted", at=AT, account="acc-mia"),
    "seats for no subscription": fact("SeatsAdded", at=AT, subscription="P", seats=1),
    "a chain that was never joined": fact("LocationLeftChain", at=AT, chain="C"),
}


@pytest.mark.parametrize("what", IDLE)
def test_what_changes_nothing_is_named(what: str) -> None:
    idle = IDLE[what]
    assert said(idle) == [f"the {idle['type']} {idle['id']} changes nothing"]


BUSY = {
    "a right": fact("RightsEdited", at=AT, account="acc-mia", granted=["tips_access"]),
    "the end of a link": fact("UserUnlinked", at=AT, account="acc-mia", member="mia"),
    "a dismissal": fact("TeamMemberDismissed", at=AT, member="mia"),
    "a dismissal that is yet to come": fact(
        "TeamMemberDismissed", at=AT, effective_at="2030-01-01T00:00:00Z", member="mia"
    ),
    "working hours": fact("WorkingHoursPlanned", at=AT, member="mia", until="2026-12-31"),
    "a failed renewal": fact("RenewalFailed", at=AT, subscription="P"),
    "a charge": fact("SeatsCharged", at=AT, subscription="P", charge="C", billable=1, free=0),
    "terms": fact("TermsPublished", at=AT, terms="access_rights", **FROM),
    "a void": fact("Correction", at=AT, kind="void", corrects=BOOKABLE["id"]),
}


@pytest.mark.parametrize("what", BUSY)
def test_what_says_something_is_not_named(what: str) -> None:
    assert said(BUSY[what]) == []


def test_what_a_fact_caused_restates_it_and_is_not_named() -> None:
    gone = fact("TeamMemberDismissed", at=AT, member="mia")
    effects = [
        fact("UserUnlinked", at=AT, account="acc-mia", member="mia", cause="dismissal", caused_by=gone),
        fact("RemovedFromSchedule", at=AT, member="mia", caused_by=gone),
    ]
    assert said(gone, *effects) == []


def test_corrections_and_cancellations_of_nothing_are_named() -> None:
    void = fact("Correction", at=AT, kind="void", corrects=MISSING)
    cancelled = fact("DismissalCancelled", at=AT, member="mia", cancels=MISSING)
    assert said(void, cancelled) == [
        f"the Correction {void['id']} names {MISSING}, which is not a fact before it here",
        f"the DismissalCancelled {cancelled['id']} names {MISSING}, which is not a fact before it here",
    ]


def test_a_correction_of_what_comes_after_it_is_named() -> None:
    later = fact("TeamMemberAdded", at="2026-02-02T09:00:00Z", member="x", name="X")
    void = fact("Correction", at=AT, kind="void", corrects=later["id"])
    assert said(void, later) == [f"the Correction {void['id']} names {later['id']}, which is not a fact before it here"]


def test_a_cause_that_is_not_there_is_named() -> None:
    caused = fact("RemovedFromSchedule", at=AT, member="mia", caused_by={"id": MISSING})
    assert said(caused) == [f"the RemovedFromSchedule {caused['id']} was caused by {MISSING}, which is not a fact here"]


def test_a_fact_that_was_taken_back_is_no_longer_idle() -> None:
    again = fact("AddedToSchedule", at=AT, member="mia")
    void = fact("Correction", at="2026-02-02T09:00:00Z", kind="void", corrects=again["id"])
    assert said(again) != []
    assert said(again, void) == []


def test_an_idle_fact_inside_a_correction_is_named_by_its_own_id() -> None:
    inner = fact("AddedToSchedule", at="2026-01-20T09:00:00Z", member="mia")
    assert said(fact("Correction", at=AT, kind="late", fact=inner)) == [
        f"the AddedToSchedule {inner['id']} changes nothing"
    ]
