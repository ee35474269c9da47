"""Who sits where: the rows of a location's billing list, each judged by the terms of its period."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from domain.evolution import team_of
from domain.facts import TermsPublished
from domain.facts.billing import TermsName
from domain.ledger import Cut
from domain.readings import FreeOwner, Readings
from domain.rights import Sorted, sort_rights
from domain.subscription import Period
from domain.team import Member, Team, User
from domain.terms import GENERATIONS, Person, Verdict

_NO_RIGHTS = Sorted({}, (), ())
FIRST_TERMS: TermsName = "service_providers"


@dataclass(frozen=True, slots=True)
class Seat:
    """One row of the billing list and its verdict."""

    member: Member | None
    user: User | None
    rights: Sorted
    verdict: Verdict

    @property
    def id(self) -> str:
        """What the row goes by: the member's id, else the account's."""
        if self.member is not None:
            return self.member.id
        assert self.user is not None
        return self.user.account

    @property
    def name(self) -> str:
        """The member's name, else the name given with the access, else the account's id."""
        if self.member is not None:
            return self.member.name
        assert self.user is not None
        return self.user.name if self.user.name is not None else self.user.account

    @property
    def order(self) -> tuple[bool, str, str]:
        """Billable first, then by name, then by id (answers.md)."""
        return (not self.verdict.billable, self.name, self.id)


@dataclass(frozen=True)
class Seating:
    """The billing list of a location at a cut.

    With a `kept` team, which is what the location's facts fold to at that cut, the cut need not hold them: the facts
    that hold for every location are enough.
    """

    cut: Cut
    kept: Team | None = None

    @cached_property
    def team(self) -> Team:
        """The location's registers at the cut."""
        return self.kept if self.kept is not None else team_of(line.fact for line in self.cut.lines)

    @cached_property
    def period(self) -> Period | None:
        """The subscription period that counts; None before any."""
        return self.team.subscriptions.at(self.cut.at.on)

    @cached_property
    def terms(self) -> TermsName:
        """The period's terms, lapsed or not; before any period the newest published."""
        return self.period.terms if self.period is not None else newest_terms(self.cut)

    @cached_property
    def seats(self) -> tuple[Seat, ...]:
        """Every row, in the contract's order."""
        return seats_of(self.team, self.cut, self.terms)


def newest_terms(cut: Cut) -> TermsName:
    """The generation published last at the cut; the first one when none was."""
    newest: TermsName = FIRST_TERMS
    for line in cut.lines:
        if isinstance(line.fact.data, TermsPublished):
            newest = line.fact.data.terms
    return newest


def seats_of(team: Team, cut: Cut, terms: TermsName) -> tuple[Seat, ...]:
    """The rows of a team under one generation of terms."""
    free_owner = _free_owner(team, cut.readings) if terms == "client_interaction" else None
    rows: list[Person] = []
    sorted_rights: Mapping[str, Sorted] = {
        account: sort_rights(user.rights, cut.catalogue) for account, user in team.users.items() if user.active
    }
    for member in team.members.values():
        if member.gone is None:
            account = team.linked.get(member.id)
            user = team.users[account] if account is not None else None
            rights = sorted_rights[account] if account is not None else _NO_RIGHTS
            rows.append(Person(member, user, rights, cut.classes, cut.readings))
    rows.extend(
        Person(None, user, sorted_rights[user.account], cut.classes, cut.readings)
        for user in team.users.values()
        if user.active and user.account not in team.links
    )
    judge = GENERATIONS[terms]
    found = []
    for row in rows:
        free = row.user is not None and row.user.account == free_owner
        verdict = judge(replace(row, free_owner=True) if free else row)
        found.append(Seat(row.member, row.user, row.rights, verdict))
    return tuple(sorted(found, key=lambda seat: seat.order))


def _free_owner(team: Team, readings: Readings) -> str | None:
    """The account of the owner off the schedule who is free; ties by account id (answers.md)."""
    off_schedule = [user for user in team.owners() if not _on_schedule(team, user)]
    if readings.free_owner is FreeOwner.LATEST and off_schedule:
        newest = max(user.role_held.since for user in off_schedule)
        off_schedule = [user for user in off_schedule if user.role_held.since == newest]
    return min(off_schedule, key=lambda user: (user.role_held.since, user.account)).account if off_schedule else None


def _on_schedule(team: Team, user: User) -> bool:
    member = team.present_member(team.links.get(user.account, ""))
    return member is not None and member.schedule is not None
