"""The security log: every fact, with all that an audit asks for."""

from typing import Any

import pytest

from domain.entries import Entry, Imported, Stamp
from domain.facts import read_fact
from domain.instants import read_instant
from domain.ledger import Ledger
from projections.filters import EVERYTHING, Filter
from projections.origins import Row
from projections.security_log import security_log
from tests.cast import ALWAYS, BERLIN, CATALOGUE, Json, fact, record, studio

AT = "2026-03-03T13:02:00Z"


def last(*facts: Json) -> Row:
    return security_log(record([*studio(), *facts]), EVERYTHING, BERLIN)[-1]


def test_a_row_says_what_an_audit_asks_for() -> None:
    edited = fact(
        "RightsEdited",
        change="save-1",
        because="ticket 12",
        device={"id": "dev-1", "ip": "198.51.100.7", "user_agent": "Mozilla/5.0", "session": "s-1"},
        account="acc-ann",
        granted=["records_create_access"],
        revoked=["clients_export_access"],
        scopes_before={"a": 1},
        scopes_after={"a": 2},
    )

    assert last(edited) == {
        "id": edited["id"],
        "type": "RightsEdited",
        "position": len(studio()) + 1,
        "recorded_at": AT,
        "effective_at": AT,
        "location": "L1",
        "actor": {"kind": "person", "id": "acc-olga", "name": "Olga (owner)"},
        "device": {
            "id": "dev-1",
            "ip": "198.51.100.7",
            "user_agent": "Mozilla/5.0",
            "session": "s-1",
            "name": None,
        },
        "target": {"kind": "account", "id": "acc-ann", "name": "Ann"},
        "action": (
            "Ann (receptionist) got 'Create appointments' from Olga and lost 'Export the client list'; "
            "'a' is now 2 instead of 1"
        ),
        "before": {"revoked": ["clients_export_access"], "scopes": {"a": 1}},
        "after": {"granted": ["records_create_access"], "scopes": {"a": 2}},
        "change": "save-1",
        "caused_by": None,
        "reason": "ticket 12",
        "source": None,
        "imported_at": None,
        "imported_by": None,
        "outcome": "done",
        "left_out_by": None,
        "carried_by": None,
    }


def test_observations_and_refusals_are_on_the_log() -> None:
    refused = last(fact("CommandRefused", actor="acc-max", command="dismiss", code="forbidden", target="sana"))
    stranger = last(fact("SignInRefused", account="acc-ann", why="wrong password"))
    signed_in = last(fact("SignedIn", account="acc-ann"))

    assert [row["outcome"] for row in (refused, stranger, signed_in)] == ["refused", "refused", "done"]
    assert refused["target"] == {"kind": "member", "id": "sana", "name": "Sana"}


def test_support_is_shown_with_whom_it_stood_in_for() -> None:
    row = last(fact("DataExported", actor="support:sup-7 for acc-olga", what="clients", format="CSV", rows=3))

    assert row["actor"] == {
        "kind": "support",
        "id": "sup-7",
        "on_behalf_of": "acc-olga",
        "name": "support (sup-7) on behalf of Olga",
    }


def test_an_imported_fact_says_from_where_and_when() -> None:
    raw = {**fact("AddedToSchedule", member="sana"), "source": "booking-app"}
    stamp = Stamp(imported=Imported(at=read_instant("2026-04-01T00:00:00Z"), by="acc-olga"))
    said = Ledger([Entry(read_fact(raw), stamp, 1)], {1: CATALOGUE}).record(ALWAYS)

    row = security_log(said, EVERYTHING, BERLIN)[0]

    assert (row["source"], row["imported_at"], row["imported_by"]) == (
        "booking-app",
        "2026-04-01T00:00:00Z",
        "acc-olga",
    )


@pytest.mark.parametrize(
    ("said", "target"),
    [
        (fact("TeamMemberDeleted", member="sana"), ("member", "sana", "Sana")),
        (fact("UserLinked", account="acc-sana", member="sana"), ("account", "acc-sana", "Sana")),
        (fact("RecordDeleted", entity="client", entity_id="42"), ("record", "42", "client 42")),
        (fact("DataImported", what="goods", format="CSV", rows=1), ("data", "goods", "goods")),
        (fact("LocationJoinedChain", chain="north"), ("location", "L1", "Studio Mitte")),
        (fact("LogViewed", filter={}), ("log", "L1", "Studio Mitte")),
        (fact("SeatsAdded", subscription="P2", seats=1), ("subscription", "P2", "P2")),
        (fact("CataloguePublished", version=1, sha256="0" * 64), ("catalogue", "1", "rights catalogue 1")),
        (fact("CommandRefused", command="invite", code="exists", target="acc-vic"), ("account", "acc-vic", "Vic")),
        (
            fact("Correction", kind="void", corrects="b7a1f4d0-0000-4000-8000-000000000001"),
            ("fact", "b7a1f4d0-0000-4000-8000-000000000001", None),
        ),
    ],
)
def test_a_row_names_what_it_was_done_to(said: Json, target: tuple[str, str, str | None]) -> None:
    assert last(said)["target"] == dict(zip(("kind", "id", "name"), target, strict=True))


def test_nothing_to_name_is_nothing() -> None:
    assert last(fact("CommandRefused", command="purchase", code="overlap"))["target"] is None
    assert last(fact("LogViewed", location=None, filter={}))["target"] is None


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        (
            fact("RoleChanged", account="acc-vic", before="viewer", after="manager", rights_after=["a"]),
            {"role": "viewer", "rights": [], "scopes": {}},
            {"role": "manager", "rights": ["a"], "scopes": {}},
        ),
        (
            fact("AccessGranted", account="acc-vic", role="viewer", rights=["a"]),
            None,
            {"role": "viewer", "rights": ["a"], "scopes": {}},
        ),
        (fact("TeamMemberEdited", member="ann", before={"a": 1}, after={"a": 2}), {"a": 1}, {"a": 2}),
        (fact("RecordDeleted", entity="client", entity_id="1", before={"a": 1}), {"a": 1}, None),
        (fact("TeamMemberAdded", member="mia", name="Mia"), None, {"name": "Mia", "position": None}),
        (fact("AddedToSchedule", member="ann"), None, None),
    ],
)
def test_a_row_says_what_was_before_and_what_came_after(said: Json, before: Any, after: Any) -> None:
    row = last(said)

    assert (row["before"], row["after"]) == (before, after)


def test_a_filter_chooses_single_facts() -> None:
    facts = [fact("AddedToSchedule", change="c", member="ann"), fact("AddedToSchedule", change="c", member="ivo")]

    found = security_log(record(facts), Filter(member="ivo"), BERLIN)

    assert [row["id"] for row in found] == [facts[1]["id"]]
