"""Decisions that begin an access, and what becomes of an invitation."""

from collections.abc import Mapping

from domain import facts
from domain.commands import AcceptInvitation, ExpireInvitation, GrantAccess, Invite, OfAccount, WithdrawInvitation
from domain.decisions.grants import check_own_rights, check_role, given_or_default
from domain.decisions.links import ends_link
from domain.decisions.scopes import check_scopes, default_scopes
from domain.decisions.standing import Draft, Standing
from domain.facts.form import ScopeValue
from domain.refusals import Code, Refused
from domain.team import Ended, User


def invite(standing: Standing, request: Invite) -> list[Draft]:
    """A pending access whose rights count from here; a named member is linked by the invitation itself."""
    rights, scopes = _new_access(standing, request)
    if request.expires_at is not None and request.expires_at <= standing.at:
        raise Refused(Code.INVALID, "An invitation expires later than now.")
    invited = facts.UserInvited(
        account=request.account,
        name=request.name,
        contact=request.contact,
        role=request.role,
        rights=rights,
        scopes=dict(scopes),
        member=request.member,
        expires_at=request.expires_at,
    )
    return [standing.draft(invited)]


def grant_access(standing: Standing, request: GrantAccess) -> list[Draft]:
    """An access that is active at once, linked where a member is named."""
    rights, scopes = _new_access(standing, request)
    granted = facts.AccessGranted(
        account=request.account, name=request.name, role=request.role, rights=rights, scopes=dict(scopes)
    )
    drafts = [standing.draft(granted)]
    if request.member is not None:
        drafts.append(standing.draft(facts.UserLinked(account=request.account, member=request.member)))
    return drafts


def _new_access(standing: Standing, request: Invite | GrantAccess) -> tuple[tuple[str, ...], Mapping[str, ScopeValue]]:
    """The rights and scopes of an access that is to begin; refused when it cannot."""
    standing.check_authority()
    known = standing.team.active_user(request.account)
    if known is not None:
        raise Refused(Code.EXISTS, f"{request.account} is a user of {standing.location} already.", known.access.fact)
    if request.member is not None:
        member = standing.active_member(request.member)
        account = standing.team.linked.get(member.id)
        if account is not None:
            by = standing.linked_by(account, member.id)
            raise Refused(Code.LINKED, f"{member.name} ({member.id}) is linked to {account}.", *by)
    rights = given_or_default(standing, request.role, request.rights)
    scopes = request.scopes if request.scopes is not None else default_scopes(standing.catalogue, request.role)
    check_role(standing, request.role, rights, scopes)
    check_own_rights(standing, rights)
    return rights, check_scopes(standing.catalogue, scopes)


def _pending(standing: Standing, request: OfAccount) -> User:
    user = standing.team.active_user(request.account)
    if user is None or user.invitation is None:
        gone = standing.team.users.get(request.account)
        expired = gone is not None and gone.ended is not None and gone.ended[0] is Ended.EXPIRED
        if expired and isinstance(request, AcceptInvitation) and gone is not None and gone.ended is not None:
            raise Refused(Code.EXPIRED, f"The invitation of {request.account} has run out.", gone.ended[1].fact)
        raise Refused(Code.NOT_PENDING, f"{request.account} has no pending invitation to {standing.location}.")
    return user


def accept_invitation(standing: Standing, request: AcceptInvitation) -> list[Draft]:
    """The invited person takes it up, in time."""
    actor = standing.command.actor
    standing.check_authority()
    if actor.kind == "person" and actor.id != request.account:
        raise Refused(Code.FORBIDDEN, f"Only {request.account} can accept this invitation.")
    user = _pending(standing, request)
    assert user.invitation is not None
    if user.expires_at is not None and standing.at >= user.expires_at:
        raise Refused(Code.EXPIRED, f"The invitation of {request.account} is past its time.", user.invitation.fact)
    return [standing.draft(facts.InvitationAccepted(account=request.account))]


def withdraw_invitation(standing: Standing, request: WithdrawInvitation) -> list[Draft]:
    """An invitation is taken back."""
    standing.check_authority()
    user = _pending(standing, request)
    return [standing.draft(facts.InvitationWithdrawn(account=user.account)), *ends_link(standing, user)]


def expire_invitation(standing: Standing, request: ExpireInvitation) -> list[Draft]:
    """An invitation runs out."""
    standing.check_authority()
    user = _pending(standing, request)
    return [standing.draft(facts.InvitationExpired(account=user.account)), *ends_link(standing, user)]
