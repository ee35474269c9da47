"""evolve(team, fact) -> team: what each fact changes. Total: what rests on nothing changes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import TypeAlias

from domain import facts
from domain.facts import Fact
from domain.subscription import Period
from domain.team import Ended, Gone, Held, Member, Place, Team, User, with_item, without

_Setting: TypeAlias = facts.UserInvited | facts.AccessGranted


def team_of(lines: Iterable[Fact], start: Team | None = None) -> Team:
    """The fold of facts that are already cut and in order."""
    return reduce(evolve, lines, start if start is not None else Team())


def evolve(team: Team, fact: Fact) -> Team:  # noqa: C901, PLR0912 - one arm a type of fact
    """The team after one more fact."""
    data = fact.data
    match data:
        case facts.RightsEdited():
            return _rights_edited(team, fact, data)
        case facts.TeamMemberAdded():
            return _forget_outliving(_added(team, fact, data), data.member)
        case facts.TeamMemberEdited():
            return _edited(team, data)
        case facts.AddedToSchedule():
            return _scheduled(team, data.member, _held(fact))
        case facts.RemovedFromSchedule():
            return _scheduled(team, data.member, None)
        case facts.WorkingHoursPlanned():
            member = team.present_member(data.member)
            return team.with_member(member.with_hours(data.until)) if member else team
        case facts.TeamMemberDismissed():
            return _gone(team, data.member, Gone.DISMISSED, fact)
        case facts.TeamMemberDeleted():
            return _gone(team, data.member, Gone.DELETED, fact)
        case facts.TeamMemberRestored():
            return _restored(team, data.member, fact)
        case facts.UserInvited():
            return _invited(team, fact, data)
        case facts.AccessGranted():
            return _access_set(team, fact, data, invitation=None)
        case facts.InvitationAccepted():
            user = team.active_user(data.account)
            return team.with_user(replace(user, invitation=None)) if user and user.invitation else team
        case facts.InvitationWithdrawn():
            return _access_ended(team, data.account, Ended.WITHDRAWN, fact)
        case facts.InvitationExpired():
            return _access_ended(team, data.account, Ended.EXPIRED, fact)
        case facts.AccessRevoked():
            return _access_ended(team, data.account, Ended.REVOKED, fact)
        case facts.RoleChanged():
            return _role_changed(team, fact, data)
        case facts.UserLinked():
            return _linked(team, data.account, data.member, fact)
        case facts.UserUnlinked():
            return _unlinked_said(team, fact, data)
        case facts.LocationOpened():
            return replace(team, place=Place(data.name, data.time_zone, data.chain, _held(fact)))
        case facts.LocationJoinedChain():
            return replace(team, place=replace(team.place, chain=data.chain)) if team.place else team
        case facts.LocationLeftChain():
            left = team.place is not None and team.place.chain == data.chain
            return replace(team, place=replace(team.place, chain=None)) if team.place and left else team
        case facts.SubscriptionPurchased() | facts.SubscriptionRenewed():
            return team.with_period(
                Period(
                    fact.id,
                    data.subscription,
                    data.terms,
                    data.seats,
                    data.starts_at,
                    data.ends_at,
                    data.auto_renews,
                )
            )
        case facts.SeatsAdded():
            grown = team.subscriptions.with_seats_added(data.subscription, data.seats, fact.id, fact.effective_at)
            return replace(team, subscriptions=grown) if grown is not team.subscriptions else team
        case _:
            # Terms, catalogues, charges, observations and the corrections themselves say nothing about the team.
            return team


def _held(fact: Fact) -> Held:
    return Held(fact.id, fact.effective_at)


def _added(team: Team, fact: Fact, data: facts.TeamMemberAdded) -> Team:
    known = team.present_member(data.member)
    if known is not None:
        if (known.name, known.position) == (data.name, data.position):
            return team
        return team.with_member(replace(known, name=data.name, position=data.position))
    return team.with_member(Member(data.member, data.name, data.position, present=_held(fact), added=fact.id))


def _edited(team: Team, data: facts.TeamMemberEdited) -> Team:
    member = team.present_member(data.member)
    if member is None:
        return team
    name, position = data.after.get("name", member.name), data.after.get("position", member.position)
    if not isinstance(name, str):
        name = member.name
    if position is not None and not isinstance(position, str):
        position = member.position
    if (name, position) == (member.name, member.position):
        return team
    return team.with_member(replace(member, name=name, position=position))


def _scheduled(team: Team, member_id: str, schedule: Held | None) -> Team:
    member = team.present_member(member_id)
    if member is None or (member.schedule is None) == (schedule is None):
        return team
    return team.with_member(member.with_schedule(schedule))


def _gone(team: Team, member_id: str, how: Gone, fact: Fact) -> Team:
    member = team.members.get(member_id)
    if member is None:
        return team
    team = _link_ended(team, team.linked.get(member_id), fact, outlives=member_id)
    return team.with_member(
        replace(team.members[member_id], gone=(how, _held(fact)), schedule=None, hours_until=None, hours_planned=False)
    )


def _restored(team: Team, member_id: str, fact: Fact) -> Team:
    member = team.members.get(member_id)
    if member is None or member.gone is None:
        return team
    back = replace(member, present=_held(fact), gone=None)
    return _forget_outliving(team.with_member(back), member_id)


def _forget_outliving(team: Team, member_id: str) -> Team:
    for user in team.users.values():
        if user.outlives == member_id:
            team = team.with_user(replace(user, outlives=None))
    return team


def _invited(team: Team, fact: Fact, data: facts.UserInvited) -> Team:
    team = _access_set(team, fact, data, invitation=_held(fact))
    team = team.with_user(replace(team.users[data.account], expires_at=data.expires_at))
    return _linked(team, data.account, data.member, fact) if data.member is not None else team


def _access_set(team: Team, fact: Fact, data: _Setting, *, invitation: Held | None) -> Team:
    known = team.active_user(data.account)
    if known is None:
        held = _held(fact)
        rights = dict.fromkeys(data.rights, held)
        return team.with_user(
            User(
                data.account,
                data.name,
                data.role,
                role_held=held,
                rights=rights,
                scopes=data.scopes,
                set_by=fact.id,
                access=held,
                invitation=invitation,
            )
        )
    changed = _with_role_and_rights(known, fact, data.role, _all_set(known, data.rights, fact))
    name = data.name if data.name is not None else known.name
    return team.with_user(replace(changed, name=name, scopes=data.scopes, invitation=invitation))


def _role_changed(team: Team, fact: Fact, data: facts.RoleChanged) -> Team:
    user = team.active_user(data.account)
    if user is None:
        return team
    changed = _with_role_and_rights(user, fact, data.after, _all_set(user, data.rights_after, fact))
    return team.with_user(replace(changed, scopes=data.scopes_after))


def _rights_edited(team: Team, fact: Fact, data: facts.RightsEdited) -> Team:
    user = team.active_user(data.account)
    if user is None:
        return team
    gained = [slug for slug in data.granted if slug not in user.rights and slug not in data.revoked]
    if not gained and not any(slug in user.rights for slug in data.revoked):
        return team.with_user(user.with_rights(user.rights, data.scopes_after, user.set_by))
    rights = {**user.rights, **dict.fromkeys(gained, _held(fact))}
    for slug in data.revoked:
        rights.pop(slug, None)
    return team.with_user(user.with_rights(rights, data.scopes_after, fact.id))


def _all_set(user: User, slugs: Iterable[str], fact: Fact) -> dict[str, Held]:
    held = _held(fact)
    return {slug: user.rights.get(slug) or held for slug in slugs}


def _with_role_and_rights(user: User, fact: Fact, role: str, rights: Mapping[str, Held]) -> User:
    if role == user.role and rights.keys() == user.rights.keys():
        return user
    role_held = user.role_held if role == user.role else _held(fact)
    return replace(user, role=role, role_held=role_held, rights=rights, set_by=fact.id)


def _access_ended(team: Team, account: str, how: Ended, fact: Fact) -> Team:
    user = team.active_user(account)
    if user is None:
        return team
    team = _link_ended(team, account, fact, outlives=None)
    ended = replace(team.users[account], ended=(how, _held(fact)), invitation=None, outlives=None)
    return team.with_user(ended)


def _linked(team: Team, account: str, member_id: str, fact: Fact) -> Team:
    user, member = team.active_user(account), team.present_member(member_id)
    if user is None or member is None or team.links.get(account) == member_id:
        return team
    team = _link_ended(team, account, fact, outlives=None)
    team = _link_ended(team, team.linked.get(member_id), fact, outlives=None)
    team = team.with_links(with_item(team.links, account, member_id), with_item(team.linked, member_id, account))
    return team.with_member(replace(member, access_ended=None)).with_user(replace(team.users[account], outlives=None))


def _unlinked_said(team: Team, fact: Fact, data: facts.UserUnlinked) -> Team:
    if team.links.get(data.account) != data.member:
        return team
    outlives = data.member if data.cause in {"dismissal", "deletion"} else None
    return _link_ended(team, data.account, fact, outlives=outlives)


def _link_ended(team: Team, account: str | None, fact: Fact, *, outlives: str | None) -> Team:
    """End the link of an account, if it has one; the member's record remembers what ended its access."""
    if account is None or account not in team.links:
        return team
    member_id = team.links[account]
    team = team.with_links(without(team.links, account), without(team.linked, member_id))
    team = team.with_member(replace(team.members[member_id], access_ended=fact.id))
    return team.with_user(replace(team.users[account], outlives=outlives))
