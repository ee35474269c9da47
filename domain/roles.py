"""The eight roles; what a role starts with is said by the catalogue."""

from enum import Enum


class Role(Enum):
    """A role of a user in a location."""

    SPECIALIST = "specialist"
    """Provides services; sees the own schedule and the own clients."""

    ADMINISTRATOR = "administrator"
    """Runs the front desk: books, takes payment."""

    CALL_CENTER = "call_center"
    """Books by telephone; takes no payment."""

    ACCOUNTANT = "accountant"
    """Keeps the accounts."""

    MANAGER = "manager"
    """Manages the location."""

    OWNER = "owner"
    """Owns the subscription; the last one cannot be removed."""

    VIEWER = "viewer"
    """Sees, and changes nothing."""

    SYSTEM_MANAGER = "system_manager"
    """Looks after people, rights and the subscription, not after the business."""


ROLES = frozenset(role.value for role in Role)
SPECIALIST_SCOPES = ("timetable_staff_id", "clients_visit_staff_id")
"""Scopes in which a specialist names the one active member (rules.md, invite)."""

NOT_FOR_SPECIALIST = "dashboard_records_access"
LIMITED_TO_OWN_RIGHTS = "settings_users_limited_access"
"""The restriction under which a user grants no more than the own set."""


def title(role: str) -> str:
    """A role as people say it."""
    return role.replace("_", " ")
