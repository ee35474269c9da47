"""What a failed check says: each wrong expectation is found, and said in a sentence."""

from typing import Any

import pytest

from tests.acceptance.checking import differences, of_appended

ANSWER: dict[str, Any] = {
    "on": "2026-03-10T23:59:59.999999Z",
    "subscription": {"id": "P2", "terms": "access_rights", "starts_at": "2026-03-01T09:00:00Z", "lapsed": False},
    "available": None,
    "billable": 1,
    "free": 1,
    "over": 0,
    "seats": [
        {
            "member": None,
            "account": "acc-vic",
            "name": "Vic",
            "billable": True,
            "reasons": [{"code": "right", "right": "clients_edit_access", "because": ["f1"]}],
            "notes": [{"code": "sensitive_right", "right": "clients_export_access"}],
        },
        {
            "member": "ann",
            "account": None,
            "name": "Ann",
            "billable": False,
            "reasons": [{"code": "no_access", "because": ["f2"]}],
            "notes": [],
        },
    ],
    "former": [{"member": "mia", "account": None, "reason": {"code": "dismissed", "because": ["f3"]}}],
}
FITTING: dict[str, Any] = {
    "on": "2026-03-11T00:59:59.999999+01:00",
    "subscription": {"starts_at": "2026-03-01T10:00:00+01:00"},
    "available": None,
    "billable": 1,
    "free": 1,
    "over": 0,
    "seats": {
        "acc-vic": {
            "billable": True,
            "codes": ["right"],
            "rights": ["clients_edit_access"],
            "because": {"right:clients_edit_access": ["f1"]},
            "account": "acc-vic",
            "name": "Vic",
            "notes": ["sensitive_right", "sensitive_right:clients_export_access"],
            "no_notes": ["pending_invitation"],
        }
    },
    "former": {"mia": "dismissed"},
    "absent": ["bob"],
    "order": ["acc-vic", "ann"],
}


def test_a_fitting_expectation_says_nothing() -> None:
    assert differences(ANSWER, FITTING) == []


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        ({"billable": 2}, "billable rows should be 2, but the ledger says 1"),
        ({"available": 3}, "seats bought should be 3, but the ledger says unlimited"),
        ({"on": "2026-03-10"}, "the ledger takes it as 2026-03-10T23:59:59.999999Z"),
        ({"subscription": None}, "there should be no subscription"),
        ({"subscription": {"terms": "service_providers"}}, "terms should be service_providers"),
        ({"seats": {"mia": {}}}, "mia should be a row of the list, but the ledger says: former, dismissed (dismissed)"),
        (
            {"seats": {"ann": {"billable": True, "codes": ["schedule"]}}},
            "should be billable because: on the schedule (schedule), but the ledger says free because: is off",
        ),
        ({"seats": {"ann": {"codes": ["no_access", "schedule"]}}}, "the reasons should be"),
        ({"seats": {"ann": {"account": "acc-ann"}}}, "the account should be acc-ann, but the ledger says None"),
        ({"seats": {"acc-vic": {"rights": []}}}, "should be nothing, but the ledger says clients_edit_access"),
        ({"seats": {"acc-vic": {"because": {"right:clients_edit_access": ["f9"]}}}}, "f9, but the ledger says f1"),
        ({"seats": {"acc-vic": {"because": {"schedule": ["f9"]}}}}, "that reason does not hold"),
        ({"seats": {"acc-vic": {"notes": ["unlinked_twin"]}}}, "should have the note"),
        ({"seats": {"acc-vic": {"no_notes": ["sensitive_right"]}}}, "should not have the note"),
        ({"seats": {"ann": {"bilable": True}}}, "'bilable', which no check knows"),
        ({"former": {}}, "the former rows should be nothing"),
        ({"absent": ["mia"]}, "among the former rows"),
        ({"absent": ["ann"]}, "among the seats"),
        ({"order": ["ann", "acc-vic"]}, "in the order ann, acc-vic, but the ledger says acc-vic, ann"),
        ({"counts": 3}, "'counts', which no check knows"),
    ],
)
def test_a_wrong_expectation_is_said_in_a_sentence(expect: dict[str, Any], words: str) -> None:
    (said,) = differences(ANSWER, expect)
    assert words in said


FACT: dict[str, Any] = {
    "id": "f1",
    "type": "AddedToSchedule",
    "effective_at": "2026-03-10T10:00:00Z",
    "data": {"member": "ann", "more": 1},
}


def test_facts_of_a_change_are_matched_whatever_their_order() -> None:
    caused = {**FACT, "id": "f2", "type": "UserUnlinked", "caused_by": "f1"}
    wanted: list[dict[str, Any]] = [
        {"type": "UserUnlinked", "caused_by": "AddedToSchedule"},
        {"type": "AddedToSchedule", "effective_at": "2026-03-10T11:00:00+01:00", "data": {"member": "ann"}},
    ]
    assert of_appended([FACT, caused], wanted) == []
    assert len(of_appended([FACT], wanted)) == 1
    assert len(of_appended([FACT, caused, caused], wanted)) == 1
    assert len(of_appended([FACT], [{"type": "AddedToSchedule", "data": {"member": "bob"}}])) == 2
