"""Forgetting a person: who may, what stands in the way, what falls due, and what is said of it for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.authority import usual_authority
from domain.commands import read_command
from domain.decisions import Decision, Standing, decide
from domain.decisions.erasures import A_MONTH
from domain.erasures import Erasure, Person, Whom, erasure_of
from domain.facts import InvalidFactError
from domain.instants import write_instant
from domain.ledger import AsOf
from domain.refusals import Code
from tests.domain.decisions.cases import Accepted, Refused
from tests.domain.decisions.situations import ACCESS, PLACE, granted
from tests.domain.telling import KEY, NOW, OLGA, SYSTEM, Raw, day, ident, ledger, said, then_refused

ANN: Raw = {"member": "ann"}
ACCOUNT: Raw = {"account": "acc-ann"}
CLIENT: Raw = {"client": "c-1"}
BASIS: Raw = {"basis": "GDPR 17(1)(b)"}
WHY: Raw = {"ground": "A case in court"}
SOON, OVER, NOW_WRITTEN = write_instant(NOW + timedelta(days=90)), write_instant(day(2)), write_instant(NOW)
KEYS = {"account:acc-ann": "k-1", "device:d-1": "k-2", "member:L1/ann": "k-3", "client:L1/c-1": "k-4"}
HELD = Person(
    members={"L1": ("ann",)}, keys=KEYS, besides=("device:d-0", "device:d-1"), beside={"sessions": 2}, known=True
)
NOTHING_LEFT = replace(HELD, keys={}, beside={})
NOWHERE: Raw = {"location": None, "person": HELD, "actor": KEY}
EVE: Raw = {"kind": "person", "id": "acc-eve"}


def asked(at: float = 4, due: str = OVER, location: str | None = "L1", **who: str) -> Raw:
    return said("ErasureAsked", {**(who or ANN), **BASIS, "due": due}, at=at, location=location, name="asked")


def held(until: str = SOON, at: float = 5, location: str | None = "L1", **who: str) -> Raw:
    return said("ErasureRefused", {**(who or ANN), **WHY, "until": until}, at=at, location=location, name="held")


def erased(at: float = 6, location: str | None = "L1", **who: str) -> Raw:
    data = {**(who or ANN), **BASIS, "subjects": [], "keys": ["k-0"]}
    return said("PersonErased", data, at=at, location=location, name="erased")


def in_place(
    given: Sequence[Raw],
    name: str,
    data: Raw,
    place: str | None = "L1",
    *,
    actor: Mapping[str, str] = OLGA,
    person: Person = HELD,
) -> Decision:
    """What one of the places says to which the erasure of an account is given."""
    raw: Raw = {"command": name, "actor": dict(actor), "id": ident("the command"), "data": data}
    raw |= {"device": {"id": "dev-1"}} if actor["kind"] != "system" else {}
    command = read_command(raw)
    standing = Standing(place, ledger(given), NOW, command, usual_authority(command.actor), person=person)
    return decide(standing)


def said_of(decision: Decision) -> list[tuple[str, Raw]]:
    assert decision.refusal is None, decision.refusal
    return [(type(draft.data).__name__, draft.data.said()) for draft in decision.drafts]


REFUSED = [
    Refused(ACCESS, "ask_erasure", {"member": "nobody", **BASIS}, Code.NOT_FOUND),
    Refused([], "ask_erasure", {**ACCOUNT, **BASIS}, Code.NOT_FOUND, how={**NOWHERE, "person": Person()}),
    Refused([*ACCESS, asked()], "ask_erasure", {**ANN, **BASIS}, Code.NO_CHANGE, ("asked",)),
    Refused(ACCESS, "refuse_erasure", {**ANN, **WHY, **BASIS, "until": OVER}, Code.INVALID),
    Refused(ACCESS, "refuse_erasure", {**ANN, **WHY, "until": SOON}, Code.REASON_REQUIRED),
    Refused([*ACCESS, asked(), held()], "refuse_erasure", {**ANN, **WHY, "until": SOON}, Code.NO_CHANGE, ("held",)),
    Refused([*ACCESS, asked()], "allow_erasure", {**ANN, **WHY}, Code.NO_CHANGE),
    Refused([*ACCESS, asked(), held()], "erase", {**ANN, **BASIS}, Code.ON_HOLD, ("held",)),
    Refused([*ACCESS, erased()], "erase", {**ANN, **BASIS}, Code.NO_CHANGE, ("erased",)),
    Refused(
        [erased(location=None, account="acc-ann")],
        "erase",
        {**ACCOUNT, **BASIS},
        Code.NO_CHANGE,
        ("erased",),
        how={**NOWHERE, "person": NOTHING_LEFT},
    ),
    Refused(ACCESS, "erase", {"member": "nobody", **BASIS}, Code.NOT_FOUND),
    Refused(
        [], "erase", {**ACCOUNT, **BASIS}, Code.FORBIDDEN, how={**NOWHERE, "actor": OLGA, "person": Person(known=True)}
    ),
    Refused(
        [*PLACE, granted("acc-eve", "manager", "settings_access", "settings_staff_access")],
        "erase",
        {**CLIENT, **BASIS},
        Code.FORBIDDEN,
        ("AccessGranted acc-eve",),
        how={"actor": EVE, "person": HELD},
    ),
    Refused(ACCESS, "erase", {"client": "c-9", **BASIS}, Code.NOT_FOUND, how={"person": Person()}),
]

ACCEPTED = [
    Accepted(ACCESS, "ask_erasure", {**ANN, **BASIS}, [("ErasureAsked", {**ANN, **BASIS, "due": NOW_WRITTEN})]),
    Accepted(ACCESS, "ask_erasure", {**ANN, **BASIS, "due": SOON}, [("ErasureAsked", {**ANN, **BASIS, "due": SOON})]),
    Accepted(
        ACCESS,
        "refuse_erasure",
        {**ANN, **WHY, **BASIS, "until": SOON},
        [("ErasureAsked", {**ANN, **BASIS, "due": NOW_WRITTEN}), ("ErasureRefused", {**ANN, **WHY, "until": SOON})],
    ),
    Accepted(
        [*ACCESS, asked(), held(until=OVER)],
        "refuse_erasure",
        {**ANN, **WHY, "until": SOON},
        [("ErasureRefused", {**ANN, **WHY, "until": SOON})],
    ),
    Accepted([*ACCESS, asked(), held()], "allow_erasure", {**ANN, **WHY}, [("ErasureAllowed", {**ANN, **WHY})]),
    Accepted(
        [*ACCESS, asked()],
        "erase",
        {**ANN, **BASIS},
        [
            (
                "PersonErased",
                {
                    **ANN,
                    **BASIS,
                    "asked": ident("asked"),
                    "subjects": ["member:L1/ann"],
                    "keys": ["k-3"],
                    "removed": {"sessions": 2},
                },
            )
        ],
        how={"person": HELD},
    ),
    Accepted(
        [],
        "erase",
        {**ACCOUNT, **BASIS},
        [
            (
                "PersonErased",
                {
                    **ACCOUNT,
                    **BASIS,
                    "subjects": ["account:acc-ann", "device:d-1", "device:d-0"],
                    "keys": ["k-1", "k-2"],
                    "removed": {"sessions": 2},
                },
            )
        ],
        how=NOWHERE,
    ),
    Accepted(
        ACCESS,
        "erase",
        {**CLIENT, **BASIS},
        [("PersonErased", {**CLIENT, **BASIS, "subjects": ["client:L1/c-1"], "keys": ["k-4"]})],
        how={"person": replace(HELD, beside={})},
    ),
    # Invited again after an erasure: what came since is erased by another one.
    Accepted(
        [*ACCESS, erased()],
        "erase",
        {**ANN, **BASIS},
        [("PersonErased", {**ANN, **BASIS, "subjects": ["member:L1/ann"], "keys": ["k-9"]})],
        how={"person": Person(keys={"member:L1/ann": "k-9"}, known=True)},
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_cannot_be_is_refused(case: Refused) -> None:
    case.check()


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_what_can_be_comes_to_these_facts(case: Accepted) -> None:
    case.check()


def test_in_a_place_of_an_account_its_members_go() -> None:
    (found,) = said_of(in_place(ACCESS, "erase", {**ACCOUNT, **BASIS}))
    assert found[1] == {**ACCOUNT, **ANN, **BASIS, "subjects": ("member:L1/ann",), "keys": ("k-3",)}


def test_a_place_where_the_account_was_never_linked_says_so_without_a_key() -> None:
    person = replace(HELD, members={"L1": ()})
    (found,) = said_of(in_place(ACCESS, "erase", {**ACCOUNT, **BASIS}, person=person))
    assert found[1] == {**ACCOUNT, **BASIS, "subjects": (), "keys": ()}


def test_who_may_not_delete_in_one_of_the_places_may_not_erase() -> None:
    beside = [*ACCESS, granted("acc-eve", "manager", "settings_access", "settings_users_access")]
    then_refused(in_place(beside, "erase", {**ACCOUNT, **BASIS}, actor=EVE), Code.FORBIDDEN, ["AccessGranted acc-eve"])


def test_to_erase_an_account_with_members_takes_the_right_to_delete_both() -> None:
    rights = ("settings_access", "settings_users_access", "settings_users_delete_access")
    one = [*ACCESS, granted("acc-eve", "manager", *rights)]
    both = [*ACCESS, granted("acc-eve", "manager", *rights, "settings_staff_access", "settings_staff_delete_access")]
    then_refused(in_place(one, "erase", {**ACCOUNT, **BASIS}, actor=EVE), Code.FORBIDDEN, ["AccessGranted acc-eve"])
    assert said_of(in_place(both, "erase", {**ACCOUNT, **BASIS}, actor=EVE))


def test_a_hold_on_a_member_holds_the_account() -> None:
    decision = in_place([*ACCESS, asked(), held()], "erase", {**ACCOUNT, **BASIS})
    then_refused(decision, Code.ON_HOLD, ["held"])
    assert decision.refusal is not None
    assert "A case in court" in decision.refusal.sentence


def test_at_its_term_a_hold_is_over() -> None:
    over = [*ACCESS, asked(), held(until=write_instant(NOW))]
    assert said_of(in_place(over, "erase", {**ACCOUNT, **BASIS}, actor=SYSTEM))


def test_people_ask_for_their_own_and_it_falls_due_in_a_month() -> None:
    own = {"kind": "person", "id": "acc-ann"}
    (found,) = said_of(in_place([], "ask_erasure", {**ACCOUNT, **BASIS}, None, actor=own))
    assert found[1]["due"] == NOW + A_MONTH
    sooner = in_place([], "ask_erasure", {**ACCOUNT, **BASIS, "due": NOW_WRITTEN}, None, actor=own)
    assert said_of(sooner)[0][1]["due"] == NOW + A_MONTH
    then_refused(in_place(ACCESS, "erase", {**ACCOUNT, **BASIS}, actor=own), Code.FORBIDDEN, ["AccessGranted acc-ann"])


def test_nobody_asks_for_others_without_the_right() -> None:
    decision = in_place(ACCESS, "ask_erasure", {**ACCOUNT, **BASIS}, actor=EVE)
    then_refused(decision, Code.FORBIDDEN, [])


@pytest.mark.parametrize(
    ("data", "how", "field"),
    [
        ({**BASIS}, {}, "data"),
        ({**ACCOUNT, **ANN, **BASIS}, {}, "data"),
        ({**ANN, **BASIS}, {"location": None}, "location"),
        ({**ACCOUNT, **BASIS}, {"location": "L1"}, "location"),
        ({**ANN, **BASIS}, {"reason": "Ann asked me"}, "reason"),
    ],
)
def test_a_command_names_one_and_says_nothing_that_would_go_with_them(data: Raw, how: Raw, field: str) -> None:
    raw = {"command": "erase", "id": ident("c"), "actor": OLGA, "device": {"id": "d"}, "location": "L1", "data": data}
    with pytest.raises(InvalidFactError) as error:
        read_command({key: value for key, value in {**raw, **how}.items() if value is not None})
    assert error.value.field == field


def state(*given: Raw, whom: Whom | None = None) -> Erasure:
    lines = ledger(given).as_of(AsOf(NOW, NOW)).lines
    return erasure_of(lines, whom if whom is not None else Whom(member="ann"))


def test_what_is_asked_and_held_is_due_at_the_later_of_the_two() -> None:
    assert state().due is None
    assert state(asked()).due == day(2)
    assert state(asked(), held()).due == NOW + timedelta(days=90)
    assert state(asked(due=SOON), held(until=OVER)).due == NOW + timedelta(days=90)
    assert state(asked(), held(), erased()) == state(erased())


def test_of_others_it_says_nothing() -> None:
    assert state(asked(account="acc-ann"), held(member="bob"), erased(client="ann")) == Erasure()
    assert state(asked(account="acc-ann", member="ann")).wish is not None
    assert state(asked(client="c-1"), whom=Whom(client="c-1")).wish is not None


def test_what_is_carried_by_a_correction_erases_nobody() -> None:
    late = said("Correction", {"kind": "late", "corrects": None, "fact": erased(at=1)}, at=6)
    assert state(late) == Erasure()


def test_a_wish_that_is_taken_back_is_none() -> None:
    void = said("Correction", {"kind": "void", "corrects": ident("asked"), "fact": None}, at=6)
    assert state(asked(), void) == Erasure()


def test_a_member_who_is_somebody_else_by_now_stays() -> None:
    other = said("UserLinked", {"account": "acc-bob", "member": "ann"}, at=3)
    (found,) = said_of(in_place([*ACCESS, other], "erase", {**ACCOUNT, **BASIS}))
    assert found[1] == {**ACCOUNT, **BASIS, "subjects": (), "keys": ()}
