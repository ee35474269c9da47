"""A filter says which facts are asked for."""

import pytest

from domain.facts import FACT_TYPES
from domain.instants import read_instant
from projections.filters import ABOUT_RIGHTS, REFUSALS, Filter, Without, outcome_of, rights_touched
from tests.cast import Json, fact, line_of, record

GIVEN = fact("UserInvited", account="acc-nils", role="viewer", member="sana", device="dev-1")
REFUSED = fact("CommandRefused", command="dismiss", code="forbidden", target="sana", actor="support:sup-7 for acc-olga")
AT = read_instant("2026-03-03T13:02:00Z")
LATER = read_instant("2026-03-03T13:02:01Z")


def asked(wanted: Filter, said: Json) -> bool:
    return wanted.matches(line_of(record([said]), said))


@pytest.mark.parametrize(
    ("wanted", "given", "refused"),
    [
        (Filter(), True, True),
        (Filter(member="sana"), True, True),
        (Filter(member="ivo"), False, False),
        (Filter(account="acc-nils"), True, False),
        (Filter(account="sana"), False, True),
        (Filter(account="acc-olga"), False, False),
        (Filter(actor="acc-olga"), True, True),
        (Filter(actor="sup-7"), False, True),
        (Filter(device="dev-1"), True, False),
        (Filter(types=frozenset({"UserInvited"})), True, False),
        (Filter(since=AT), True, True),
        (Filter(since=LATER), False, False),
        (Filter(until=LATER), True, True),
        (Filter(until=AT), False, False),
        (Filter(member="sana", account="acc-nils", device="dev-1"), True, False),
        (Filter(member="sana", device="dev-2"), False, False),
    ],
)
def test_all_that_is_given_must_hold(wanted: Filter, *, given: bool, refused: bool) -> None:
    assert asked(wanted, GIVEN) is given
    assert asked(wanted, REFUSED) is refused


def test_a_correction_is_about_what_it_says_and_what_it_corrects() -> None:
    off = fact("RemovedFromSchedule", member="sana")
    on = fact("AddedToSchedule", member="ivo")
    correction = fact("Correction", kind="replace", corrects=off["id"], fact=on)
    found = record([off, correction])
    line = line_of(found, correction)

    assert Filter(member="ivo").matches(line)
    assert Filter(member="sana").matches(line, line_of(found, off))
    assert not Filter(member="ann").matches(line, line_of(found, off))


ONE = frozenset({"acc-olga"})
EDITED = fact("RightsEdited", account="acc-vic", granted=["billing_access"], revoked=["clients_access"])
TURNED = fact(
    "RoleChanged",
    account="acc-vic",
    before="viewer",
    after="manager",
    rights_before=["clients_access", "calendar_access"],
    rights_after=["clients_access", "billing_access"],
)


@pytest.mark.parametrize(
    ("without", "given", "refused"),
    [
        (Without(actors=ONE), False, False),
        (Without(actors=frozenset({"sup-7"})), True, False),
        (Without(devices=frozenset({"dev-1"})), False, True),
        (Without(members=frozenset({"sana"})), False, False),
        (Without(accounts=frozenset({"acc-nils"})), False, True),
        (Without(accounts=frozenset({"sana"})), True, False),
        (Without(types=frozenset({"UserInvited"})), False, True),
        (Without(members=frozenset({"ivo"}), types=frozenset({"SignedIn"})), True, True),
    ],
)
def test_what_is_left_out_is_not_asked_for(without: Without, *, given: bool, refused: bool) -> None:
    assert asked(Filter(without=without), GIVEN) is given
    assert asked(Filter(without=without), REFUSED) is refused


def test_a_correction_is_left_out_with_what_it_says_or_corrects() -> None:
    off, on = fact("RemovedFromSchedule", member="sana"), fact("AddedToSchedule", member="ivo")
    correction = fact("Correction", kind="replace", corrects=off["id"], fact=on)
    found = record([off, correction])
    line, corrected = line_of(found, correction), line_of(found, off)
    for member, is_asked in (("ivo", False), ("sana", False), ("ann", True)):
        assert Filter(without=Without(members=frozenset({member}))).matches(line, corrected) is is_asked


def test_outcome_and_right_are_those_of_the_fact() -> None:
    assert asked(Filter(outcome="refused"), REFUSED)
    assert not asked(Filter(outcome="done"), REFUSED)
    assert asked(Filter(right="billing_access"), EDITED)
    assert asked(Filter(right="clients_access"), EDITED)
    assert asked(Filter(right="billing_access"), TURNED)
    assert not asked(Filter(right="clients_access"), TURNED)
    assert not asked(Filter(without=Without(rights=frozenset({"billing_access"}))), TURNED)


def test_an_address_is_asked_for_and_left_out() -> None:
    here = fact("SignedIn", account="acc-olga", device={"id": "dev-1", "ip": "192.0.2.1"})
    assert asked(Filter(ip="192.0.2.1"), here)
    assert not asked(Filter(ip="192.0.2.2"), here)
    assert not asked(Filter(without=Without(ips=frozenset({"192.0.2.1"}))), here)


def test_types_among_which_something_can_be_asked_for_are_no_fewer() -> None:
    """What the lists are walked by is narrower than all types, and never narrower than what matches."""
    every = frozenset(FACT_TYPES)
    for said in (GIVEN, REFUSED, EDITED, TURNED):
        data = line_of(record([said]), said).fact.data
        wanted = [Filter(outcome=outcome_of(data)), *(Filter(right=right) for right in rights_touched(data))]
        assert all(type(data).__name__ in each.among(every) for each in wanted)
    assert Filter(outcome="refused").among(every) == REFUSALS
    assert Filter(right="billing_access").among(every) == ABOUT_RIGHTS
    assert Filter(types=ABOUT_RIGHTS, without=Without(types=REFUSALS)).among(every) == ABOUT_RIGHTS


def test_a_filter_says_itself_in_texts() -> None:
    wanted = Filter(actor="acc-olga", since=AT, types=REFUSALS, without=Without(devices=frozenset({"b", "a"})))
    assert wanted.said() == {
        "actor": "acc-olga",
        "since": "2026-03-03T13:02:00+00:00",
        "types": "CommandRefused SignInRefused",
        "without_devices": "a b",
    }
