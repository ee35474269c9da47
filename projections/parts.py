"""A team in parts: each member, each user, the place and the subscriptions are kept by themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from domain.subscription import Subscriptions
from domain.team import Member, Place, Team, User

PLACE = "@place"
SUBSCRIPTIONS = "@subscriptions"
_MEMBER, _USER = "m:", "a:"


@dataclass(frozen=True, slots=True)
class MemberPart:
    """A record of the team, and the account that it is linked to."""

    member: Member
    account: str | None


@dataclass(frozen=True, slots=True)
class UserPart:
    """A user, the member that is linked, and whether that member is on the schedule."""

    user: User
    member: str | None
    scheduled: bool


@dataclass(frozen=True, slots=True)
class PlacePart:
    """What is said about the location itself."""

    place: Place


@dataclass(frozen=True, slots=True)
class SubscriptionsPart:
    """All periods of the location."""

    subscriptions: Subscriptions


Part: TypeAlias = MemberPart | UserPart | PlacePart | SubscriptionsPart


def member_key(member: str) -> str:
    """What a member's part goes by within its location."""
    return f"{_MEMBER}{member}"


def user_key(account: str) -> str:
    """What a user's part goes by within its location."""
    return f"{_USER}{account}"


def part_of(team: Team, key: str) -> Part | None:
    """The part of that key; None when the team has none."""
    if key.startswith(_MEMBER):
        member = team.members.get(key[2:])
        return MemberPart(member, team.linked.get(member.id)) if member is not None else None
    if key.startswith(_USER):
        user = team.users.get(key[2:])
        return _user(team, user) if user is not None else None
    if key == PLACE:
        return PlacePart(team.place) if team.place is not None else None
    return SubscriptionsPart(team.subscriptions) if team.subscriptions.periods else None


def _user(team: Team, user: User) -> UserPart:
    member = team.links.get(user.account)
    return UserPart(user, member, member is not None and team.members[member].schedule is not None)


def team_of_parts(parts: Iterable[Part]) -> Team:
    """The team that the parts make up; their order means nothing."""
    members: dict[str, Member] = {}
    users: dict[str, User] = {}
    links: dict[str, str] = {}
    place: Place | None = None
    subscriptions = Subscriptions()
    for part in parts:
        match part:
            case MemberPart(member, account):
                members[member.id] = member
                if account is not None:
                    links[account] = member.id
            case UserPart(user):
                users[user.account] = user
            case PlacePart(found):
                place = found
            case SubscriptionsPart(found):
                subscriptions = found
    return Team(place, members, users, links, _turned(links), subscriptions)


def _turned(links: Mapping[str, str]) -> Mapping[str, str]:
    return {member: account for account, member in links.items()}
