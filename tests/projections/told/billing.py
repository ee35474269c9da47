"""The expected sentences about the terms, the subscription, and what was charged."""

from tests.cast import Json, fact

SYSTEM = "system:billing"
FROM_APRIL: Json = {"from": "2026-04-01"}
PERIOD: Json = {
    "subscription": "P2",
    "terms": "access_rights",
    "seats": 5,
    "starts_at": "2026-04-01T07:00:00Z",
    "ends_at": "2026-10-01T07:00:00Z",
    "auto_renews": False,
}


BILLING: tuple[tuple[str, Json], ...] = (
    (
        "The system catalogue published version 2 of the rights catalogue (takes effect 1 April 2026 00:00)",
        fact(
            "CataloguePublished",
            actor="system:catalogue",
            effective_at="2026-03-31T22:00:00Z",
            version=2,
            sha256="0" * 64,
        ),
    ),
    (
        "The system terms published the terms 'client interaction', in force from 1 April 2026",
        fact(
            "TermsPublished",
            actor="system:terms",
            effective_at="2026-03-31T22:00:00Z",
            terms="client_interaction",
            **FROM_APRIL,
        ),
    ),
    (
        (
            "Olga bought the subscription P2: 5 seats from 1 April 2026 09:00 to 1 October 2026 09:00 "
            "under the terms 'access rights', not renewing by itself"
        ),
        fact("SubscriptionPurchased", effective_at="2026-04-01T07:00:00Z", **PERIOD),
    ),
    (
        (
            "Olga renewed the subscription P2: unlimited seats from 1 April 2026 09:00 to 1 October 2026 09:00 "
            "under the terms 'access rights', renewing by itself"
        ),
        fact(
            "SubscriptionRenewed",
            effective_at="2026-04-01T07:00:00Z",
            automatic=False,
            **{**PERIOD, "seats": 0, "auto_renews": True},
        ),
    ),
    (
        (
            "The subscription P2 was renewed automatically: 1 seat from 1 April 2026 09:00 to 1 October 2026 09:00 "
            "under the terms 'access rights', not renewing by itself"
        ),
        fact(
            "SubscriptionRenewed",
            actor=SYSTEM,
            effective_at="2026-04-01T07:00:00Z",
            automatic=True,
            **{**PERIOD, "seats": 1},
        ),
    ),
    ("The renewal of the subscription P2 failed", fact("RenewalFailed", actor=SYSTEM, subscription="P2")),
    (
        "Olga recorded that the renewal of the subscription P2 failed",
        fact("RenewalFailed", subscription="P2"),
    ),
    ("Olga added 3 seats to the subscription P2", fact("SeatsAdded", subscription="P2", seats=3)),
    (
        (
            "The system billing charged the subscription P2 45.00 EUR for 3 billable seats, "
            "2 more being free (charge ch-1)"
        ),
        fact(
            "SeatsCharged",
            actor=SYSTEM,
            subscription="P2",
            charge="ch-1",
            billable=3,
            free=2,
            amount="45.00",
            currency="EUR",
        ),
    ),
    (
        "The system billing charged the subscription P2 for 1 billable seat (charge ch-1)",
        fact("SeatsCharged", actor=SYSTEM, subscription="P2", charge="ch-1", billable=1, free=0),
    ),
)
