"""Decisions about the tie between user and member, and about the end of an access."""

from domain import facts
from domain.commands import DeleteUser, Link, Unlink
from domain.decisions.standing import Draft, Standing
from domain.refusals import Code, Refused
from domain.roles import Role
from domain.team import User


def link(standing: Standing, request: Link) -> list[Draft]:
    """One user, one active team member; refused when either is linked here."""
    standing.check_authority()
    user = standing.active_user(request.account)
    member = standing.active_member(request.member)
    other = standing.team.links.get(user.account)
    if other is not None:
        by = standing.linked_by(user.account, other)
        raise Refused(Code.LINKED, f"{user.account} is linked to {other}.", *by)
    account = standing.team.linked.get(member.id)
    if account is not None:
        by = standing.linked_by(account, member.id)
        raise Refused(Code.LINKED, f"{member.name} ({member.id}) is linked to {account}.", *by)
    return [standing.draft(facts.UserLinked(account=user.account, member=member.id))]


def unlink(standing: Standing, request: Unlink) -> list[Draft]:
    """The tie between these two ends."""
    standing.check_authority()
    if standing.team.links.get(request.account) != request.member:
        raise Refused(Code.NOT_LINKED, f"{request.account} and {request.member} are not linked in {standing.location}.")
    return [standing.draft(facts.UserUnlinked(account=request.account, member=request.member, cause="manual"))]


def delete_user(standing: Standing, request: DeleteUser) -> list[Draft]:
    """The access to this location ends; the account and other locations are untouched."""
    standing.check_authority()
    user = standing.active_user(request.account)
    if user.role == Role.OWNER.value:
        check_not_last_owner(standing, user)
    return [standing.draft(facts.AccessRevoked(account=user.account)), *ends_link(standing, user)]


def ends_link(standing: Standing, user: User) -> list[Draft]:
    """The end of an access ends its link; said so, as caused by it."""
    member = standing.team.links.get(user.account)
    if member is None:
        return []
    unlinked = facts.UserUnlinked(account=user.account, member=member, cause="revocation")
    return [standing.draft(unlinked, cause=0)]


def check_not_last_owner(standing: Standing, user: User) -> None:
    """Refused `last_owner` when no other owner has accepted (rules.md)."""
    others = [owner for owner in standing.team.owners() if owner.account != user.account and owner.invitation is None]
    if not others:
        raise Refused(Code.LAST_OWNER, f"{user.account} is the last owner of {standing.location}.", user.role_held.fact)
