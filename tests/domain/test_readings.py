"""Every switchable reading of the rules changes the answer of a case, and the one chosen is that of the contract."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.ledger import AsOf, Ledger
from domain.readings import READINGS, FreeOwner, Readings
from domain.seating import Seating
from tests.domain.telling import CATALOGUES, Raw, said
from tests.projections.twice_read import entries_of

OPENED = said("LocationOpened", {"name": "Studio", "time_zone": "UTC"})
CREATE = ["records_access", "records_create_access"]
EXPORT = ["clients_access", "clients_export_access"]
DELETE = ["settings_access", "settings_users_access", "settings_users_delete_access"]


def access(kind: str, role: str, rights: list[str], account: str = "acc-vic", at: float = 1) -> Raw:
    contact = {"contact": "v@example.test"} if kind == "UserInvited" else {}
    return said(kind, {"account": account, "role": role, "rights": rights, "scopes": {}, **contact}, at=at)


def bought(terms: str) -> Raw:
    dates = {"starts_at": "2026-03-01T10:00:00Z", "ends_at": "2026-09-01T10:00:00Z"}
    data = {"subscription": "P1", "terms": terms, "seats": 5, **dates, "auto_renews": False}
    return said("SubscriptionPurchased", data)


OWNERS = [access("AccessGranted", "owner", [], "acc-ann", 1), access("AccessGranted", "owner", [], "acc-bob", 2)]
GRANTED = "AccessGranted"
CASES: list[tuple[str, Any, str, list[Raw], dict[str, str]]] = [
    (
        "create_and_pay_together",
        False,
        "client_interaction",
        [access(GRANTED, "manager", CREATE)],
        {"acc-vic": "create_and_pay"},
    ),
    (
        "invitation_counts_from_grant",
        False,
        "access_rights",
        [access("UserInvited", "manager", CREATE)],
        {"acc-vic": "read_only"},
    ),
    ("free_owner", FreeOwner.LATEST, "client_interaction", OWNERS, {"acc-bob": "owner_free"}),
    (
        "removing_people_is_exempt",
        True,
        "access_rights",
        [access(GRANTED, "manager", DELETE)],
        {"acc-vic": "team_and_billing"},
    ),
    ("taking_data_out_is_paid", True, "access_rights", [access(GRANTED, "viewer", EXPORT)], {"acc-vic": "right"}),
    (
        "mailings_are_paid",
        False,
        "access_rights",
        [access(GRANTED, "viewer", ["send_sms_access"])],
        {"acc-vic": "read_only"},
    ),
]
CHOSEN = {
    "create_and_pay_together": {"acc-vic": "no_create_and_pay"},
    "invitation_counts_from_grant": {"acc-vic": "right"},
    "free_owner": {"acc-ann": "owner_free", "acc-bob": "no_create_and_pay"},
    "removing_people_is_exempt": {"acc-vic": "right"},
    "taking_data_out_is_paid": {"acc-vic": "read_only"},
    "mailings_are_paid": {"acc-vic": "right"},
}


def codes(given: list[Raw], readings: Readings) -> dict[str, str]:
    end = datetime(2026, 4, 1, tzinfo=UTC)
    seats = Seating(Ledger(entries_of(given), CATALOGUES, readings).as_of(AsOf(end, end))).seats
    return {seat.id: seat.verdict.reasons[0].code for seat in seats}


@pytest.mark.parametrize(("switch", "other", "terms", "given", "expected"), CASES, ids=lambda part: str(part)[:30])
def test_the_switch_changes_the_answer(
    switch: str, other: Any, terms: str, given: list[Raw], expected: dict[str, str]
) -> None:
    facts = [OPENED, bought(terms), *given]
    assert codes(facts, READINGS) == CHOSEN[switch]
    changed = codes(facts, Readings(**{switch: other}))
    assert expected.items() <= changed.items()
    assert changed != CHOSEN[switch]


def test_every_switch_has_a_case() -> None:
    assert {switch for switch, *_ in CASES} == {each.name for each in fields(Readings)}


def test_an_invitation_that_was_accepted_counts_either_way() -> None:
    accepted = said("InvitationAccepted", {"account": "acc-vic"}, at=2)
    given = [OPENED, bought("access_rights"), access("UserInvited", "manager", CREATE), accepted]
    assert codes(given, Readings(invitation_counts_from_grant=False)) == codes(given, READINGS) == {"acc-vic": "right"}
