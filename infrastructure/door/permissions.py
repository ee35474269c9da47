"""What a caller may see: keys and auditors by their scopes, people by the rights they hold there at that moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from domain.facts import FACT_TYPES
from domain.rights import sort_rights
from infrastructure.books import Books, NotFoundError
from infrastructure.door.caller import Caller


class Topic(Enum):
    """What can be asked about a location."""

    SEATS = "seats"
    ACCESS = "access"
    ROSTER = "roster"
    CHARGES = "charges"
    HISTORY = "history"
    LOG = "log"


NEEDS: Mapping[Topic, frozenset[str]] = {
    Topic.SEATS: frozenset({"billing_access", "settings_users_access"}),
    Topic.ACCESS: frozenset({"settings_users_access", "security_employee_changes_access"}),
    Topic.ROSTER: frozenset({"settings_users_access", "settings_staff_access"}),
    Topic.CHARGES: frozenset({"billing_access"}),
    Topic.HISTORY: frozenset({"security_employee_changes_access"}),
    Topic.LOG: frozenset(
        {
            "security_2fa_access",
            "security_data_changes_access",
            "security_employee_changes_access",
            "security_export_import_access",
            "security_logins_access",
        }
    ),
}
"""A person sees a topic with any one of these rights effective in the location."""

_SIGN_INS = frozenset({"SignedIn", "SignInRefused", "SignedOut"})
_SECOND_STEPS = frozenset({"TwoStepEnabled", "TwoStepDisabled"})
_TRANSFERS = frozenset({"DataExported", "DataImported"})
_RECORDS = frozenset({"RecordEdited", "RecordDeleted"})
_VIEWS = frozenset({"LogViewed"})
_CHANGES = frozenset(FACT_TYPES) - _SIGN_INS - _SECOND_STEPS - _TRANSFERS - _RECORDS - _VIEWS

TYPES_SEEN: Mapping[str, frozenset[str]] = {
    "security_logins_access": _SIGN_INS,
    "security_2fa_access": _SECOND_STEPS,
    "security_export_import_access": _TRANSFERS,
    "security_data_changes_access": _RECORDS,
    "security_employee_changes_access": _CHANGES | _VIEWS,
}
"""Which facts of a location's log each right opens."""


class ForbiddenError(Exception):
    """The caller is known and may not do that; the sentence says what it would take."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller sees of a location."""

    topics: frozenset[Topic]
    types: frozenset[str] | None = None
    """Types of facts on the log; None: all."""

    name: str = ""
    """What the location is called now."""

    zone: str = "UTC"
    """Its time zone, in which its people read times."""

    def check(self, topic: Topic) -> None:
        """ForbiddenError when the topic is not in sight."""
        if topic not in self.topics:
            needed = " or ".join(sorted(NEEDS[topic]))
            raise ForbiddenError(
                f"You have access here, but not to the {topic.value}: that needs {needed}. Ask an owner for it."
            )


def sight(caller: Caller, location: str, books: Books) -> Sight:
    """What a caller sees of a location now.

    NotFoundError when that is nothing at all: who may not know of a location is told what everybody is told of one
    that does not exist.
    """
    seating = books.seating(location)
    team = seating.team
    place = team.place
    name, zone, chain = (place.name, place.time_zone, place.chain) if place is not None else (location, "UTC", None)
    if "read" in caller.scopes and (
        caller.places.everywhere or location in caller.places.locations or chain in caller.places.chains
    ):
        return Sight(frozenset(Topic), None, name, zone)
    user = team.active_user(caller.account) if caller.account is not None else None
    if user is None or user.invitation is not None:
        raise NotFoundError(f"There is no location {location} in this ledger.")
    effective = sort_rights(user.rights, seating.cut.catalogue).effective
    topics = frozenset(topic for topic, rights in NEEDS.items() if not rights.isdisjoint(effective))
    opened = [types for right, types in TYPES_SEEN.items() if right in effective]
    return Sight(topics, frozenset().union(*opened), name, zone)


def sees_seats(caller: Caller, location: str, books: Books) -> bool:
    """Whether a location's counts are the caller's to see; one after the other for a chain, so without an error."""
    if "read" in caller.scopes and (caller.places.everywhere or location in caller.places.locations):
        return True
    try:
        return Topic.SEATS in sight(caller, location, books).topics
    except NotFoundError:
        return False
