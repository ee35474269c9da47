"""Reading facts and commands: closed forms, errors that name the field, and nothing accepted that cannot be kept."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import canonical
from domain.commands import read_command
from domain.entries import Entry, Stamp, content_of, from_bytes, to_bytes
from domain.facts import FACT_TYPES, InvalidFactError, read_fact, written
from domain.limits import CORRECTION_DEPTH
from tests.acceptance.stories import command_files, load
from tests.domain.spoiling import spoilt
from tests.naive.ledgers import ledger

FACTS = [fact for seed in (1, 5, 9) for fact in ledger(seed)]
COMMANDS = [attempt["command"] for path in command_files() for attempt in load(path)["attempts"]]
DEVICE = {"id": "dev-1"}
OBSERVED: list[dict[str, Any]] = [
    {"type": "LogViewed", "filter": {"member": "ann"}},
    {"type": "RecordEdited", "entity": "client", "entity_id": "c-1", "before": {"a": [1]}, "after": None},
    {"type": "SignedIn", "account": "acc-ann", "two_step": None},
]
ID = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
MORE_COMMANDS = [
    *(
        {"command": "observe", "location": "L1", "actor": {"kind": "person", "id": "a"}, "device": DEVICE, "id": ID}
        | {"data": data}
        for data in OBSERVED
    ),
    {
        "command": "correct",
        "location": "L1",
        "actor": {"kind": "support", "id": "s"},
        "device": DEVICE,
        "id": ID,
        "reason": "ticket",
        "data": {"kind": "late", "fact": {"type": "RecordEdited", "data": {"after": {"a": "b"}}}},
    },
]


@pytest.mark.parametrize("seed", range(12))
def test_a_fact_is_the_same_after_a_round_trip(seed: int) -> None:
    for raw in ledger(seed):
        fact = read_fact(raw)
        assert read_fact(canonical.read(canonical.write(written(fact)))) == fact
        assert from_bytes(*to_bytes(Entry(fact, Stamp())), 3).fact == fact


@given(st.data())
@settings(max_examples=800, deadline=None)
def test_what_is_accepted_as_a_fact_can_be_kept(data: st.DataObject) -> None:
    raw = data.draw(spoilt(data.draw(st.sampled_from(FACTS))))
    try:
        fact = read_fact(raw)
    except InvalidFactError:
        return
    assert from_bytes(*to_bytes(Entry(fact, Stamp())), 3).fact == fact
    assert content_of(fact)


@given(st.data())
@settings(max_examples=600, deadline=None)
def test_what_is_accepted_as_a_command_can_be_kept(data: st.DataObject) -> None:
    raw = data.draw(spoilt(data.draw(st.sampled_from([*COMMANDS, *MORE_COMMANDS]))))
    try:
        read_command(raw)
    except InvalidFactError:
        return
    assert canonical.write(raw)


BASE: dict[str, Any] = {
    "id": ID,
    "type": "AddedToSchedule",
    "location": "L1",
    "recorded_at": "2026-03-10T10:00:00Z",
    "effective_at": "2026-03-10T10:00:00Z",
    "actor": {"kind": "person", "id": "acc-olga"},
    "change": "c1",
    "data": {"member": "ann"},
}


def corrections(depth: int) -> dict[str, Any]:
    raw = BASE
    for level in range(depth):
        name = f"{level:08d}-1111-4111-8111-111111111111"
        raw = {**BASE, "id": name, "type": "Correction", "data": {"kind": "late", "corrects": None, "fact": raw}}
    return raw


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"hat": "red"}, "hat", "is not a field"),
        ({"id": "17"}, "id", "is not a UUID"),
        ({"id": "{11111111-1111-4111-8111-111111111111}"}, "id", "is not a UUID in its usual form"),
        ({"type": "AddedToAgenda"}, "type", "is not a type of fact"),
        ({"type": None}, "type", "is missing"),
        ({"location": None}, "location", "is missing"),
        ({"location": "L 1"}, "location", "is not an id"),
        ({"location": "x" * 129}, "location", "is not an id"),
        ({"recorded_at": "2026-02-30T10:00:00Z"}, "recorded_at", "does not exist"),
        ({"recorded_at": 5}, "recorded_at", "datetime"),
        ({"effective_at": "2026-03-10T09:59:59Z"}, "effective_at", "is before recorded_at"),
        ({"actor": {"kind": "ghost", "id": "x"}}, "actor.kind", "is none of"),
        ({"actor": {"kind": "system", "id": "x"}, "device": {"id": "d"}}, "device", "a system has no device"),
        ({"caused_by": ID}, "caused_by", "cannot bring itself about"),
        ({"data": {"member": "ann", "hat": 1}}, "data.hat", "is not a field"),
        ({"data": {"member": 5}}, "data.member", "is not a text"),
        ({"data": []}, "data", "is an object"),
        (
            {"type": "TermsPublished", "data": {"terms": "access_rights", "from": "2026-01-01"}},
            "location",
            "no location",
        ),
        ({"type": "Correction", "data": {"kind": "void", "corrects": None, "fact": None}}, "data.corrects", "names"),
        ({"type": "Correction", "data": {"kind": "void", "corrects": ID, "fact": None}}, "data.corrects", "itself"),
        ({"type": "Correction", "data": {"kind": "late", "corrects": None, "fact": None}}, "data.fact", "whole fact"),
        ({"type": "Correction", "data": {"kind": "late", "corrects": None, "fact": BASE}}, "data.fact.id", "its own"),
        (
            {
                "type": "Correction",
                "data": {"kind": "late", "corrects": None, "fact": {**BASE, "id": OTHER, "location": "L2"}},
            },
            "data.fact.location",
            "another location",
        ),
        (
            {
                "type": "Correction",
                "data": {"kind": "late", "corrects": None, "fact": {**BASE, "id": OTHER, "data": {}}},
            },
            "data.fact.data.member",
            "is missing",
        ),
        ({"type": "LogViewed", "data": {"filter": {"a": "\ud800"}}}, "data.filter", "half a character"),
        (
            {"type": "CommandRefused", "data": {"command": "a", "code": "b", "details": {"a": "\ud800"}}},
            "data.details",
            "",
        ),
        (
            {
                "type": "SubscriptionPurchased",
                "data": {
                    "subscription": "P",
                    "terms": "access_rights",
                    "seats": 1,
                    "starts_at": "2026-03-10T10:00:00Z",
                    "ends_at": "2026-03-10T10:00:00Z",
                    "auto_renews": True,
                },
            },
            "data.ends_at",
            "is not after starts_at",
        ),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], field: str, why: str) -> None:
    raw = {key: value for key, value in {**BASE, **change}.items() if value is not None}
    with pytest.raises(InvalidFactError) as error:
        read_fact(raw)
    assert error.value.field == field
    assert why in error.value.reason


def test_corrections_are_nested_so_deep_and_no_deeper() -> None:
    assert read_fact(corrections(CORRECTION_DEPTH)).type == "Correction"
    with pytest.raises(InvalidFactError, match="nested at most"):
        read_fact(corrections(CORRECTION_DEPTH + 1))


def test_a_correction_may_be_effective_before_it_was_recorded() -> None:
    late = {**BASE, "id": OTHER, "effective_at": "2026-01-01T10:00:00Z"}
    raw = {**BASE, "type": "Correction", "data": {"kind": "late", "corrects": None, "fact": late}}
    assert read_fact({**raw, "effective_at": "2026-01-02T10:00:00Z"}).type == "Correction"


def test_an_id_is_one_however_it_is_spelt() -> None:
    upper = "AAAAAAAA-1111-4111-8111-111111111111"
    assert read_fact({**BASE, "id": upper}).id == upper.lower()


def test_the_catalogue_of_types_is_closed_and_whole() -> None:
    assert set(FACT_TYPES) == {
        *("LocationOpened", "LocationJoinedChain", "LocationLeftChain", "TeamMemberAdded", "TeamMemberEdited"),
        *("AddedToSchedule", "RemovedFromSchedule", "WorkingHoursPlanned", "TeamMemberDismissed"),
        *("DismissalCancelled", "TeamMemberDeleted", "TeamMemberRestored", "UserInvited", "InvitationAccepted"),
        *("InvitationWithdrawn", "InvitationExpired", "AccessGranted", "RoleChanged", "RightsEdited", "UserLinked"),
        *("UserUnlinked", "AccessRevoked", "CataloguePublished", "TermsPublished", "SubscriptionPurchased"),
        *("SubscriptionRenewed", "RenewalFailed", "SeatsAdded", "SeatsCharged", "TwoStepEnabled", "TwoStepDisabled"),
        *("SignedIn", "SignInRefused", "SignedOut", "DataExported", "DataImported", "RecordEdited", "RecordDeleted"),
        *("LogViewed", "CommandRefused", "Correction"),
        *("ErasureAsked", "ErasureRefused", "ErasureAllowed", "PersonErased"),
    }
