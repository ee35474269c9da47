"""Rights, roles and links: what is refused, and what facts come of what is accepted."""

import pytest

from domain.refusals import Code
from tests.domain.decisions.cases import Accepted, Refused
from tests.domain.decisions.situations import (
    ACCESS,
    COPY,
    ELSEWHERE,
    GONE,
    LIMITED,
    MAX,
    PLACE,
    RIGHTS,
    TEAM,
    granted,
    invited,
)
from tests.domain.telling import said

REFUSED = [
    Refused(
        ACCESS,
        "copy_rights",
        COPY | {"copied_from": {"location": "L2", "account": "acc-ann"}},
        Code.NO_ACCESS,
        how={"source": ELSEWHERE},
    ),
    Refused(
        [*TEAM, granted("acc-ann", "viewer", "clients_access", "clients_edit_access")],
        "copy_rights",
        COPY,
        Code.NO_CHANGE,
        ("AccessGranted acc-ann",),
        {"source": ELSEWHERE},
    ),
    Refused(
        [*TEAM, LIMITED, granted("acc-ann", "viewer")],
        "copy_rights",
        COPY,
        Code.BEYOND_OWN_RIGHTS,
        how={"source": ELSEWHERE, "actor": MAX},
    ),
    Refused(
        PLACE, "change_role", {"account": "acc-olga", "role": "manager"}, Code.LAST_OWNER, ("AccessGranted acc-olga",)
    ),
    Refused(
        [*PLACE, invited("acc-vic", "owner")],
        "change_role",
        {"account": "acc-olga", "role": "manager"},
        Code.LAST_OWNER,
        ("AccessGranted acc-olga",),
    ),
    Refused(
        ACCESS, "change_role", {"account": "acc-ann", "role": "viewer"}, Code.NO_CHANGE, ("AccessGranted acc-ann",)
    ),
    Refused(ACCESS, "change_role", {"account": "acc-ann", "role": "wizard"}, Code.UNKNOWN_ROLE),
    Refused(ACCESS, "change_role", {"account": "acc-vic", "role": "viewer"}, Code.NO_ACCESS),
    Refused(ACCESS, "change_role", {"account": "acc-ann", "role": "specialist"}, Code.SCOPE_REQUIRED),
    Refused(
        [*ACCESS, said("AccessRevoked", {"account": "acc-ann"}, at=3)],
        "edit_rights",
        {"account": "acc-ann", "granted": ["clients_edit_access"]},
        Code.NO_ACCESS,
        ("AccessRevoked acc-ann",),
    ),
    Refused(
        ACCESS,
        "edit_rights",
        {"account": "acc-ann", "granted": ["robots"]},
        Code.UNKNOWN_RIGHT,
        details={"rights": ["robots"]},
    ),
    Refused(ACCESS, "edit_rights", {"account": "acc-ann", "revoked": ["robots"]}, Code.UNKNOWN_RIGHT),
    Refused(
        ACCESS,
        "edit_rights",
        {"account": "acc-ann", "granted": ["clients_access"]},
        Code.NO_CHANGE,
        ("AccessGranted acc-ann",),
    ),
    Refused(
        ACCESS,
        "edit_rights",
        {"account": "acc-ann", "granted": ["clients_edit_access"], "revoked": ["clients_edit_access"]},
        Code.INVALID,
    ),
    Refused(ACCESS, "edit_rights", {"account": "acc-ann", "scopes": {"timetable_last_days_count": -2}}, Code.INVALID),
    Refused(
        [*ACCESS, LIMITED],
        "edit_rights",
        {"account": "acc-ann", "granted": ["clients_edit_access"]},
        Code.BEYOND_OWN_RIGHTS,
        (),
        {"actor": MAX},
        {"rights": ["clients_edit_access"]},
    ),
    Refused(ACCESS, "link", {"account": "acc-ann", "member": "bob"}, Code.LINKED, ("UserLinked ann",)),
    Refused(ACCESS, "link", {"account": "acc-bob", "member": "ann"}, Code.LINKED, ("UserLinked ann",)),
    Refused(
        [*GONE, granted("acc-bob", "viewer")],
        "link",
        {"account": "acc-bob", "member": "ann"},
        Code.NOT_ACTIVE,
        ("TeamMemberDismissed ann",),
    ),
    Refused(TEAM, "link", {"account": "acc-bob", "member": "ann"}, Code.NO_ACCESS),
    Refused(ACCESS, "unlink", {"account": "acc-bob", "member": "bob"}, Code.NOT_LINKED),
    Refused(ACCESS, "unlink", {"account": "acc-ann", "member": "bob"}, Code.NOT_LINKED),
]

ACCEPTED = [
    Accepted(
        TEAM,
        "copy_rights",
        COPY,
        [
            (
                "AccessGranted",
                {
                    "account": "acc-ann",
                    "role": "viewer",
                    "rights": ["clients_access", "clients_edit_access"],
                    "scopes": {},
                    "copied_from": {"location": "L2", "account": "acc-cleo"},
                },
            )
        ],
        {"source": ELSEWHERE},
    ),
    Accepted(
        [*TEAM, granted("acc-ann", "manager", "billing_access", "clients_access")],
        "copy_rights",
        COPY,
        [
            (
                "RightsEdited",
                {
                    "account": "acc-ann",
                    "granted": ["clients_edit_access"],
                    "revoked": ["billing_access"],
                    "scopes_before": {},
                    "scopes_after": {},
                },
            )
        ],
        {"source": ELSEWHERE},
    ),
    Accepted(
        [*TEAM, granted("acc-ann", "viewer", "clients_access")],
        "change_role",
        {"account": "acc-ann", "role": "accountant"},
        [
            (
                "RoleChanged",
                {
                    "account": "acc-ann",
                    "before": "viewer",
                    "after": "accountant",
                    "rights_before": ["clients_access"],
                    "rights_after": RIGHTS["accountant"],
                    "scopes_before": {},
                    "scopes_after": {},
                },
            )
        ],
    ),
    Accepted(
        [*PLACE, granted("acc-max", "owner")],
        "change_role",
        {"account": "acc-olga", "role": "viewer", "rights": []},
        [
            (
                "RoleChanged",
                {
                    "account": "acc-olga",
                    "before": "owner",
                    "after": "viewer",
                    "rights_before": RIGHTS["owner"],
                    "rights_after": [],
                    "scopes_before": {},
                    "scopes_after": {},
                },
            )
        ],
    ),
    Accepted(
        [*TEAM, granted("acc-ann", "viewer", "clients_access")],
        "edit_rights",
        {
            "account": "acc-ann",
            "granted": ["clients_edit_access", "clients_access"],
            "revoked": ["billing_access"],
            "scopes": {"timetable_last_days_count": 7},
        },
        [
            (
                "RightsEdited",
                {
                    "account": "acc-ann",
                    "granted": ["clients_edit_access"],
                    "revoked": [],
                    "scopes_before": {},
                    "scopes_after": {"timetable_last_days_count": 7},
                },
            )
        ],
    ),
    Accepted(
        [*TEAM, granted("acc-ann", "viewer", "clients_access", "robots")],
        "edit_rights",
        {"account": "acc-ann", "revoked": ["robots"]},
        [
            (
                "RightsEdited",
                {"account": "acc-ann", "granted": [], "revoked": ["robots"], "scopes_before": {}, "scopes_after": {}},
            )
        ],
    ),
    Accepted(
        ACCESS,
        "link",
        {"account": "acc-bob", "member": "bob"},
        [("UserLinked", {"account": "acc-bob", "member": "bob"})],
    ),
    Accepted(
        ACCESS,
        "unlink",
        {"account": "acc-ann", "member": "ann"},
        [("UserUnlinked", {"account": "acc-ann", "member": "ann", "cause": "manual"})],
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Refused) -> None:
    case.check()


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_accepted(case: Accepted) -> None:
    case.check()
