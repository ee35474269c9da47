"""What was said about the names in one location, as registers: one a member, one an account, one for the place."""

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from domain import facts

PLACE = "@"
"""The key of the location itself."""


@dataclass(frozen=True, slots=True)
class MemberSaid:
    """A member's name and position. A position may be known where a name is not."""

    name: str | None = None
    position: str | None = None


@dataclass(frozen=True, slots=True)
class AccountSaid:
    """What came with an account's invitations and grants: a name, the role, the member it was last linked to."""

    given: str | None = None
    role: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceSaid:
    """The location's name."""

    name: str


Said: TypeAlias = MemberSaid | AccountSaid | PlaceSaid
Registers: TypeAlias = MutableMapping[str, Said]
"""Of one location, by key."""


def member_key(member: str) -> str:
    """The key of a member's register."""
    return f"m:{member}"


def account_key(account: str) -> str:
    """The key of an account's register."""
    return f"a:{account}"


def named_by(data: facts.Data) -> str | None:
    """The key of the register that a fact writes; None if it says nothing about a name."""
    match data:
        case facts.TeamMemberAdded():
            return member_key(data.member)
        case facts.TeamMemberEdited():
            return member_key(data.member) if data.after.keys() & {"name", "position"} else None
        case facts.UserInvited() | facts.AccessGranted() | facts.RoleChanged() | facts.UserLinked():
            return account_key(data.account)
        case facts.LocationOpened():
            return PLACE
        case _:
            return None


def hear(said: Registers, data: facts.Data) -> str | None:
    """Hear one more fact, which has the last word; the key of the register that it wrote, None if it wrote none."""
    key = named_by(data)
    if key is None:
        return None
    match data:
        case facts.TeamMemberAdded():
            said[key] = MemberSaid(data.name, data.position)
        case facts.TeamMemberEdited():
            said[key] = _edited(member_of(said, key), data.after)
        case facts.UserInvited() | facts.AccessGranted():
            said[key] = _given(account_of(said, key), data)
        case facts.RoleChanged():
            said[key] = replace(account_of(said, key), role=data.after)
        case facts.UserLinked():
            said[key] = replace(account_of(said, key), member=data.member)
        case facts.LocationOpened():
            said[key] = PlaceSaid(data.name)
        case _:
            pass
    return key


def member_of(said: Registers, key: str) -> MemberSaid:
    """A member's register, empty where nothing was said."""
    found = said.get(key)
    return found if isinstance(found, MemberSaid) else MemberSaid()


def account_of(said: Registers, key: str) -> AccountSaid:
    """An account's register, empty where nothing was said."""
    found = said.get(key)
    return found if isinstance(found, AccountSaid) else AccountSaid()


def _edited(before: MemberSaid, after: dict[str, object]) -> MemberSaid:
    name, position = after.get("name"), after.get("position", before.position)
    return MemberSaid(
        name if isinstance(name, str) else before.name,
        position if position is None or isinstance(position, str) else before.position,
    )


def _given(before: AccountSaid, data: facts.UserInvited | facts.AccessGranted) -> AccountSaid:
    member = data.member if isinstance(data, facts.UserInvited) else None
    return AccountSaid(
        data.name if data.name is not None else before.given,
        data.role,
        member if member is not None else before.member,
    )
