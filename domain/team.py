"""The state of one location: registers, each the last thing said about it (memory; decisions/ judges)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import TypeVar

from domain.subscription import Period, Subscriptions

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Held:
    """Something held without a break: from which fact on, and from which instant (effective axis)."""

    fact: str
    since: datetime


class Gone(Enum):
    """Why a team member is not part of the team any more."""

    DISMISSED = "dismissed"
    DELETED = "deleted"


class Ended(Enum):
    """How an access ended."""

    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Member:
    """A record of the team."""

    id: str
    name: str
    position: str | None
    present: Held
    """What added or restored the record."""

    added: str
    """The fact that added the record; a restore brings it back and adds nothing."""

    gone: tuple[Gone, Held] | None = None
    schedule: Held | None = None
    hours_until: date | None = None
    """The last day with planned hours; None when none are planned or they have no end."""

    hours_planned: bool = False
    """Whether hours are planned at all."""

    access_ended: str | None = None
    """The fact that ended the access of the person behind this record, while nothing gave it again."""

    def with_schedule(self, schedule: Held | None) -> "Member":
        """The member on the schedule, or off it."""
        return self._with(schedule, self.hours_until, planned=self.hours_planned)

    def with_hours(self, until: date | None) -> "Member":
        """The member with hours planned up to that day, or without an end."""
        return self._with(self.schedule, until, planned=True)

    def _with(self, schedule: Held | None, until: date | None, *, planned: bool) -> "Member":
        # Written out: `replace` asks for every field by its name, and this is what most facts of a team change.
        return Member(
            self.id,
            self.name,
            self.position,
            self.present,
            self.added,
            self.gone,
            schedule,
            until,
            planned,
            self.access_ended,
        )


@dataclass(frozen=True, slots=True)
class User:
    """An account with access to the location, or one whose access ended."""

    account: str
    name: str | None
    role: str
    role_held: Held
    rights: Mapping[str, Held]
    scopes: Mapping[str, object]
    set_by: str
    """The last fact that set role or rights."""

    access: Held
    """What began the present (or last) access."""

    invitation: Held | None = None
    """The invitation, while it is pending."""

    expires_at: datetime | None = None
    """Until when the pending invitation can be taken up."""

    ended: tuple[Ended, Held] | None = None
    outlives: str | None = None
    """The member whose dismissal or deletion ended the last link."""

    @property
    def active(self) -> bool:
        """Whether the account has access."""
        return self.ended is None

    def with_rights(self, rights: Mapping[str, Held], scopes: Mapping[str, object], set_by: str) -> "User":
        """The user with these rights and scopes. Written out, as the changes of a member are."""
        return User(
            self.account,
            self.name,
            self.role,
            self.role_held,
            rights,
            scopes,
            set_by,
            self.access,
            self.invitation,
            self.expires_at,
            self.ended,
            self.outlives,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """What is said about the location itself."""

    name: str
    time_zone: str
    chain: str | None
    opened: Held


@dataclass(frozen=True, slots=True)
class Team:
    """One location at a moment. Members and users who are gone stay in it, marked so."""

    place: Place | None = None
    members: Mapping[str, Member] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    """Account to member."""

    linked: Mapping[str, str] = field(default_factory=dict)
    """Member to account: the same links seen from the other side."""

    subscriptions: Subscriptions = field(default_factory=Subscriptions)

    def present_member(self, member: str) -> Member | None:
        """The member, if the record is part of the team now."""
        found = self.members.get(member)
        return found if found is not None and found.gone is None else None

    def active_user(self, account: str) -> User | None:
        """The user, if the account has access now."""
        found = self.users.get(account)
        return found if found is not None and found.active else None

    def owners(self) -> tuple[User, ...]:
        """Everybody who has the role of an owner, pending invitations included."""
        return tuple(user for user in self.users.values() if user.active and user.role == "owner")

    def with_member(self, member: Member) -> "Team":
        """The team with this member's record as given."""
        members = with_item(self.members, member.id, member)
        return Team(self.place, members, self.users, self.links, self.linked, self.subscriptions)

    def with_user(self, user: User) -> "Team":
        """The team with this user as given."""
        users = with_item(self.users, user.account, user)
        return Team(self.place, self.members, users, self.links, self.linked, self.subscriptions)

    def with_links(self, links: Mapping[str, str], linked: Mapping[str, str]) -> "Team":
        """The team with these links, seen from both sides."""
        return Team(self.place, self.members, self.users, links, linked, self.subscriptions)

    def with_period(self, period: Period) -> "Team":
        """The team with another subscription period."""
        return replace(self, subscriptions=self.subscriptions.with_period(period))


def with_item(items: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """A mapping with one item set."""
    return {**items, key: value}


def without(items: Mapping[K, V], key: K) -> Mapping[K, V]:
    """A mapping without one key."""
    return {k: v for k, v in items.items() if k != key}
