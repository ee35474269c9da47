"""The rows of a team page: everybody of a location with seat, access, last sign-in and contact, found and filtered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID

from domain.catalogue import Catalogue
from domain.entries import Entry
from domain.facts import UserInvited
from domain.instants import read_instant
from domain.ledger import lines_of
from infrastructure.basis import Answer
from infrastructure.mapper import entry_of
from infrastructure.store import Store
from projections.seat_words import grouped, row_notes

LONG_AGO = timedelta(days=90)
"""Who has not signed in for so long stands out: an access that nobody uses is one too many."""

People: TypeAlias = Literal["team", "dismissed", "deleted", "ended", "all"]
Access: TypeAlias = Literal["any", "with", "without"]
_WITH = frozenset({"active", "invited"})
_ENDED: Mapping[str, str] = {
    "revoked": "access ended",
    "withdrawn": "invitation withdrawn",
    "expired": "invitation ran out",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One person, or thing, of a location."""

    id: str
    name: str
    member: str | None
    account: str | None
    position: str | None
    state: str
    role: str | None
    access: str
    billable: bool | None
    """None for who is not on the billing list, or where that is not the caller's to see."""

    reasons: Sequence[str]
    notes: Sequence[str]
    last_sign_in: str | None
    long_ago: str | None
    """The words for a sign-in that is too long ago."""

    two_step: Sequence[str]
    contact: str | None
    on_schedule: bool
    hours_until: str | None
    dismissal_due: str | None

    @property
    def has_access(self) -> bool:
        """Whether somebody can sign in here, or is invited to."""
        return self.access in _WITH

    @property
    def in_team(self) -> bool:
        """Whether this is a member who is there, or a user who has access."""
        return self.state == "active" or (self.state == "no_member" and self.has_access)

    @property
    def ended(self) -> str | None:
        """How the access ended, in words."""
        return _ENDED.get(self.access)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for."""

    people: People = "team"
    access: Access = "any"
    name: str = ""

    def matches(self, row: Row) -> bool:
        """Whether a row is asked for."""
        if self.access != "any" and row.has_access != (self.access == "with"):
            return False
        if self.name and self.name.casefold() not in f"{row.name} {row.id} {row.account or ''}".casefold():
            return False
        match self.people:
            case "team":
                return row.in_team
            case "ended":
                return row.state == "no_member" and not row.has_access
            case "all":
                return True
            case state:
                return row.state == state


def rows_of(roster: Answer, seats: Answer | None, contacts: Mapping[str, str], catalogue: Catalogue) -> list[Row]:
    """Everybody of a roster, with what the billing list says of them."""
    listed = {(seat["member"], seat["account"]): seat for seat in (seats["seats"] if seats is not None else ())}
    on = read_instant(roster["on"])
    return [
        _row(person, listed.get((person["member"], person["account"])), contacts, catalogue, on)
        for person in roster["people"]
    ]


def _row(person: Answer, seat: Answer | None, contacts: Mapping[str, str], catalogue: Catalogue, on: datetime) -> Row:
    active = person["access"] == "active"
    return Row(
        id=person["member"] or person["account"],
        name=person["name"],
        member=person["member"],
        account=person["account"],
        position=person["position"],
        state=person["state"],
        role=person["role"],
        access=person["access"],
        billable=seat["billable"] if seat is not None else None,
        reasons=[words for words, _ in grouped(seat["reasons"], catalogue)] if seat is not None else [],
        notes=row_notes([note for note in seat["notes"] if note["code"] in _TOLD], catalogue) if seat else [],
        last_sign_in=person["last_sign_in"],
        long_ago=long_ago(person["last_sign_in"], on) if active else None,
        two_step=person["two_step"],
        contact=contacts.get(person["account"]) if person["account"] is not None else None,
        on_schedule=person["on_schedule"],
        hours_until=person["hours_until"],
        dismissal_due=person["dismissal_due"],
    )


_TOLD = frozenset({"pending_invitation", "access_outlives_dismissal", "unlinked_twin", "unknown_right"})
"""Notes that ask for something to be done; the page of the person shows all."""


def long_ago(last: str | None, on: datetime) -> str | None:
    """In words how long somebody has not signed in, where that is too long."""
    if last is None:
        return "never"
    passed = on - read_instant(last)
    return f"{passed.days} days ago" if passed > LONG_AGO else None


def contacts_of(store: Store, access: Answer) -> dict[str, str]:
    """By account the contact to which the present access was sent, where it came with an invitation."""
    since = {user["access_since"]["fact"]: user["account"] for user in access["users"]}
    found: dict[str, str] = {}
    for row in store.find(map(UUID, since)):
        entry = entry_of(row)
        for fact in _facts(entry if isinstance(entry, Entry) else None):
            data = fact.data
            if fact.id in since and isinstance(data, UserInvited) and data.contact:
                found[since[fact.id]] = data.contact
    return found


def _facts(entry: Entry | None) -> Iterable[Any]:
    return [line.fact for line in lines_of(entry, 0)] if entry is not None else []
