"""What a decision stands on: one location as known and effective now, and as it will be at a date already known."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.authority import NEEDED, Authority
from domain.catalogue import Catalogue
from domain.commands import Command
from domain.erasures import Person
from domain.evolution import team_of
from domain.facts import Data, Fact, UserInvited, UserLinked
from domain.instants import read_time_zone
from domain.ledger import AsOf, Cut, Ledger, Line, left_out_of
from domain.refusals import Code, Refused
from domain.rights import sort_rights
from domain.team import Member, Team, User


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact as decided, before the desk gives it its envelope. `cause` is the index of the draft that caused it."""

    data: Data
    effective_at: datetime
    location: str | None
    cause: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Standing:
    """One location's ledger (or that of the terms) and the moment of the decision, by the ledger's own clock."""

    location: str | None
    ledger: Ledger
    at: datetime
    command: Command
    authority: Authority
    source: "Standing | None" = None
    """For copying rights: the location they are copied from."""

    target: Fact | None = None
    """For a correction: the fact it names, wherever in the location it is."""

    person: Person | None = None
    """For an erasure: whom the ledger knows to be one person, and what is held."""

    @cached_property
    def cut(self) -> Cut:
        """The ledger at (now, now)."""
        return self.ledger.as_of(AsOf(self.at, self.at))

    @cached_property
    def team(self) -> Team:
        """The location now."""
        return self.team_at(self.at)

    def team_at(self, instant: datetime) -> Team:
        """The location at a later instant, as far as it is known now."""
        cut = self.cut if instant == self.at else self.ledger.as_of(AsOf(instant, self.at))
        return team_of(line.fact for line in cut.lines)

    @cached_property
    def waiting(self) -> tuple[Line, ...]:
        """Facts that are known and take effect later."""
        known = [line for line in self.ledger.lines if line.known_at <= self.at]
        left_out = left_out_of(known)
        return tuple(line for line in known if line.fact.effective_at > self.at and line.fact.id not in left_out)

    @property
    def catalogue(self) -> Catalogue:
        """The rights catalogue in force now."""
        return self.cut.catalogue

    @property
    def zone(self) -> ZoneInfo:
        """The location's time zone."""
        assert self.team.place is not None
        return read_time_zone(self.team.place.time_zone)

    def draft(self, data: Data, *, at: datetime | None = None, cause: int | None = None) -> Draft:
        """A fact of this location, effective now unless said otherwise."""
        return Draft(data, at if at is not None else self.at, self.location, cause)

    def check_authority(self, needed: str | None = None) -> None:
        """Refused `forbidden` unless the actor may give this command here."""
        actor, name = self.command.actor, self.command.command
        if actor.kind != "person":
            if not self.authority.allows(name):
                raise Refused(Code.FORBIDDEN, f"The key {actor.id} does not have the scope {name}.")
            return
        right = needed if needed is not None else NEEDED[name]
        if right is None:
            raise Refused(Code.FORBIDDEN, f"Only a key with the scope {name} may do this, not a person.")
        user = self.team.active_user(actor.id)
        held = sort_rights(user.rights, self.catalogue).effective if user is not None else {}
        if right and right not in held:
            known = self.catalogue.rights.get(right)
            wanted = f"{known.name} ({right})" if known is not None else right
            if user is None:
                raise Refused(Code.FORBIDDEN, f"{actor.id} has no access to {self.location}.")
            raise Refused(Code.FORBIDDEN, f"{actor.id} does not have the right: {wanted}.", user.set_by)

    def linked_by(self, account: str, member: str) -> tuple[str, ...]:
        """The fact that tied a user to a member; nothing when none did."""
        for line in reversed(self.cut.lines):
            data = line.fact.data
            if isinstance(data, UserLinked | UserInvited) and (data.account, data.member) == (account, member):
                return (line.fact.id,)
        return ()

    def known_member(self, member: str) -> Member:
        """The member's record, gone or not; refused `not_found` when there never was one."""
        found = self.team.members.get(member)
        if found is None:
            raise Refused(Code.NOT_FOUND, f"There is no team member {member} in {self.location}.")
        return found

    def active_member(self, member: str) -> Member:
        """The member, active; refused `not_active` when dismissed or deleted."""
        found = self.known_member(member)
        if found.gone is not None:
            how, held = found.gone
            raise Refused(Code.NOT_ACTIVE, f"{found.name} ({member}) is {how.value}.", held.fact)
        return found

    def active_user(self, account: str) -> User:
        """The user with access; refused `no_access` otherwise."""
        found = self.team.active_user(account)
        if found is None:
            ended = self.team.users[account].ended if account in self.team.users else None
            raise Refused(
                Code.NO_ACCESS, f"{account} has no access to {self.location}.", *([ended[1].fact] if ended else [])
            )
        return found
