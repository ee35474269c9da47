"""The expected sentences about what was seen, and corrections."""

from tests.cast import Json, fact

KEY = "key:key-head-office"
SUPPORT = "support:sup-7"

OBSERVED: tuple[tuple[str, Json], ...] = (
    (
        "Ann (receptionist) turned on two-step sign-in by authenticator app",
        fact("TwoStepEnabled", actor="acc-ann", account="acc-ann", channel="totp"),
    ),
    (
        "Support (sup-7) on behalf of Olga turned off two-step sign-in by email for Ann (receptionist)",
        fact("TwoStepDisabled", actor="support:sup-7 for acc-olga", account="acc-ann", channel="email"),
    ),
    (
        "Ann (receptionist) signed in with a second step by passkey",
        fact("SignedIn", actor="acc-ann", account="acc-ann", two_step="passkey"),
    ),
    ("Support (sup-7) signed in as Olga (owner)", fact("SignedIn", actor=SUPPORT, account="acc-olga")),
    (
        "An attempt to sign in as Ann (receptionist) was refused: wrong password",
        fact("SignInRefused", actor="acc-ann", account="acc-ann", why="wrong password"),
    ),
    ("Ann (receptionist) signed out", fact("SignedOut", actor="system:web", account="acc-ann")),
    (
        "Ada exported 1,250 rows of clients as XLSX",
        fact("DataExported", actor="acc-ada", what="clients", format="XLSX", rows=1250),
    ),
    ("Ada imported 1 row of goods from CSV", fact("DataImported", actor="acc-ada", what="goods", format="CSV", rows=1)),
    (
        "Ann edited client 42: first name from 'Bo' to 'Bob', visits from 1 to 2, vip from no to yes and 1 more",
        fact(
            "RecordEdited",
            actor="acc-ann",
            entity="client",
            entity_id="42",
            before={"first_name": "Bo", "visits": 1, "vip": False, "tags": []},
            after={"first_name": "Bob", "visits": 2, "vip": True, "tags": ["a"]},
        ),
    ),
    (
        "Ann added client 42: name set to 'Bo'",
        fact("RecordEdited", actor="acc-ann", entity="client", entity_id="42", after={"name": "Bo"}),
    ),
    ("Ann saved client 42 without a change", fact("RecordEdited", actor="acc-ann", entity="client", entity_id="42")),
    ("Ann deleted payment 7", fact("RecordDeleted", actor="acc-ann", entity="payment", entity_id="7")),
    ("Vic read the whole log", fact("LogViewed", actor="acc-vic", filter={})),
    (
        "Vic read the log for account 'acc-ann' and type 'SignedIn'",
        fact("LogViewed", actor="acc-vic", filter={"account": "acc-ann", "type": "SignedIn"}),
    ),
    (
        "Max tried to change the role of Olga and was refused: Olga is the last owner",
        fact(
            "CommandRefused",
            actor="acc-max",
            command="change_role",
            code="last_owner",
            target="acc-olga",
            sentence="Olga is the last owner.",
        ),
    ),
    (
        "Max tried to dismiss Sana and was refused: reason required",
        fact("CommandRefused", actor="acc-max", command="dismiss", code="reason_required", target="sana"),
    ),
    (
        "Max tried to take Studio Mitte out of its chain and was refused: forbidden",
        fact("CommandRefused", actor="acc-max", command="leave_chain", code="forbidden"),
    ),
    (
        "The key key-head-office tried to give the command 'fly' for drone-1 and was refused: forbidden",
        fact("CommandRefused", actor=KEY, command="fly", code="forbidden", target="drone-1"),
    ),
    (
        "Support (sup-7) voided: the fact b7a1f4d0-0000-4000-8000-000000000001 — Wrong person",
        fact(
            "Correction",
            actor=SUPPORT,
            kind="void",
            corrects="b7a1f4d0-0000-4000-8000-000000000001",
            because="Wrong person",
        ),
    ),
)
