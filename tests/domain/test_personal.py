"""Whom personal fields are about, and what is read in the place of those that were erased."""

from itertools import combinations
from typing import Any

import pytest

from domain import canonical
from domain.entries import Entry, Stamp, from_bytes, in_parts, to_bytes
from domain.facts import FACT_TYPES, Correction, Fact, read_fact, written
from domain.personal import Opened, joined, placeholder, pseudonym_of
from tests.domain.every_type import AT, CAUSE, DATA, EVERY, FULL, ID, INNER, inside

OLGA = {"kind": "person", "id": "acc-olga"}
DEVICE = {"id": "dev-1", "ip": "198.51.100.7", "user_agent": "Safari"}
_ANN = ("account:acc-ann", ("data.contact", "data.name"))
_MEMBER = "member:L1/ann"
_ACCESS = {"role": "manager", "rights": [], "scopes": {}}

_SAID = ("data.sentence",)
_CODE = {"code": "x"}
_PAYMENT = ("records:L1", ("data.after", "data.before"))
_CLIENT, _PATIENT = ("client:L1/c/1", ("data.after",)), ("client:L1/7", ("data.before",))
_LOOK = ("account:acc-olga", ("data.filter",))

Divided = list[tuple[str, tuple[str, ...]]]

WHOSE: list[tuple[str, dict[str, Any], Divided]] = [
    ("TeamMemberAdded", {"member": "ann", "name": "Ann"}, [(_MEMBER, ("data.name",))]),
    ("TeamMemberEdited", {"member": "ann", "before": {}, "after": {}}, [(_MEMBER, ("data.after", "data.before"))]),
    ("UserInvited", {"account": "acc-ann", "name": "Ann", "contact": "a@b", **_ACCESS}, [_ANN]),
    ("UserInvited", {"account": "acc-ann", "member": "ann", "contact": "a@b", **_ACCESS}, [(_ANN[0], _ANN[1][:1])]),
    ("AccessGranted", {"account": "acc-ann", "name": "Ann", **_ACCESS}, [(_ANN[0], _ANN[1][1:])]),
    ("RecordEdited", {"entity": "client", "entity_id": "c/1", "before": None, "after": {}}, [_CLIENT]),
    ("RecordEdited", {"entity": "Patient", "entity_id": "7", "before": {}, "after": None}, [_PATIENT]),
    ("RecordDeleted", {"entity": "payment", "entity_id": "p-1", "before": {}, "after": {}}, [_PAYMENT]),
    ("LogViewed", {"filter": {"member": "ann"}}, [_LOOK]),
    ("CommandRefused", {"command": "dismiss", **_CODE, "target": "ann", "sentence": "No."}, [(_MEMBER, _SAID)]),
    ("CommandRefused", {"command": "change_role", **_CODE, "target": "acc-ann", "sentence": "No."}, [(_ANN[0], _SAID)]),
    ("CommandRefused", {"command": "open_location", **_CODE, "sentence": "No."}, [("account:acc-olga", _SAID)]),
]  # fmt: skip


def fact(kind: str, data: dict[str, Any], **more: Any) -> Fact:
    return read_fact(
        {"id": ID, "type": kind, "location": "L1", "recorded_at": AT, "effective_at": AT, "actor": OLGA, "change": "c1"}
        | {"data": data, **more}
    )


def divided(of: Fact) -> Divided:
    return [(part.subject, part.fields) for part in in_parts(Entry(of, Stamp()))[2]]


@pytest.mark.parametrize(("kind", "data", "expected"), WHOSE)
def test_personal_fields_belong_to_whom_they_are_about(kind: str, data: dict[str, Any], expected: Divided) -> None:
    assert divided(fact(kind, data)) == expected


def test_no_type_with_personal_fields_is_forgotten() -> None:
    told = {(kind, field) for kind, _, parts in WHOSE for _, fields in parts for field in fields}
    assert told == {(kind, f"data.{name}") for kind, form in FACT_TYPES.items() for name in form.personal}


@pytest.mark.parametrize(
    ("actor", "subject"),
    [
        (OLGA, "account:acc-olga"),
        ({"kind": "support", "id": "sup-1", "on_behalf_of": "acc-olga"}, "actor:support:sup-1"),
        ({"kind": "api_key", "id": "pos"}, "actor:api_key:pos"),
    ],
)
def test_a_device_is_that_of_who_acted(actor: dict[str, str], subject: str) -> None:
    said = fact("SignedIn", {"account": "acc-ann"}, actor=actor, device=DEVICE)
    assert divided(said) == [(subject, ("device.ip", "device.user_agent"))]


@pytest.mark.parametrize(
    ("kind", "data", "subject"),
    [
        ("AddedToSchedule", {"member": "ann"}, _MEMBER),
        ("UserLinked", {"account": "acc-ann", "member": "ann"}, "account:acc-ann"),
        ("LocationJoinedChain", {"chain": "c"}, "account:acc-olga"),
        ("CommandRefused", {"command": "dismiss", **_CODE, "target": "ann"}, _MEMBER),
        ("Correction", {"kind": "void", "corrects": CAUSE, "fact": None}, "account:acc-olga"),
        ("ErasureAsked", {"account": "acc-ann", "basis": "GDPR 17", "due": AT}, "account:acc-olga"),
    ],
)
def test_a_reason_is_about_whom_the_fact_is_about(kind: str, data: dict[str, Any], subject: str) -> None:
    assert divided(fact(kind, data, reason="Because.")) == [(subject, ("reason",))]


def test_a_carried_fact_has_subjects_of_its_own() -> None:
    inner = fact("TeamMemberAdded", {"member": "ann", "name": "Ann"}, id=INNER, reason="Late.", device=DEVICE)
    raw = inside("late", canonical.read(canonical.write(to_raw(inner))))
    assert divided(read_fact(raw)) == [
        ("account:acc-olga", ("data.fact.device.ip", "data.fact.device.user_agent")),
        ("actor:support:key-1", ("device.ip", "device.user_agent")),
        (_MEMBER, ("data.fact.data.name", "data.fact.reason", "reason")),
    ]


def to_raw(of: Fact) -> dict[str, Any]:

    return written(of)


@pytest.mark.parametrize("raw", EVERY, ids=lambda raw: str(raw["type"]))
def test_parts_join_to_what_was_divided(raw: dict[str, Any]) -> None:
    body, personal, parts = in_parts(Entry(read_fact(raw), Stamp()))
    assert (body, personal) == to_bytes(Entry(read_fact(raw), Stamp()))
    assert joined([Opened(part.subject, (), part.personal) for part in parts]) == personal
    assert [part.subject for part in parts] == sorted({part.subject for part in parts})


@pytest.mark.parametrize("raw", EVERY, ids=lambda raw: str(raw["type"]))
def test_a_fact_is_read_whichever_of_its_parts_are_erased(raw: dict[str, Any]) -> None:
    entry = Entry(read_fact(raw), Stamp())
    body, personal, parts = in_parts(entry)
    for many in range(1, len(parts) + 1):
        for gone in combinations(parts, many):
            left = joined(
                [Opened(part.subject, part.fields, None if part in gone else part.personal) for part in parts]
            )
            found = from_bytes(body, left, 7)
            assert to_bytes(found) == (body, left)
            for part in gone:
                if part.personal != canonical.write(placeholder(part.subject, part.fields)):
                    assert left != personal
                    assert part.personal not in (left or b"")
            assert _without(found.fact) == _without(entry.fact)


def _without(of: Fact) -> list[Any]:
    """What decides."""
    data = of.data
    inner = _without(data.fact) if isinstance(data, Correction) and data.fact is not None else None
    names = ("account", "member", "role", "rights", "scopes", "entity", "target", "kind")
    return [of.id, of.type, of.recorded_at, of.actor, inner, *(getattr(data, name, None) for name in names)]


def test_placeholders() -> None:
    assert pseudonym_of("account:vic") == pseudonym_of("account:vic")
    assert pseudonym_of("account:vic") != pseudonym_of("member:L1/vic")
    assert placeholder("account:vic", ["data.contact", "data.name", "device.ip", "reason"]) == {
        "data": {"contact": "erased", "name": pseudonym_of("account:vic")}
    }
    assert placeholder("m", ["data.fact.data.fact.data.after", "data.fact.reason"]) == {
        "fact": {"fact": {"data": {"after": {}}}}
    }
    assert joined([Opened("account:vic", ("device.ip", "reason"), None)]) is None


def test_the_examples_have_every_personal_field() -> None:
    """The tooth of the tests above: what no example says is not tried."""
    said = {(raw["type"], name) for raw in FULL for name in raw["data"]}
    assert said >= {(kind, name) for kind, _, _ in DATA for name in FACT_TYPES[kind].personal}
