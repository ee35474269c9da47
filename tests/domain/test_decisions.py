"""Given facts, when a command, then facts or a refusal: every command of rules.md, every code."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.commands import COMMANDS
from domain.instants import write_instant
from domain.refusals import Code
from domain.roles import ROLES
from tests.domain.telling import (
    CATALOGUES,
    KEY,
    NOW,
    OLGA,
    SUPPORT,
    SYSTEM,
    Raw,
    day,
    ident,
    said,
    then_facts,
    then_refused,
    when,
)

RIGHTS = {role: list(CATALOGUES[1].defaults_of(role)) for role in ROLES}


def granted(account: str, role: str, *rights: str, at: float = 0, location: str = "L1", **scopes: Any) -> Raw:
    given = list(rights) or RIGHTS[role]
    data = {"account": account, "role": role, "rights": given, "scopes": scopes}
    return said("AccessGranted", data, at=at, location=location)


def invited(account: str, role: str = "viewer", at: float = 1, **more: Any) -> Raw:
    data = {"account": account, "contact": "x@example.test", "role": role, "rights": RIGHTS[role], "scopes": {}, **more}
    return said("UserInvited", data, at=at)


def bought(
    name: str = "P1", seats: int = 3, start: float = 2, days: float = 30, kind: str = "SubscriptionPurchased"
) -> Raw:
    data = period(name, seats, day(start), day(start + days))
    return said(kind, data | ({"automatic": True} if kind == "SubscriptionRenewed" else {}), at=start)


def period(name: str, seats: int, starts: datetime, ends: datetime) -> Raw:
    dates = {"starts_at": write_instant(starts), "ends_at": write_instant(ends)}
    return {"subscription": name, "terms": "service_providers", "seats": seats, **dates, "auto_renews": False}


def added(member: str, at: float = 1) -> Raw:
    return said("TeamMemberAdded", {"member": member, "name": member.capitalize(), "position": "Stylist"}, at=at)


def of(kind: str, member: str, at: float = 2, effective: datetime | None = None, **more: Any) -> Raw:
    return said(kind, {"member": member, **more}, at=at, effective=effective)


def linked(account: str, member: str) -> Raw:
    return said("UserLinked", {"account": account, "member": member}, at=2)


def dismissed(member: str, at: float = 3, effective: datetime | None = None) -> Raw:
    date = str((effective or day(at)).date())
    return of("TeamMemberDismissed", member, at, effective, dismissal_date=date, reason="Left")


OPENED = said("LocationOpened", {"name": "Studio", "time_zone": "Europe/Berlin", "chain": "C1"})
PLACE = [OPENED, granted("acc-olga", "owner")]
LIMITED = granted("acc-max", "manager", "settings_access", "settings_users_access", "settings_users_edit_access",
                  "settings_users_create_access", "clients_access", settings_users_limited_access=1)  # fmt: skip
MAX = {"kind": "person", "id": "acc-max"}
TEAM = [*PLACE, added("ann"), added("bob")]
SCHEDULED = [*TEAM, of("AddedToSchedule", "ann")]
ACCESS = [*TEAM, granted("acc-ann", "viewer"), granted("acc-bob", "viewer"), linked("acc-ann", "ann")]
GONE = [*TEAM, dismissed("ann")]
DELETED = [*TEAM, of("TeamMemberDeleted", "ann", 3)]
WAITING = [*TEAM, dismissed("ann", 3, datetime(2026, 3, 30, 22, tzinfo=UTC))]
PENDING = [*TEAM, invited("acc-vic")]
RUNNING = [*PLACE, bought()]
DISMISS = {"member": "ann", "date": "2026-03-31", "reason": "Left", "confirmation": "Dismiss"}
BOUND = {"timetable_staff_id": "ann", "clients_visit_staff_id": "ann"}
ELSEWHERE = [
    said("LocationOpened", {"name": "Other", "time_zone": "UTC"}, location="L2", name="L2 opened"),
    granted("acc-cleo", "viewer", "clients_access", "clients_edit_access", location="L2"),
]
COPY = {"account": "acc-ann", "copied_from": {"location": "L2", "account": "acc-cleo"}}
REASON = {"reason": "ticket 1"}


@dataclass(frozen=True)
class Refused:
    """A command that is refused: the situation, the command, the code, the facts that stand in the way."""

    given: list[Raw]
    command: str
    data: Raw
    code: Code
    standing: tuple[str, ...] = ()
    how: Raw = field(default_factory=dict)
    details: Raw = field(default_factory=dict)


C = Code
REFUSED = [
    # Locations and chains
    Refused(PLACE, "open_location", {"name": "X", "time_zone": "UTC"}, C.EXISTS, ("LocationOpened",), {"actor": KEY}),
    Refused([], "open_location", {"name": "X", "time_zone": "Mars/Olympus"}, C.INVALID, how={"actor": KEY}),
    Refused(PLACE, "join_chain", {"chain": "C1"}, C.NO_CHANGE),
    Refused(PLACE, "join_chain", {"chain": "C2"}, C.EXISTS),
    Refused(PLACE, "leave_chain", {"chain": "C2"}, C.NO_CHANGE),
    Refused([], "leave_chain", {"chain": "C2"}, C.NOT_FOUND),
    # Team members
    Refused(TEAM, "add_team_member", {"member": "ann", "name": "A"}, C.EXISTS, ("TeamMemberAdded ann",)),
    Refused(GONE, "add_team_member", {"member": "ann", "name": "A"}, C.EXISTS, ("TeamMemberAdded ann",)),
    Refused(
        GONE, "edit_team_member", {"member": "ann", "after": {"name": "A"}}, C.NOT_ACTIVE, ("TeamMemberDismissed ann",)
    ),
    Refused(
        DELETED, "edit_team_member", {"member": "ann", "after": {"name": "A"}}, C.NOT_ACTIVE, ("TeamMemberDeleted ann",)
    ),
    Refused(TEAM, "edit_team_member", {"member": "ann", "after": {"name": "Ann"}}, C.NO_CHANGE),
    Refused(TEAM, "edit_team_member", {"member": "ann", "after": {"name": ""}}, C.INVALID),
    Refused(TEAM, "edit_team_member", {"member": "ann", "after": {"name": None}}, C.INVALID),
    Refused(TEAM, "edit_team_member", {"member": "zoe", "after": {"name": "Z"}}, C.NOT_FOUND),
    Refused(SCHEDULED, "add_to_schedule", {"member": "ann"}, C.NO_CHANGE, ("AddedToSchedule ann",)),
    Refused(GONE, "add_to_schedule", {"member": "ann"}, C.NOT_ACTIVE, ("TeamMemberDismissed ann",)),
    Refused(TEAM, "remove_from_schedule", {"member": "ann"}, C.NO_CHANGE),
    Refused(GONE, "remove_from_schedule", {"member": "ann"}, C.NOT_ACTIVE, ("TeamMemberDismissed ann",)),
    Refused(
        [*TEAM, of("WorkingHoursPlanned", "ann", until=None)],
        "plan_hours",
        {"member": "ann", "until": None},
        C.NO_CHANGE,
    ),
    Refused(DELETED, "plan_hours", {"member": "ann", "until": None}, C.NOT_ACTIVE, ("TeamMemberDeleted ann",)),
    # Invitations and grants
    *(
        Refused(given, command, {**extra, **data}, code, standing, how)
        for command, extra in (("invite", {"contact": "x@example.test"}), ("grant_access", {}))
        for given, data, code, standing, how in (
            (ACCESS, {"account": "acc-ann", "role": "viewer"}, C.EXISTS, ("AccessGranted acc-ann",), {}),
            (ACCESS, {"account": "acc-vic", "role": "viewer", "member": "ann"}, C.LINKED, ("UserLinked ann",), {}),
            (TEAM, {"account": "acc-vic", "role": "wizard"}, C.UNKNOWN_ROLE, (), {}),
            (TEAM, {"account": "acc-vic", "role": "viewer", "rights": ["robots"]}, C.UNKNOWN_RIGHT, (), {}),
            (TEAM, {"account": "acc-vic", "role": "viewer", "scopes": {"robots": 1}}, C.UNKNOWN_RIGHT, (), {}),
            (TEAM, {"account": "acc-vic", "role": "viewer", "rights": ["timetable_staff_id"]}, C.UNKNOWN_RIGHT, (), {}),
            (TEAM, {"account": "acc-vic", "role": "viewer", "scopes": {"timetable_staff_id": []}}, C.INVALID, (), {}),
            (TEAM, {"account": "acc-vic", "role": "specialist"}, C.SCOPE_REQUIRED, (), {}),
            (
                TEAM,
                {"account": "acc-vic", "role": "specialist", "scopes": {**BOUND, "timetable_staff_id": "bob"}},
                C.SCOPE_REQUIRED,
                (),
                {},
            ),
            (
                TEAM,
                {"account": "acc-vic", "role": "specialist", "scopes": {"timetable_staff_id": "ann"}},
                C.SCOPE_REQUIRED,
                (),
                {},
            ),
            (GONE, {"account": "acc-vic", "role": "specialist", "scopes": BOUND}, C.SCOPE_REQUIRED, (), {}),
            (
                TEAM,
                {"account": "acc-vic", "role": "specialist", "scopes": BOUND, "rights": ["dashboard_records_access"]},
                C.NOT_FOR_ROLE,
                (),
                {},
            ),
            (
                GONE,
                {"account": "acc-vic", "role": "viewer", "member": "ann"},
                C.NOT_ACTIVE,
                ("TeamMemberDismissed ann",),
                {},
            ),
            (TEAM, {"account": "acc-vic", "role": "viewer", "member": "zoe"}, C.NOT_FOUND, (), {}),
            (
                [*TEAM, LIMITED],
                {"account": "acc-vic", "role": "viewer", "rights": ["clients_edit_access"]},
                C.BEYOND_OWN_RIGHTS,
                (),
                {"actor": MAX},
            ),
            (
                [*TEAM, granted("acc-max", "viewer")],
                {"account": "acc-vic", "role": "viewer"},
                C.FORBIDDEN,
                ("AccessGranted acc-max",),
                {"actor": MAX},
            ),
            (TEAM, {"account": "acc-vic", "role": "viewer"}, C.FORBIDDEN, (), {"actor": MAX}),
            ([], {"account": "acc-vic", "role": "viewer"}, C.NOT_FOUND, (), {}),
        )
    ),
    Refused(
        TEAM,
        "invite",
        {"account": "acc-vic", "contact": "x", "role": "viewer", "expires_at": write_instant(NOW)},
        C.INVALID,
    ),
    *(
        Refused(given, command, {"account": "acc-vic"}, code, standing, {"actor": KEY})
        for command in ("accept_invitation", "withdraw_invitation", "expire_invitation")
        for given, code, standing in (
            (TEAM, C.NOT_PENDING, ()),
            ([*TEAM, granted("acc-vic", "viewer")], C.NOT_PENDING, ()),
            ([*PENDING, said("InvitationAccepted", {"account": "acc-vic"}, at=2)], C.NOT_PENDING, ()),
            ([*PENDING, said("InvitationWithdrawn", {"account": "acc-vic"}, at=2)], C.NOT_PENDING, ()),
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
            ("accept_invitation", C.EXPIRED, ("InvitationExpired acc-vic",)),
            ("withdraw_invitation", C.NOT_PENDING, ()),
            ("expire_invitation", C.NOT_PENDING, ()),
        )
    ),
    Refused(
        [*TEAM, invited("acc-vic", expires_at=write_instant(NOW))],
        "accept_invitation",
        {"account": "acc-vic"},
        C.EXPIRED,
        ("UserInvited acc-vic",),
        {"actor": KEY},
    ),
    Refused(PENDING, "accept_invitation", {"account": "acc-vic"}, C.FORBIDDEN),
    Refused(PENDING, "expire_invitation", {"account": "acc-vic"}, C.FORBIDDEN, how={"actor": MAX}),
    # Rights and roles
    Refused(
        ACCESS,
        "copy_rights",
        COPY | {"copied_from": {"location": "L2", "account": "acc-ann"}},
        C.NO_ACCESS,
        how={"source": ELSEWHERE},
    ),
    Refused(
        [*TEAM, granted("acc-ann", "viewer", "clients_access", "clients_edit_access")],
        "copy_rights",
        COPY,
        C.NO_CHANGE,
        ("AccessGranted acc-ann",),
        {"source": ELSEWHERE},
    ),
    Refused(
        [*TEAM, LIMITED, granted("acc-ann", "viewer")],
        "copy_rights",
        COPY,
        C.BEYOND_OWN_RIGHTS,
        how={"source": ELSEWHERE, "actor": MAX},
    ),
    Refused(
        PLACE, "change_role", {"account": "acc-olga", "role": "manager"}, C.LAST_OWNER, ("AccessGranted acc-olga",)
    ),
    Refused(
        [*PLACE, invited("acc-vic", "owner")],
        "change_role",
        {"account": "acc-olga", "role": "manager"},
        C.LAST_OWNER,
        ("AccessGranted acc-olga",),
    ),
    Refused(ACCESS, "change_role", {"account": "acc-ann", "role": "viewer"}, C.NO_CHANGE, ("AccessGranted acc-ann",)),
    Refused(ACCESS, "change_role", {"account": "acc-ann", "role": "wizard"}, C.UNKNOWN_ROLE),
    Refused(ACCESS, "change_role", {"account": "acc-vic", "role": "viewer"}, C.NO_ACCESS),
    Refused(ACCESS, "change_role", {"account": "acc-ann", "role": "specialist"}, C.SCOPE_REQUIRED),
    Refused(
        [*ACCESS, said("AccessRevoked", {"account": "acc-ann"}, at=3)],
        "edit_rights",
        {"account": "acc-ann", "granted": ["clients_edit_access"]},
        C.NO_ACCESS,
        ("AccessRevoked acc-ann",),
    ),
    Refused(
        ACCESS,
        "edit_rights",
        {"account": "acc-ann", "granted": ["robots"]},
        C.UNKNOWN_RIGHT,
        details={"rights": ["robots"]},
    ),
    Refused(ACCESS, "edit_rights", {"account": "acc-ann", "revoked": ["robots"]}, C.UNKNOWN_RIGHT),
    Refused(
        ACCESS,
        "edit_rights",
        {"account": "acc-ann", "granted": ["clients_access"]},
        C.NO_CHANGE,
        ("AccessGranted acc-ann",),
    ),
    Refused(
        ACCESS,
        "edit_rights",
        {"account": "acc-ann", "granted": ["clients_edit_access"], "revoked": ["clients_edit_access"]},
        C.INVALID,
    ),
    Refused(ACCESS, "edit_rights", {"account": "acc-ann", "scopes": {"timetable_last_days_count": -2}}, C.INVALID),
    Refused(
        [*ACCESS, LIMITED],
        "edit_rights",
        {"account": "acc-ann", "granted": ["clients_edit_access"]},
        C.BEYOND_OWN_RIGHTS,
        (),
        {"actor": MAX},
        {"rights": ["clients_edit_access"]},
    ),
    # Links
    Refused(ACCESS, "link", {"account": "acc-ann", "member": "bob"}, C.LINKED, ("UserLinked ann",)),
    Refused(ACCESS, "link", {"account": "acc-bob", "member": "ann"}, C.LINKED, ("UserLinked ann",)),
    Refused(
        [*GONE, granted("acc-bob", "viewer")],
        "link",
        {"account": "acc-bob", "member": "ann"},
        C.NOT_ACTIVE,
        ("TeamMemberDismissed ann",),
    ),
    Refused(TEAM, "link", {"account": "acc-bob", "member": "ann"}, C.NO_ACCESS),
    Refused(ACCESS, "unlink", {"account": "acc-bob", "member": "bob"}, C.NOT_LINKED),
    Refused(ACCESS, "unlink", {"account": "acc-ann", "member": "bob"}, C.NOT_LINKED),
    # Dismissal, deletion, restoration
    Refused(TEAM, "dismiss", {**DISMISS, "confirmation": "dismiss"}, C.CONFIRMATION_REQUIRED),
    Refused(TEAM, "dismiss", {"member": "ann", "date": "2026-03-31", "reason": "Left"}, C.CONFIRMATION_REQUIRED),
    Refused(TEAM, "dismiss", {**DISMISS, "reason": " "}, C.REASON_REQUIRED),
    Refused(TEAM, "dismiss", {"member": "ann", "date": "2026-03-31", "confirmation": "Dismiss"}, C.REASON_REQUIRED),
    Refused(TEAM, "dismiss", {**DISMISS, "date": None}, C.INVALID),
    Refused(GONE, "dismiss", DISMISS, C.NOT_ACTIVE, ("TeamMemberDismissed ann",)),
    Refused(WAITING, "dismiss", DISMISS, C.EXISTS, ("TeamMemberDismissed ann",)),
    Refused(TEAM, "dismiss", {**DISMISS, "member": "zoe"}, C.NOT_FOUND),
    Refused(
        [*SCHEDULED, of("WorkingHoursPlanned", "ann", 3, until="2026-03-31")],
        "dismiss",
        DISMISS,
        C.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann",),
        {},
        {"until": "2026-03-31"},
    ),
    Refused(
        [*TEAM, of("WorkingHoursPlanned", "ann", 3, until="2026-04-01")],
        "dismiss",
        DISMISS,
        C.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann",),
    ),
    Refused(SCHEDULED, "dismiss", DISMISS, C.ACTIVE_SCHEDULE, ("AddedToSchedule ann",)),
    Refused(
        [*SCHEDULED, of("WorkingHoursPlanned", "ann", 3, until=None)],
        "dismiss",
        DISMISS,
        C.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann", "AddedToSchedule ann"),
    ),
    Refused(
        [*TEAM, of("WorkingHoursPlanned", "ann", 3, until=None)],
        "dismiss",
        DISMISS,
        C.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann",),
    ),
    Refused(
        [*GONE, of("TeamMemberDeleted", "ann", 4)],
        "cancel_dismissal",
        {"member": "ann"},
        C.TOO_LATE,
        ("TeamMemberDismissed ann",),
    ),
    Refused(
        [*TEAM, granted("acc-vic", "viewer")],
        "edit_rights",
        {"account": "acc-vic", "scopes": {"timetable_staff_id": True}},
        C.INVALID,
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
        C.SCOPE_REQUIRED,
    ),
    Refused(TEAM, "invite", {"account": "acc-vic", "contact": "x", "role": "front desk"}, C.UNKNOWN_ROLE),
    Refused(
        TEAM, "invite", {"account": "acc-vic", "contact": "x", "role": "viewer", "rights": ["no such"]}, C.UNKNOWN_RIGHT
    ),
    Refused(
        [*SCHEDULED, of("WorkingHoursPlanned", "ann", 3, until="2026-03-10")],
        "dismiss",
        {**DISMISS, "date": "2026-03-10"},
        C.ACTIVE_SCHEDULE,
        ("WorkingHoursPlanned ann",),
    ),
    Refused(
        WAITING,
        "cancel_dismissal",
        {"member": "ann"},
        C.TOO_LATE,
        ("TeamMemberDismissed ann",),
        {"at": datetime(2026, 3, 30, 22, tzinfo=UTC)},
    ),
    Refused(TEAM, "cancel_dismissal", {"member": "ann"}, C.NOT_FOUND),
    Refused(WAITING, "cancel_dismissal", {"member": "ann", "cancels": ident("another")}, C.NOT_FOUND),
    Refused(TEAM, "delete_team_member", {"member": "zoe"}, C.NOT_FOUND),
    Refused(DELETED, "delete_team_member", {"member": "ann"}, C.NO_CHANGE, ("TeamMemberDeleted ann",)),
    Refused(TEAM, "restore", {"member": "ann"}, C.NO_CHANGE, ("TeamMemberAdded ann",)),
    Refused(TEAM, "restore", {"member": "zoe"}, C.NOT_FOUND),
    *(
        Refused(
            DELETED,
            "restore",
            {"member": "ann"},
            C.RESTORE_WINDOW,
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
        C.RESTORE_WINDOW,
        ("TeamMemberDeleted ann",),
        {"at": day(33)},
        {"allowed_from": "2026-04-05T10:00:00Z"},
    ),
    Refused(PLACE, "delete_user", {"account": "acc-olga"}, C.LAST_OWNER, ("AccessGranted acc-olga",)),
    Refused(TEAM, "delete_user", {"account": "acc-zoe"}, C.NO_ACCESS),
    Refused(
        ACCESS,
        "delete_user",
        {"account": "acc-bob"},
        C.FORBIDDEN,
        ("AccessGranted acc-ann",),
        {"actor": {"kind": "person", "id": "acc-ann"}},
    ),
    # Terms and subscriptions
    Refused([], "publish_terms", {"terms": "access_rights", "from": "2026-04-01"}, C.FORBIDDEN, how={"location": None}),
    Refused(
        [said("TermsPublished", {"terms": "access_rights", "from": "2026-02-03"}, location=None)],
        "publish_terms",
        {"terms": "access_rights", "from": "2026-04-01"},
        C.NO_CHANGE,
        ("TermsPublished",),
        {"location": None, "actor": KEY},
    ),
    Refused(
        RUNNING,
        "purchase",
        {"subscription": "P1", "seats": 1, "ends_at": write_instant(day(90))},
        C.OVERLAP,
        ("SubscriptionPurchased P1",),
    ),
    Refused(PLACE, "purchase", {"subscription": "P1", "seats": 1, "ends_at": write_instant(NOW)}, C.INVALID),
    Refused(
        PLACE,
        "purchase",
        {"subscription": "P1", "seats": 1, "starts_at": write_instant(day(1)), "ends_at": write_instant(day(90))},
        C.INVALID,
    ),
    Refused(
        PLACE,
        "purchase",
        {"subscription": "P1", "seats": 1, "ends_at": write_instant(day(90)), "terms": "access_rights"},
        C.INVALID,
    ),
    Refused(PLACE, "renew", {"subscription": "P1", "seats": 1, "ends_at": write_instant(day(90))}, C.NO_PERIOD),
    Refused(
        RUNNING,
        "renew",
        {"subscription": "P1", "seats": 1, "starts_at": write_instant(day(20)), "ends_at": write_instant(day(90))},
        C.OVERLAP,
        ("SubscriptionPurchased P1",),
    ),
    Refused(PLACE, "add_seats", {"subscription": "P1", "seats": 1}, C.NO_PERIOD),
    Refused([*PLACE, bought(days=3)], "add_seats", {"subscription": "P1", "seats": 1}, C.NO_PERIOD),
    Refused(
        [*PLACE, bought(seats=0)],
        "add_seats",
        {"subscription": "P1", "seats": 1},
        C.NO_CHANGE,
        ("SubscriptionPurchased P1",),
    ),
    Refused(PLACE, "record_failed_renewal", {"subscription": "P1"}, C.NO_PERIOD),
    Refused(PLACE, "record_charge", {"subscription": "P1", "charge": "c1"}, C.NO_PERIOD),
    Refused(
        [*RUNNING, said("SeatsCharged", {"subscription": "P1", "charge": "c1", "billable": 1, "free": 0}, at=3)],
        "record_charge",
        {"subscription": "P1", "charge": "c1"},
        C.EXISTS,
        ("SeatsCharged P1",),
    ),
    # Observations, the second step, corrections
    Refused(PLACE, "observe", {"type": "TeamMemberAdded", "member": "ann", "name": "A"}, C.INVALID),
    Refused(PLACE, "observe", {"type": "CommandRefused", "command": "invite", "code": "exists"}, C.INVALID),
    Refused(PLACE, "observe", {"type": "SignedIn", "hat": "red"}, C.INVALID),
    Refused([], "disable_two_step", {"account": "acc-olga", "channel": "totp"}, C.NO_CHANGE, how={"location": None}),
    Refused(
        [said("TwoStepEnabled", {"account": "acc-olga", "channel": "totp"}, location=None)],
        "enable_two_step",
        {"account": "acc-olga", "channel": "totp"},
        C.NO_CHANGE,
        how={"location": None},
    ),
    Refused([], "enable_two_step", {"account": "acc-ann", "channel": "totp"}, C.FORBIDDEN, how={"location": None}),
    *(
        Refused(
            TEAM,
            "correct",
            {"kind": "void", "corrects": ident("TeamMemberAdded ann")},
            C.FORBIDDEN,
            how={**REASON, "target": "TeamMemberAdded ann", "actor": actor},
        )
        for actor in (OLGA, KEY, SYSTEM)
    ),
    Refused(
        TEAM,
        "correct",
        {"kind": "void", "corrects": ident("TeamMemberAdded ann")},
        C.REASON_REQUIRED,
        how={"actor": SUPPORT, "target": "TeamMemberAdded ann"},
    ),
    Refused(
        TEAM, "correct", {"kind": "void", "corrects": ident("nothing")}, C.NOT_FOUND, how={**REASON, "actor": SUPPORT}
    ),
    Refused(
        TEAM,
        "correct",
        {"kind": "void", "corrects": ident("L2 opened")},
        C.INVALID,
        ("L2 opened",),
        {**REASON, "actor": SUPPORT, "source": ELSEWHERE, "target": "L2 opened"},
    ),
    Refused(
        [*TEAM, said("Correction", {"kind": "void", "corrects": ident("TeamMemberAdded ann"), "fact": None}, at=4)],
        "correct",
        {"kind": "void", "corrects": ident("TeamMemberAdded ann")},
        C.NO_CHANGE,
        ("Correction",),
        {**REASON, "actor": SUPPORT, "target": "TeamMemberAdded ann"},
    ),
    *(
        Refused(TEAM, "correct", data, C.INVALID, how={**REASON, "actor": SUPPORT, "target": "TeamMemberAdded ann"})
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


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.command}-{case.code.value}")
def test_refused(case: Refused) -> None:
    decision, _ = when(case.given, case.command, case.data, **case.how)
    then_refused(decision, case.code, case.standing, **case.details)


@dataclass(frozen=True)
class Accepted:
    """A command that is accepted: the situation, the command, the facts."""

    given: list[Raw]
    command: str
    data: Raw
    facts: list[tuple[str, Raw]]
    how: Raw = field(default_factory=dict)


NEW_DAY = "2026-03-30T22:00:00Z"
VIEWER: Raw = {"account": "acc-vic", "role": "viewer", "rights": RIGHTS["viewer"], "scopes": {}}
ACCEPTED = [
    Accepted(
        [],
        "open_location",
        {"name": "X", "time_zone": "UTC"},
        [("LocationOpened", {"name": "X", "time_zone": "UTC"})],
        {"actor": KEY},
    ),
    Accepted(
        [*PLACE, said("LocationLeftChain", {"chain": "C1"})],
        "join_chain",
        {"chain": "C2"},
        [("LocationJoinedChain", {"chain": "C2"})],
    ),
    Accepted(PLACE, "leave_chain", {"chain": "C1"}, [("LocationLeftChain", {"chain": "C1"})]),
    Accepted(
        PLACE,
        "add_team_member",
        {"member": "ann", "name": "Ann"},
        [("TeamMemberAdded", {"member": "ann", "name": "Ann"})],
    ),
    Accepted(
        TEAM,
        "edit_team_member",
        {"member": "ann", "after": {"name": "Anna", "phone": "1"}},
        [
            (
                "TeamMemberEdited",
                {"member": "ann", "before": {"name": "Ann", "phone": None}, "after": {"name": "Anna", "phone": "1"}},
            )
        ],
    ),
    Accepted(TEAM, "add_to_schedule", {"member": "ann"}, [("AddedToSchedule", {"member": "ann"})]),
    Accepted(SCHEDULED, "remove_from_schedule", {"member": "ann"}, [("RemovedFromSchedule", {"member": "ann"})]),
    Accepted(
        TEAM,
        "plan_hours",
        {"member": "ann", "until": None},
        [("WorkingHoursPlanned", {"member": "ann", "until": None})],
    ),
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
    Accepted(
        [],
        "publish_terms",
        {"terms": "access_rights", "from": "2026-04-01"},
        [("TermsPublished", {"terms": "access_rights", "from": "2026-04-01", "at": "2026-04-01T00:00:00Z"})],
        {"location": None, "actor": KEY},
    ),
    Accepted(
        PLACE,
        "purchase",
        {"subscription": "P1", "seats": 2, "ends_at": write_instant(day(90))},
        [("SubscriptionPurchased", period("P1", 2, NOW, day(90)))],
    ),
    Accepted(
        PLACE,
        "purchase",
        {"subscription": "P1", "seats": 0, "starts_at": write_instant(day(20)), "ends_at": write_instant(day(90))},
        [("SubscriptionPurchased", period("P1", 0, day(20), day(90)) | {"at": write_instant(day(20))})],
    ),
    Accepted(
        RUNNING,
        "purchase",
        {"subscription": "P2", "seats": 2, "ends_at": write_instant(day(90))},
        [("SubscriptionPurchased", period("P2", 2, NOW, day(90)))],
    ),
    Accepted(
        RUNNING,
        "renew",
        {"subscription": "P1", "seats": 2, "ends_at": write_instant(day(90))},
        [
            (
                "SubscriptionRenewed",
                period("P1", 2, day(32), day(90))
                | {"auto_renews": True, "automatic": False, "at": write_instant(day(32))},
            )
        ],
    ),
    Accepted(
        [*PLACE, bought(days=3)],
        "renew",
        {"subscription": "P1", "seats": 2, "ends_at": write_instant(day(90)), "automatic": True},
        [("SubscriptionRenewed", period("P1", 2, NOW, day(90)) | {"auto_renews": True, "automatic": True})],
        {"actor": SYSTEM},
    ),
    Accepted(
        RUNNING, "add_seats", {"subscription": "P1", "seats": 2}, [("SeatsAdded", {"subscription": "P1", "seats": 2})]
    ),
    Accepted(
        RUNNING,
        "record_failed_renewal",
        {"subscription": "P1"},
        [("RenewalFailed", {"subscription": "P1"})],
        {"actor": SYSTEM},
    ),
    Accepted(
        [*SCHEDULED, bought()],
        "record_charge",
        {"subscription": "P1", "charge": "c1", "amount": "12.50", "currency": "EUR"},
        [
            (
                "SeatsCharged",
                {"subscription": "P1", "charge": "c1", "billable": 1, "free": 2, "amount": "12.50", "currency": "EUR"},
            )
        ],
    ),
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


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.command)
def test_accepted(case: Accepted) -> None:
    decision, facts = when(case.given, case.command, case.data, **case.how)
    then_facts(decision, facts, [(kind, data) for kind, data in case.facts])


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


def test_every_code_is_produced_here_or_at_the_desk() -> None:
    at_the_desk = {Code.ID_REUSED}
    assert {case.code for case in REFUSED} == set(Code) - at_the_desk


def test_every_command_is_accepted_and_refused_here() -> None:
    assert {case.command for case in ACCEPTED} == set(COMMANDS)
    assert {case.command for case in REFUSED} == set(COMMANDS)


@pytest.mark.parametrize(
    "command",
    sorted(set(COMMANDS) - {"observe", "open_location", "accept_invitation", "enable_two_step", "disable_two_step"}),
)
def test_nobody_without_access_may_do_it(command: str) -> None:
    case = next(case for case in ACCEPTED if case.command == command)
    decision, _ = when(
        case.given, case.command, case.data, **{**case.how, "actor": {"kind": "person", "id": "acc-eve"}}
    )
    then_refused(decision, Code.FORBIDDEN, ())
