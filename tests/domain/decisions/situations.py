"""Situations in which commands are given: facts of a small place, and what builds them."""

from datetime import UTC, datetime
from typing import Any

from domain.instants import write_instant
from domain.roles import ROLES
from tests.domain.telling import CATALOGUES, Raw, day, said

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
NEW_DAY = "2026-03-30T22:00:00Z"
VIEWER: Raw = {"account": "acc-vic", "role": "viewer", "rights": RIGHTS["viewer"], "scopes": {}}
