"""Old bytes stay readable for ever; what this program cannot read is set aside and named."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import canonical
from domain.entries import Entry, Quarantined, Stamp, from_bytes, to_bytes
from domain.facts import Correction, InvalidFactError, TeamMemberDismissed, UserUnlinked, read_fact
from infrastructure.mapper import entry_of
from infrastructure.store.rows import Row
from tests.domain.spoiling import spoilt
from tests.naive.ledgers import ledger

ID = "11111111-1111-4111-8111-111111111111"
CAUSE = "22222222-2222-4222-8222-222222222222"
HEAD = (
    '"actor":{"id":"acc-olga","kind":"person"},"change":"c1","effective_at":"2026-03-10T10:00:00Z",'
    f'"id":"{ID}","location":"L1","recorded_at":"2026-03-10T10:00:00Z"'
)
CAUSED = f'"caused_by":"{CAUSE}",'


def body(kind: str, data: str, *, form: int = 1, more: str = "") -> bytes:
    return f'{{{HEAD},{more}"data":{data},"stamp":{{"form":{form}}},"type":"{kind}"}}'.encode()


UNLINKED = '{"account":"acc-ann","member":"ann"}'


@pytest.mark.parametrize(("more", "cause"), [("", "manual"), (CAUSED, "dismissal")])
def test_the_first_form_of_an_unlink_is_read_as_the_present_one(more: str, cause: str) -> None:
    entry = from_bytes(body("UserUnlinked", UNLINKED, more=more), None, 7)
    assert entry.fact.data == UserUnlinked.read({"account": "acc-ann", "member": "ann", "cause": cause})
    assert entry.position == 7
    written, _ = to_bytes(entry)
    assert b'"form":2' in written
    assert from_bytes(written, None, 7).fact == entry.fact


def test_the_present_form_of_an_unlink_says_its_cause() -> None:
    said = '{"account":"acc-ann","cause":"deletion","member":"ann"}'
    data = from_bytes(body("UserUnlinked", said, form=2), None, 1).fact.data
    assert isinstance(data, UserUnlinked)
    assert data.cause == "deletion"


KEPT = [
    # Bytes that were stored once, with the personal bytes beside them: reading and writing them again gives the same.
    (body("AddedToSchedule", '{"member":"ann"}'), None),
    (body("TeamMemberAdded", '{"member":"ann"}'), b'{"data":{"name":"Ann"}}'),
    (body("TeamMemberAdded", '{"member":"ann","position":"Stylist"}'), b'{"data":{"name":"Ann"},"reason":"why"}'),
    (
        body("AccessRevoked", '{"account":"acc-ann"}', more='"device":{"id":"dev-1","session":"s"},'),
        b'{"device":{"ip":"198.51.100.7","user_agent":"Studio/5.1"}}',
    ),
    (body("WorkingHoursPlanned", '{"member":"ann","until":null}'), None),
    (body("UserUnlinked", '{"account":"acc-ann","cause":"manual","member":"ann"}', form=2), None),
]


def in_order(content: bytes) -> bytes:
    return canonical.write(canonical.read(content))


@pytest.mark.parametrize(("stored", "personal"), KEPT)
def test_stored_bytes_are_written_again_as_they_were(stored: bytes, personal: bytes | None) -> None:
    assert to_bytes(from_bytes(stored, personal, 1)) == (in_order(stored), personal)


def test_personal_fields_of_a_fact_inside_a_correction_are_kept_apart_as_well() -> None:
    inner = (
        f'{{"actor":{{"id":"k","kind":"support"}},"change":"c1","data":{{"member":"ann"}},'
        f'"effective_at":"2026-03-01T10:00:00Z","id":"{CAUSE}","location":"L1",'
        f'"recorded_at":"2026-03-10T10:00:00Z","type":"TeamMemberAdded"}}'
    )
    stored = body("Correction", f'{{"corrects":null,"fact":{inner},"kind":"late"}}')
    personal = b'{"fact":{"data":{"name":"Ann"}},"reason":"ticket"}'
    entry = from_bytes(stored, personal, 1)
    assert isinstance(entry.fact.data, Correction)
    assert entry.fact.data.fact is not None
    assert getattr(entry.fact.data.fact.data, "name", None) == "Ann"
    assert to_bytes(entry) == (in_order(stored), personal)


REFUSED = [
    (body("AddedToAgenda", '{"member":"ann"}'), None, "not a type of fact"),
    (body("AddedToSchedule", '{"member":"ann","hat":"red"}'), None, "data.hat: is not a field"),
    (body("AddedToSchedule", '{"member":"ann"}', more='"hat":"red",'), None, "hat: is not a field"),
    (body("AddedToSchedule", "{}"), None, "data.member: is missing"),
    (body("AddedToSchedule", '{"member":"ann"}', form=2), None, "form"),
    (body("UserUnlinked", UNLINKED, form=2), None, "data.cause: is missing"),
    (body("UserUnlinked", '{"account":"acc-ann","cause":"manual","member":"ann"}', form=3), None, "form"),
    (b'{"type":"AddedToSchedule"}', None, "stamp"),
    (b"[]", None, "JSON object"),
    (b"\xff", None, "not UTF-8"),
    (b'{"a":', None, "not whole JSON"),
    (body("TeamMemberAdded", '{"member":"ann"}'), b"[1]", "JSON object"),
    (body("TeamMemberAdded", '{"member":"ann"}'), b'{"data":{"hat":"red","name":"Ann"}}', "is not a field"),
    (body("TeamMemberAdded", '{"member":"ann"}'), b'{"data":"name"}', "data: is not an object"),
    (
        body("TeamMemberAdded", '{"member":"ann"}'),
        b'{"data":{"name":"Ann"},"fact":{"reason":"x"}}',
        "data.fact: is not an object",
    ),
    (body("UserUnlinked", "[]"), None, "data: is an object"),
    (body("TeamMemberAdded", "[]"), b'{"data":{"name":"Ann"}}', "data: is not an object"),
]


@pytest.mark.parametrize(("stored", "personal", "why"), REFUSED)
def test_what_cannot_be_read_is_refused_with_a_reason(stored: bytes, personal: bytes | None, why: str) -> None:
    with pytest.raises(InvalidFactError, match=why):
        from_bytes(stored, personal, 1)


def row(stored: bytes, kind: str, *, personal: bytes | None = None, fact: str = ID, location: str | None = "L1") -> Row:
    at = datetime(2026, 3, 10, 10, tzinfo=UTC)
    return Row(UUID(fact), "location:L1", 1, kind, location, at, at, (), None, stored, personal, 5, 1, 1, 1)


@pytest.mark.parametrize(("stored", "personal", "why"), REFUSED)
def test_such_a_row_is_set_aside_and_named(stored: bytes, personal: bytes | None, why: str) -> None:
    found = entry_of(row(stored, "Whatever", personal=personal))
    assert isinstance(found, Quarantined)
    assert (found.position, found.fact_id, found.type) == (5, ID, "Whatever")
    assert found.reason


def test_a_row_whose_columns_are_not_those_of_its_body_is_set_aside() -> None:
    stored = body("AddedToSchedule", '{"member":"ann"}')
    assert isinstance(entry_of(row(stored, "AddedToSchedule")), Entry)
    assert isinstance(entry_of(row(stored, "RemovedFromSchedule")), Quarantined)
    assert isinstance(entry_of(row(stored, "AddedToSchedule", fact=CAUSE)), Quarantined)
    assert isinstance(entry_of(row(stored, "AddedToSchedule", location="L2")), Quarantined)


EXAMPLES = [to_bytes(Entry(read_fact(raw), Stamp())) for seed in (1, 5, 9) for raw in ledger(seed)]


@given(st.data())
@settings(max_examples=600, deadline=None)
def test_spoilt_bytes_are_read_or_set_aside_and_nothing_else(data: st.DataObject) -> None:
    stored, personal = data.draw(st.sampled_from(EXAMPLES))
    parts = [stored, personal]
    which = data.draw(st.integers(0, 1 if personal is not None else 0))
    parts[which] = json.dumps(data.draw(spoilt(canonical.read(parts[which] or b"{}")))).encode()
    found = entry_of(row(parts[0] or b"", "Whatever", personal=parts[1]))
    assert isinstance(found, Entry | Quarantined)


def test_a_dismissal_is_read_with_its_date() -> None:
    stored = body("TeamMemberDismissed", '{"dismissal_date":"2026-03-31","member":"ann","reason":"Left"}')
    assert isinstance(from_bytes(stored, None, 1).fact.data, TeamMemberDismissed)
