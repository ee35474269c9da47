"""Invitations and grants: what is refused, and what facts come of what is accepted."""

from datetime import timedelta

import pytest

from domain.instants import write_instant
from domain.refusals import Code
from tests.domain.decisions.cases import Accepted, Refused
from tests.domain.decisions.situations import (
    ACCESS,
    BOUND,
    GONE,
    LIMITED,
    MAX,
    PENDING,
    RIGHTS,
    TEAM,
    VIEWER,
    granted,
    invited,
)
from tests.domain.telling import KEY, NOW, SYSTEM, day, said

REFUSED = [
    *(
        Refused(given, command, {**extra, **data}, code, standing, how)
        for command, extra in (("invite", {"contact": "x@example.test"}), ("grant_access", {}))
        for given, data, code, standing, how in (
            (ACCESS, {"account": "acc-ann", "role": "viewer"}, Code.EXISTS, ("AccessGranted acc-ann",), {}),
            (ACCESS, {"account": "acc-vic", "role": "viewer", "member": "ann"}, Code.LINKED, ("UserLinked ann",), {}),
            (TEAM, {"account": "acc-vic", "role": "wizard"}, Code.UNKNOWN_ROLE, (), {}),
            (TEAM, {"account": "acc-vic", "role": "viewer", "rights": ["robots"]}, Code.UNKNOWN_RIGHT, (), {}),
            (TEAM, {"account": "acc-vic", "role": "viewer", "scopes": {"robots": 1}}, Code.UNKNOWN_RIGHT, (), {}),
            (
                TEAM,
                {"account": "acc-vic", "role": "viewer", "rights": ["timetable_staff_id"]},
                Code.UNKNOWN_RIGHT,
                (),
                {},
            ),
            (
                TEAM,
                {"account": "acc-vic", "role": "viewer", "scopes": {"timetable_staff_id": []}},
                Code.INVALID,
                (),
                {},
            ),
            (TEAM, {"account": "acc-vic", "role": "specialist"}, Code.SCOPE_REQUIRED, (), {}),
            (
                TEAM,
                {"account": "acc-vic", "role": "specialist", "scopes": {**BOUND, "timetable_staff_id": "bob"}},
                Code.SCOPE_REQUIRED,
                (),
                {},
            ),
            (
                TEAM,
                {"account": "acc-vic", "role": "specialist", "scopes": {"timetable_staff_id": "ann"}},
                Code.SCOPE_REQUIRED,
                (),
                {},
            ),
            (GONE, {"account": "acc-vic", "role": "specialist", "scopes": BOUND}, Code.SCOPE_REQUIRED, (), {}),
            (
                TEAM,
                {"account": "acc-vic", "role": "specialist", "scopes": BOUND, "rights": ["dashboard_records_access"]},
                Code.NOT_FOR_ROLE,
                (),
                {},
            ),
            (
                GONE,
                {"account": "acc-vic", "role": "viewer", "member": "ann"},
                Code.NOT_ACTIVE,
                ("TeamMemberDismissed ann",),
                {},
            ),
            (TEAM, {"account": "acc-vic", "role": "viewer", "member": "zoe"}, Code.NOT_FOUND, (), {}),
            (
                [*TEAM, LIMITED],
                {"account": "acc-vic", "role": "viewer", "rights": ["clients_edit_access"]},
                Code.BEYOND_OWN_RIGHTS,
                (),
                {"actor": MAX},
            ),
            (
                [*TEAM, granted("acc-max", "viewer")],
                {"account": "acc-vic", "role": "viewer"},
                Code.FORBIDDEN,
                ("AccessGranted acc-max",),
                {"actor": MAX},
            ),
            (TEAM, {"account": "acc-vic", "role": "viewer"}, Code.FORBIDDEN, (), {"actor": MAX}),
            ([], {"account": "acc-vic", "role": "viewer"}, Code.NOT_FOUND, (), {}),
        )
    ),
    Refused(
        TEAM,
        "invite",
        {"account": "acc-vic", "contact": "x", "role": "viewer", "expires_at": write_instant(NOW)},
        Code.INVALID,
    ),
    *(
        Refused(given, command, {"account": "acc-vic"}, code, standing, {"actor": KEY})
        for command in ("accept_invitation", "withdraw_invitation", "expire_invitation")
        for given, code, standing in (
            (TEAM, Code.NOT_PENDING, ()),
            ([*TEAM, granted("acc-vic", "viewer")], Code.NOT_PENDING, ()),
            ([*PENDING, said("InvitationAccepted", {"account": "acc-vic"}, at=2)], Code.NOT_PENDING, ()),
            ([*PENDING, said("InvitationWithdrawn", {"account": "acc-vic"}, at=2)], Code.NOT_PENDING, ()),
        )
    ),
    *(
        Refused(
            [*PENDING, said("InvitationExpired", {"account": "acc-vic"}, at=2)],
            command,
            {"account": "acc-vic"},
            code,
            standing,
            {"actor": KEY},
        )
        for command, code, standing in (
            ("accept_invitation", Code.EXPIRED, ("InvitationExpired acc-vic",)),
            ("withdraw_invitation", Code.NOT_PENDING, ()),
            ("expire_invitation", Code.NOT_PENDING, ()),
        )
    ),
    Refused(
        [*TEAM, invited("acc-vic", expires_at=write_instant(NOW))],
        "accept_invitation",
        {"account": "acc-vic"},
        Code.EXPIRED,
        ("UserInvited acc-vic",),
        {"actor": KEY},
    ),
    Refused(PENDING, "accept_invitation", {"account": "acc-vic"}, Code.FORBIDDEN),
    Refused(PENDING, "expire_invitation", {"account": "acc-vic"}, Code.FORBIDDEN, how={"actor": MAX}),
]

ACCEPTED = [
    Accepted(
        TEAM,
        "invite",
        {"account": "acc-vic", "contact": "v@example.test", "role": "viewer", "member": "ann"},
        [("UserInvited", VIEWER | {"contact": "v@example.test", "member": "ann"})],
    ),
    Accepted(
        TEAM,
        "invite",
        {"account": "acc-vic", "contact": "v", "role": "specialist", "scopes": BOUND},
        [
            (
                "UserInvited",
                {
                    "account": "acc-vic",
                    "contact": "v",
                    "role": "specialist",
                    "rights": RIGHTS["specialist"],
                    "scopes": BOUND,
                },
            )
        ],
    ),
    Accepted(
        [*TEAM, said("AccessRevoked", {"account": "acc-vic"}, at=3), invited("acc-vic", at=2)],
        "accept_invitation",
        {"account": "acc-vic"},
        [("InvitationAccepted", {"account": "acc-vic"})],
        {"actor": {"kind": "person", "id": "acc-vic"}, "at": day(2)},
    ),
    Accepted(
        [*TEAM, invited("acc-vic", expires_at=write_instant(NOW + timedelta(microseconds=1)))],
        "accept_invitation",
        {"account": "acc-vic"},
        [("InvitationAccepted", {"account": "acc-vic"})],
        {"actor": KEY},
    ),
    Accepted(
        [*TEAM, invited("acc-vic", member="ann")],
        "withdraw_invitation",
        {"account": "acc-vic"},
        [
            ("InvitationWithdrawn", {"account": "acc-vic"}),
            (
                "UserUnlinked",
                {"account": "acc-vic", "member": "ann", "cause": "revocation", "by": "InvitationWithdrawn"},
            ),
        ],
    ),
    Accepted(
        PENDING,
        "expire_invitation",
        {"account": "acc-vic"},
        [("InvitationExpired", {"account": "acc-vic"})],
        {"actor": SYSTEM},
    ),
    Accepted(
        TEAM,
        "grant_access",
        {"account": "acc-vic", "role": "viewer", "name": "Vic", "member": "ann"},
        [("AccessGranted", VIEWER | {"name": "Vic"}), ("UserLinked", {"account": "acc-vic", "member": "ann"})],
    ),
    Accepted(
        [*TEAM, LIMITED],
        "grant_access",
        {"account": "acc-vic", "role": "viewer", "rights": ["clients_access"]},
        [("AccessGranted", VIEWER | {"rights": ["clients_access"]})],
        {"actor": MAX},
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Refused) -> None:
    case.check()


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_accepted(case: Accepted) -> None:
    case.check()
