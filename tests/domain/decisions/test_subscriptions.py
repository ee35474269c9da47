"""Terms and subscriptions: what is refused, and what facts come of what is accepted."""

import pytest

from domain.instants import write_instant
from domain.refusals import Code
from tests.domain.decisions.cases import Accepted, Refused
from tests.domain.decisions.situations import PLACE, RUNNING, SCHEDULED, bought, period
from tests.domain.telling import KEY, NOW, SYSTEM, day, said

REFUSED = [
    Refused(
        [], "publish_terms", {"terms": "access_rights", "from": "2026-04-01"}, Code.FORBIDDEN, how={"location": None}
    ),
    Refused(
        [said("TermsPublished", {"terms": "access_rights", "from": "2026-02-03"}, location=None)],
        "publish_terms",
        {"terms": "access_rights", "from": "2026-04-01"},
        Code.NO_CHANGE,
        ("TermsPublished",),
        {"location": None, "actor": KEY},
    ),
    Refused(
        RUNNING,
        "purchase",
        {"subscription": "P1", "seats": 1, "ends_at": write_instant(day(90))},
        Code.OVERLAP,
        ("SubscriptionPurchased P1",),
    ),
    Refused(PLACE, "purchase", {"subscription": "P1", "seats": 1, "ends_at": write_instant(NOW)}, Code.INVALID),
    Refused(
        PLACE,
        "purchase",
        {"subscription": "P1", "seats": 1, "starts_at": write_instant(day(1)), "ends_at": write_instant(day(90))},
        Code.INVALID,
    ),
    Refused(
        PLACE,
        "purchase",
        {"subscription": "P1", "seats": 1, "ends_at": write_instant(day(90)), "terms": "access_rights"},
        Code.INVALID,
    ),
    Refused(PLACE, "renew", {"subscription": "P1", "seats": 1, "ends_at": write_instant(day(90))}, Code.NO_PERIOD),
    Refused(
        RUNNING,
        "renew",
        {"subscription": "P1", "seats": 1, "starts_at": write_instant(day(20)), "ends_at": write_instant(day(90))},
        Code.OVERLAP,
        ("SubscriptionPurchased P1",),
    ),
    Refused(PLACE, "add_seats", {"subscription": "P1", "seats": 1}, Code.NO_PERIOD),
    Refused([*PLACE, bought(days=3)], "add_seats", {"subscription": "P1", "seats": 1}, Code.NO_PERIOD),
    Refused(
        [*PLACE, bought(seats=0)],
        "add_seats",
        {"subscription": "P1", "seats": 1},
        Code.NO_CHANGE,
        ("SubscriptionPurchased P1",),
    ),
    Refused(PLACE, "record_failed_renewal", {"subscription": "P1"}, Code.NO_PERIOD),
    Refused(PLACE, "record_charge", {"subscription": "P1", "charge": "c1"}, Code.NO_PERIOD),
    Refused(
        [*RUNNING, said("SeatsCharged", {"subscription": "P1", "charge": "c1", "billable": 1, "free": 0}, at=3)],
        "record_charge",
        {"subscription": "P1", "charge": "c1"},
        Code.EXISTS,
        ("SeatsCharged P1",),
    ),
]

ACCEPTED = [
    Accepted(
        [],
        "publish_terms",
        {"terms": "access_rights", "from": "2026-04-01"},
        [("TermsPublished", {"terms": "access_rights", "from": "2026-04-01", "at": "2026-04-01T00:00:00Z"})],
        {"location": None, "actor": KEY},
    ),
    Accepted(
        PLACE,
        "purchase",
        {"subscription": "P1", "seats": 2, "ends_at": write_instant(day(90))},
        [("SubscriptionPurchased", period("P1", 2, NOW, day(90)))],
    ),
    Accepted(
        PLACE,
        "purchase",
        {"subscription": "P1", "seats": 0, "starts_at": write_instant(day(20)), "ends_at": write_instant(day(90))},
        [("SubscriptionPurchased", period("P1", 0, day(20), day(90)) | {"at": write_instant(day(20))})],
    ),
    Accepted(
        RUNNING,
        "purchase",
        {"subscription": "P2", "seats": 2, "ends_at": write_instant(day(90))},
        [("SubscriptionPurchased", period("P2", 2, NOW, day(90)))],
    ),
    Accepted(
        RUNNING,
        "renew",
        {"subscription": "P1", "seats": 2, "ends_at": write_instant(day(90))},
        [
            (
                "SubscriptionRenewed",
                period("P1", 2, day(32), day(90))
                | {"auto_renews": True, "automatic": False, "at": write_instant(day(32))},
            )
        ],
    ),
    Accepted(
        [*PLACE, bought(days=3)],
        "renew",
        {"subscription": "P1", "seats": 2, "ends_at": write_instant(day(90)), "automatic": True},
        [("SubscriptionRenewed", period("P1", 2, NOW, day(90)) | {"auto_renews": True, "automatic": True})],
        {"actor": SYSTEM},
    ),
    Accepted(
        RUNNING, "add_seats", {"subscription": "P1", "seats": 2}, [("SeatsAdded", {"subscription": "P1", "seats": 2})]
    ),
    Accepted(
        RUNNING,
        "record_failed_renewal",
        {"subscription": "P1"},
        [("RenewalFailed", {"subscription": "P1"})],
        {"actor": SYSTEM},
    ),
    Accepted(
        [*SCHEDULED, bought()],
        "record_charge",
        {"subscription": "P1", "charge": "c1", "amount": "12.50", "currency": "EUR"},
        [
            (
                "SeatsCharged",
                {"subscription": "P1", "charge": "c1", "billable": 1, "free": 2, "amount": "12.50", "currency": "EUR"},
            )
        ],
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Refused) -> None:
    case.check()


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_accepted(case: Accepted) -> None:
    case.check()
