"""The expected sentences about forgetting a person."""

from tests.cast import Json, fact

ERASURE: tuple[tuple[str, Json], ...] = (
    (
        "Sana asked for the erasure of Sana, due on 3 April 2026: GDPR 17(1)(b)",
        fact(
            "ErasureAsked",
            actor="acc-sana",
            account="acc-sana",
            member="sana",
            basis="GDPR 17(1)(b)",
            due="2026-04-03T12:00:00Z",
        ),
    ),
    (
        "Olga refused the erasure of Ivo until 1 January 2031: tax records",
        fact("ErasureRefused", account="acc-ivo", ground="tax records", until="2030-12-31T23:30:00Z"),
    ),
    (
        "Olga ended the hold on the erasure of client 42: the case is over",
        fact("ErasureAllowed", client="42", ground="the case is over"),
    ),
    (
        "Support (sup-7) erased Sana, 2 keys destroyed: GDPR 17(1)(a)",
        fact(
            "PersonErased",
            actor="support:sup-7",
            member="sana",
            basis="GDPR 17(1)(a)",
            subjects=["member:mitte/sana"],
            keys=["k-1", "k-2"],
        ),
    ),
)
