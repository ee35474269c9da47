"""Dismissal, deletion and restoration: what is refused, and what facts come of what is accepted."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.refusals import Code
from tests.domain.decisions.cases import Accepted, Refused
from tests.domain.decisions.situations import (
    ACCESS,
    DELETED,
    DISMISS,
    GONE,
    NEW_DAY,
    PLACE,
    SCHEDULED,
    TEAM,
    WAITING,
    granted,
    of,
)
from tests.domain.telling import day, ident

REFUSED = [
    Refused(TEAM, "dismiss", {**DISMISS, "confirmation": "dismiss"}, Code.CONFIRMATION_REQUIRED),
    Refused(TEAM, "dismiss", {"member": "ann", "date": "2026-03-31", "reason": "Left"}, Code.CONFIRMATION_REQUIRED),
    Refused(TEAM, "dismiss", {**DISMISS, "reason": " "}, Code.REASON_REQUIRED),
    Refused(TEAM, "dismiss", {"member": "ann", "date": "2026-03-31", "confirmation": "Dismiss"}, Code.REASON_REQUIRED),
    Refused(TEAM, "dismiss", {**DISMISS, "date": None}, Code.INVALID),
    Refused(GONE, "dismiss", DISMISS, Code.NOT_ACTIVE, ("TeamMemberDismissed ann",)),
    Refused(WAITING, "dismiss", DISMISS, Code.EXISTS, ("TeamMemberDismissed ann",)),
    Refused(TEAM, "dismiss", {**DISMISS, "member": "zoe"}, Code.NOT_FOUND),
    Refused(
        [*SCHEDULED, of("WorkingHoursPlanned", "ann", 3, until="2026-03-31")],
        "dismiss",
        DISMISS,
        Code.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann",),
        {},
        {"until": "2026-03-31"},
    ),
    Refused(
        [*TEAM, of("WorkingHoursPlanned", "ann", 3, until="2026-04-01")],
        "dismiss",
        DISMISS,
        Code.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann",),
    ),
    Refused(SCHEDULED, "dismiss", DISMISS, Code.ACTIVE_SCHEDULE, ("AddedToSchedule ann",)),
    Refused(
        [*SCHEDULED, of("WorkingHoursPlanned", "ann", 3, until=None)],
        "dismiss",
        DISMISS,
        Code.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann", "AddedToSchedule ann"),
    ),
    Refused(
        [*TEAM, of("WorkingHoursPlanned", "ann", 3, until=None)],
        "dismiss",
        DISMISS,
        Code.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann",),
    ),
    Refused(
        [*GONE, of("TeamMemberDeleted", "ann", 4)],
        "cancel_dismissal",
        {"member": "ann"},
        Code.TOO_LATE,
        ("TeamMemberDismissed ann",),
    ),
    Refused(
        [*TEAM, granted("acc-vic", "viewer")],
        "edit_rights",
        {"account": "acc-vic", "scopes": {"timetable_staff_id": True}},
        Code.INVALID,
    ),
    Refused(
        TEAM,
        "invite",
        {
            "account": "acc-vic",
            "contact": "x",
            "role": "specialist",
            "scopes": {"timetable_staff_id": ["ann"], "clients_visit_staff_id": ["ann"]},
        },
        Code.SCOPE_REQUIRED,
    ),
    Refused(TEAM, "invite", {"account": "acc-vic", "contact": "x", "role": "front desk"}, Code.UNKNOWN_ROLE),
    Refused(
        TEAM,
        "invite",
        {"account": "acc-vic", "contact": "x", "role": "viewer", "rights": ["no such"]},
        Code.UNKNOWN_RIGHT,
    ),
    Refused(
        [*SCHEDULED, of("WorkingHoursPlanned", "ann", 3, until="2026-03-10")],
        "dismiss",
        {**DISMISS, "date": "2026-03-10"},
        Code.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann",),
    ),
    Refused(
        WAITING,
        "cancel_dismissal",
        {"member": "ann"},
        Code.TOO_LATE,
        ("TeamMemberDismissed ann",),
        {"at": datetime(2026, 3, 30, 22, tzinfo=UTC)},
    ),
    Refused(TEAM, "cancel_dismissal", {"member": "ann"}, Code.NOT_FOUND),
    Refused(WAITING, "cancel_dismissal", {"member": "ann", "cancels": ident("another")}, Code.NOT_FOUND),
    Refused(TEAM, "delete_team_member", {"member": "zoe"}, Code.NOT_FOUND),
    Refused(DELETED, "delete_team_member", {"member": "ann"}, Code.NO_CHANGE, ("TeamMemberDeleted ann",)),
    Refused(TEAM, "restore", {"member": "ann"}, Code.NO_CHANGE, ("TeamMemberAdded ann",)),
    Refused(TEAM, "restore", {"member": "zoe"}, Code.NOT_FOUND),
    *(
        Refused(
            DELETED,
            "restore",
            {"member": "ann"},
            Code.RESTORE_WINDOW,
            ("TeamMemberDeleted ann",),
            {"at": at},
            {"allowed_from": "2026-04-03T10:00:00Z"},
        )
        for at in (day(4) + timedelta(microseconds=1), day(33) - timedelta(microseconds=1))
    ),
    Refused(
        [*GONE, of("TeamMemberDeleted", "ann", 5)],
        "restore",
        {"member": "ann"},
        Code.RESTORE_WINDOW,
        ("TeamMemberDeleted ann",),
        {"at": day(33)},
        {"allowed_from": "2026-04-05T10:00:00Z"},
    ),
    Refused(PLACE, "delete_user", {"account": "acc-olga"}, Code.LAST_OWNER, ("AccessGranted acc-olga",)),
    Refused(TEAM, "delete_user", {"account": "acc-zoe"}, Code.NO_ACCESS),
    Refused(
        ACCESS,
        "delete_user",
        {"account": "acc-bob"},
        Code.FORBIDDEN,
        ("AccessGranted acc-ann",),
        {"actor": {"kind": "person", "id": "acc-ann"}},
    ),
]

ACCEPTED = [
    Accepted(
        [*ACCESS, of("AddedToSchedule", "ann"), of("WorkingHoursPlanned", "ann", 3, until="2026-03-30")],
        "dismiss",
        DISMISS,
        [
            ("TeamMemberDismissed", {"member": "ann", "dismissal_date": "2026-03-31", "reason": "Left", "at": NEW_DAY}),
            (
                "UserUnlinked",
                {
                    "account": "acc-ann",
                    "member": "ann",
                    "cause": "dismissal",
                    "at": NEW_DAY,
                    "by": "TeamMemberDismissed",
                },
            ),
            ("RemovedFromSchedule", {"member": "ann", "at": NEW_DAY, "by": "TeamMemberDismissed"}),
        ],
    ),
    Accepted(
        TEAM,
        "dismiss",
        {**DISMISS, "date": "2026-02-15"},
        [("TeamMemberDismissed", {"member": "ann", "dismissal_date": "2026-02-15", "reason": "Left"})],
    ),
    Accepted(
        WAITING,
        "cancel_dismissal",
        {"member": "ann"},
        [("DismissalCancelled", {"member": "ann", "cancels": ident("TeamMemberDismissed ann")})],
        {"at": datetime(2026, 3, 30, 21, 59, 59, 999999, tzinfo=UTC)},
    ),
    Accepted(
        [*ACCESS, of("AddedToSchedule", "ann")],
        "delete_team_member",
        {"member": "ann"},
        [
            ("TeamMemberDeleted", {"member": "ann"}),
            ("UserUnlinked", {"account": "acc-ann", "member": "ann", "cause": "deletion", "by": "TeamMemberDeleted"}),
            ("RemovedFromSchedule", {"member": "ann", "by": "TeamMemberDeleted"}),
        ],
    ),
    Accepted(GONE, "delete_team_member", {"member": "ann"}, [("TeamMemberDeleted", {"member": "ann"})]),
    *(
        Accepted(GONE, "restore", {"member": "ann"}, [("TeamMemberRestored", {"member": "ann"})], {"at": at})
        for at in (day(3), day(4), day(33))
    ),
    Accepted(
        ACCESS,
        "delete_user",
        {"account": "acc-ann"},
        [
            ("AccessRevoked", {"account": "acc-ann"}),
            ("UserUnlinked", {"account": "acc-ann", "member": "ann", "cause": "revocation", "by": "AccessRevoked"}),
        ],
    ),
    Accepted(
        [*PLACE, granted("acc-max", "owner")],
        "delete_user",
        {"account": "acc-olga"},
        [("AccessRevoked", {"account": "acc-olga"})],
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Refused) -> None:
    case.check()


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_accepted(case: Accepted) -> None:
    case.check()
