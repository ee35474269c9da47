"""Observations, the second step and corrections: what is refused, and what facts come of what is accepted."""

import pytest

from domain.instants import write_instant
from domain.refusals import Code
from tests.domain.decisions.cases import Accepted, Refused
from tests.domain.decisions.situations import ELSEWHERE, PLACE, REASON, TEAM
from tests.domain.telling import KEY, NOW, OLGA, SUPPORT, SYSTEM, day, ident, said, when

REFUSED = [
    Refused(PLACE, "observe", {"type": "TeamMemberAdded", "member": "ann", "name": "A"}, Code.INVALID),
    Refused(PLACE, "observe", {"type": "CommandRefused", "command": "invite", "code": "exists"}, Code.INVALID),
    Refused(PLACE, "observe", {"type": "SignedIn", "hat": "red"}, Code.INVALID),
    Refused([], "disable_two_step", {"account": "acc-olga", "channel": "totp"}, Code.NO_CHANGE, how={"location": None}),
    Refused(
        [said("TwoStepEnabled", {"account": "acc-olga", "channel": "totp"}, location=None)],
        "enable_two_step",
        {"account": "acc-olga", "channel": "totp"},
        Code.NO_CHANGE,
        how={"location": None},
    ),
    Refused([], "enable_two_step", {"account": "acc-ann", "channel": "totp"}, Code.FORBIDDEN, how={"location": None}),
    *(
        Refused(
            TEAM,
            "correct",
            {"kind": "void", "corrects": ident("TeamMemberAdded ann")},
            Code.FORBIDDEN,
            how={**REASON, "target": "TeamMemberAdded ann", "actor": actor},
        )
        for actor in (OLGA, KEY, SYSTEM)
    ),
    Refused(
        TEAM,
        "correct",
        {"kind": "void", "corrects": ident("TeamMemberAdded ann")},
        Code.REASON_REQUIRED,
        how={"actor": SUPPORT, "target": "TeamMemberAdded ann"},
    ),
    Refused(
        TEAM,
        "correct",
        {"kind": "void", "corrects": ident("nothing")},
        Code.NOT_FOUND,
        how={**REASON, "actor": SUPPORT},
    ),
    Refused(
        TEAM,
        "correct",
        {"kind": "void", "corrects": ident("L2 opened")},
        Code.INVALID,
        ("L2 opened",),
        {**REASON, "actor": SUPPORT, "source": ELSEWHERE, "target": "L2 opened"},
    ),
    Refused(
        [*TEAM, said("Correction", {"kind": "void", "corrects": ident("TeamMemberAdded ann"), "fact": None}, at=4)],
        "correct",
        {"kind": "void", "corrects": ident("TeamMemberAdded ann")},
        Code.NO_CHANGE,
        ("Correction",),
        {**REASON, "actor": SUPPORT, "target": "TeamMemberAdded ann"},
    ),
    *(
        Refused(TEAM, "correct", data, Code.INVALID, how={**REASON, "actor": SUPPORT, "target": "TeamMemberAdded ann"})
        for data in (
            {"kind": "undo", "corrects": ident("TeamMemberAdded ann")},
            {"kind": "void"},
            {"kind": "late", "corrects": ident("TeamMemberAdded ann")},
            {"kind": "replace", "corrects": ident("TeamMemberAdded ann")},
            {"kind": "late", "fact": {"type": "AddedToSchedule", "data": {"member": "ann"}}},
            {
                "kind": "late",
                "fact": {"type": "AddedToSchedule", "data": {"member": "ann"}, "effective_at": write_instant(day(20))},
            },
            {"kind": "late", "fact": {"type": "AddedToSchedule", "data": {}, "effective_at": write_instant(day(2))}},
            {
                "kind": "late",
                "fact": {
                    "type": "AddedToSchedule",
                    "location": "L2",
                    "data": {"member": "ann"},
                    "effective_at": write_instant(day(2)),
                },
            },
            {
                "kind": "late",
                "fact": {"type": "UserInvited", "data": {"rights": [["x"]]}, "effective_at": write_instant(day(2))},
            },
        )
    ),
]

ACCEPTED = [
    Accepted(
        [],
        "enable_two_step",
        {"account": "acc-olga", "channel": "totp"},
        [("TwoStepEnabled", {"account": "acc-olga", "channel": "totp"})],
        {"location": None},
    ),
    Accepted(
        [said("TwoStepEnabled", {"account": "acc-olga", "channel": "totp"}, location=None)],
        "disable_two_step",
        {"account": "acc-olga", "channel": "totp"},
        [("TwoStepDisabled", {"account": "acc-olga", "channel": "totp"})],
        {"location": None, "actor": SUPPORT},
    ),
    Accepted(
        PLACE,
        "observe",
        {"type": "DataExported", "what": "clients", "format": "csv", "rows": 7},
        [("DataExported", {"what": "clients", "format": "csv", "rows": 7})],
    ),
    Accepted(
        [],
        "observe",
        {"type": "SignInRefused", "account": "acc-zoe"},
        [("SignInRefused", {"account": "acc-zoe"})],
        {"location": None, "actor": {"kind": "person", "id": "acc-zoe"}},
    ),
    Accepted(
        TEAM,
        "correct",
        {"kind": "void", "corrects": ident("TeamMemberAdded ann")},
        [("Correction", {"kind": "void", "corrects": ident("TeamMemberAdded ann"), "fact": None})],
        {**REASON, "actor": SUPPORT, "target": "TeamMemberAdded ann"},
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Refused) -> None:
    case.check()


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_accepted(case: Accepted) -> None:
    case.check()


def test_a_late_fact_is_filled_up_from_its_command() -> None:
    fact = {"type": "UserInvited", "effective_at": write_instant(day(2))}
    data = {"account": "acc-vic", "contact": "v", "role": "viewer", "rights": ["users_access"], "scopes": {}}
    raw = {"kind": "late", "fact": {**fact, "data": data}}
    _, (correction,) = when(TEAM, "correct", raw, actor=SUPPORT, reason="ticket 1")
    inner = getattr(correction.data, "fact", None)
    assert inner is not None
    assert (inner.type, inner.location, inner.reason) == ("UserInvited", "L1", "ticket 1")
    assert (inner.recorded_at, inner.effective_at) == (NOW, day(2))
    assert inner.actor == correction.actor
    assert inner.data.rights == ("settings_users_access",)
    assert correction.reason == "ticket 1"
