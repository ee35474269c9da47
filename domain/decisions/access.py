"""Decisions about access: invitations, grants, roles, rights, links."""

from collections.abc import Iterable, Mapping

from domain import facts
from domain.authority import own_rights
from domain.commands import (
    AcceptInvitation,
    ChangeRole,
    CopyRights,
    DeleteUser,
    EditRights,
    ExpireInvitation,
    GrantAccess,
    Invite,
    Link,
    OfAccount,
    Unlink,
    WithdrawInvitation,
)
from domain.decisions.scopes import check_scopes, default_scopes
from domain.decisions.standing import Draft, Standing
from domain.facts.access import Source
from domain.refusals import Code, Refused
from domain.roles import NOT_FOR_SPECIALIST, ROLES, SPECIALIST_SCOPES, Role
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


def _new_access(
    standing: Standing, request: Invite | GrantAccess
) -> tuple[tuple[str, ...], Mapping[str, str | int | list[int | str]]]:
    standing.check_authority()
    known = standing.team.active_user(request.account)
    if known is not None:
        raise Refused(Code.EXISTS, f"{request.account} is a user of {standing.location} already.", known.access.fact)
    if request.member is not None:
        member = standing.active_member(request.member)
        account = standing.team.linked.get(member.id)
        if account is not None:
            raise Refused(Code.LINKED, f"{member.name} ({member.id}) is linked to {account}.")
    rights = _given_or_default(standing, request.role, request.rights)
    scopes = request.scopes if request.scopes is not None else default_scopes(standing.catalogue, request.role)
    check_scopes(standing.catalogue, scopes)
    _check_role(standing, request.role, rights, scopes)
    _check_own_rights(standing, rights)
    return rights, scopes


def _given_or_default(standing: Standing, role: str, rights: tuple[str, ...] | None) -> tuple[str, ...]:
    if role not in ROLES:
        raise Refused(Code.UNKNOWN_ROLE, f"{role!r} is not a role: the roles are {', '.join(sorted(ROLES))}.")
    if rights is None:
        return standing.catalogue.defaults_of(role)
    _check_known(standing, rights)
    return tuple(dict.fromkeys(rights))


def _check_known(standing: Standing, slugs: Iterable[str]) -> None:
    unknown = sorted(set(slugs) - standing.catalogue.rights.keys())
    if unknown:
        version = standing.catalogue.version
        raise Refused(
            Code.UNKNOWN_RIGHT,
            f"The rights catalogue in force (version {version}) does not have: {_some(unknown)}.",
            rights=unknown,
        )


def _check_role(standing: Standing, role: str, rights: Iterable[str], scopes: Mapping[str, object]) -> None:
    """What a role asks of rights and scopes; only the specialist's does (rules.md, invite)."""
    if role != Role.SPECIALIST.value:
        return
    if NOT_FOR_SPECIALIST in rights:
        name = standing.catalogue.rights[NOT_FOR_SPECIALIST].name
        raise Refused(Code.NOT_FOR_ROLE, f"A specialist cannot have the right: {name} ({NOT_FOR_SPECIALIST}).")
    named = {scopes.get(slug) for slug in SPECIALIST_SCOPES if not isinstance(scopes.get(slug), list)}
    only = next(iter(named)) if len(named) == 1 else None
    if not isinstance(only, str) or standing.team.present_member(only) is None:
        raise Refused(
            Code.SCOPE_REQUIRED,
            f"A specialist needs one active team member, the same in the scopes {' and '.join(SPECIALIST_SCOPES)}.",
            scopes=list(SPECIALIST_SCOPES),
        )


def _check_own_rights(standing: Standing, granted: Iterable[str]) -> None:
    """A user who may grant only rights from the own set grants no other (the restriction of the catalogue)."""
    if standing.command.actor.kind != "person":
        return
    own = own_rights(standing.team, standing.command.actor.id)
    beyond = sorted(set(granted) - own) if own is not None else []
    if beyond:
        raise Refused(
            Code.BEYOND_OWN_RIGHTS,
            f"{standing.command.actor.id} may grant only rights from the own set, which lacks: {_some(beyond)}.",
            rights=beyond,
        )


def _some(slugs: list[str]) -> str:
    """The first few in a sentence; the refusal's details name them all."""
    more = f" and {len(slugs) - 3} more" if len(slugs) > 3 else ""
    return ", ".join(slugs[:3]) + more


def _pending(standing: Standing, request: OfAccount) -> User:
    user = standing.team.active_user(request.account)
    if user is None or user.invitation is None:
        gone = standing.team.users.get(request.account)
        if gone is not None and gone.ended is not None and gone.ended[0] is Ended.EXPIRED:
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
    return [standing.draft(facts.InvitationWithdrawn(account=user.account)), *_unlinked(standing, user)]


def expire_invitation(standing: Standing, request: ExpireInvitation) -> list[Draft]:
    """An invitation runs out."""
    standing.check_authority()
    user = _pending(standing, request)
    return [standing.draft(facts.InvitationExpired(account=user.account)), *_unlinked(standing, user)]


def _unlinked(standing: Standing, user: User) -> list[Draft]:
    """The end of an access ends its link; said so, as caused by it."""
    member = standing.team.links.get(user.account)
    if member is None:
        return []
    unlinked = facts.UserUnlinked(account=user.account, member=member, cause="revocation")
    return [standing.draft(unlinked, cause=0)]


def change_role(standing: Standing, request: ChangeRole) -> list[Draft]:
    """Another role, with its default rights or those given; the last owner stays one."""
    standing.check_authority()
    user = standing.active_user(request.account)
    if request.role not in ROLES:
        _given_or_default(standing, request.role, None)
    same_role = user.role == request.role and request.rights is None and request.scopes is None
    rights = tuple(user.rights) if same_role else _given_or_default(standing, request.role, request.rights)
    scopes = request.scopes if request.scopes is not None else default_scopes(standing.catalogue, request.role)
    if user.role == request.role and request.scopes is None:
        scopes = scopes_of(user)
    if user.role == request.role and set(rights) == user.rights.keys() and scopes == user.scopes:
        raise Refused(Code.NO_CHANGE, f"{user.account} is {user.role} with these rights already.", user.set_by)
    if user.role == Role.OWNER.value and request.role != Role.OWNER.value:
        _check_not_last_owner(standing, user)
    check_scopes(standing.catalogue, scopes)
    _check_role(standing, request.role, rights, scopes)
    _check_own_rights(standing, set(rights) - user.rights.keys())
    changed = facts.RoleChanged(
        account=user.account,
        before=user.role,
        after=request.role,
        rights_before=tuple(user.rights),
        rights_after=rights,
        scopes_before=scopes_of(user),
        scopes_after=dict(scopes),
    )
    return [standing.draft(changed)]


def scopes_of(user: User) -> dict[str, str | int | list[int | str]]:
    """A user's scopes as facts write them."""
    return dict(user.scopes)  # type: ignore[arg-type] # they came out of a fact that was checked


def _check_not_last_owner(standing: Standing, user: User) -> None:
    others = [owner for owner in standing.team.owners() if owner.account != user.account and owner.invitation is None]
    if not others:
        raise Refused(Code.LAST_OWNER, f"{user.account} is the last owner of {standing.location}.", user.role_held.fact)


def edit_rights(standing: Standing, request: EditRights) -> list[Draft]:
    """Single rights ticked and cleared; what changes nothing is left out, nothing left is refused."""
    standing.check_authority()
    user = standing.active_user(request.account)
    _check_known(standing, request.granted)
    _check_known(standing, set(request.revoked) - user.rights.keys())
    both = sorted(set(request.granted) & set(request.revoked))
    if both:
        raise Refused(Code.INVALID, f"A right is either granted or revoked, not both: {', '.join(both)}.", rights=both)
    scopes = request.scopes if request.scopes is not None else scopes_of(user)
    check_scopes(standing.catalogue, scopes)
    return [standing.draft(_edit(standing, user, request.granted, request.revoked, scopes))]


def _edit(
    standing: Standing,
    user: User,
    granted: Iterable[str],
    revoked: Iterable[str],
    scopes: Mapping[str, str | int | list[int | str]],
) -> facts.RightsEdited:
    newly = tuple(slug for slug in dict.fromkeys(granted) if slug not in user.rights)
    cleared = tuple(slug for slug in dict.fromkeys(revoked) if slug in user.rights)
    if not newly and not cleared and scopes == user.scopes:
        raise Refused(Code.NO_CHANGE, f"{user.account} has exactly these rights already.", user.set_by)
    held = (user.rights.keys() | set(newly)) - set(cleared)
    _check_role(standing, user.role, held, scopes)
    _check_own_rights(standing, newly)
    return facts.RightsEdited(
        account=user.account, granted=newly, revoked=cleared, scopes_before=scopes_of(user), scopes_after=dict(scopes)
    )


def copy_rights(standing: Standing, request: CopyRights) -> list[Draft]:
    """The rights that one account has somewhere, for an account here: edited, or granted where it has no access."""
    user = standing.team.active_user(request.account)
    standing.check_authority("settings_users_create_access" if user is None else None)
    assert standing.source is not None
    source = standing.source.team.active_user(request.copied_from.account)
    if source is None:
        where = request.copied_from.location
        raise Refused(
            Code.NO_ACCESS, f"{request.copied_from.account} has no access to {where}, so there is nothing to copy."
        )
    scopes = scopes_of(source)
    if user is not None:
        revoked = user.rights.keys() - source.rights.keys()
        return [standing.draft(_edit(standing, user, source.rights, sorted(revoked), scopes))]
    _check_role(standing, source.role, source.rights, scopes)
    _check_own_rights(standing, source.rights)
    granted = facts.AccessGranted(
        account=request.account,
        name=request.name if request.name is not None else source.name if source.account == request.account else None,
        role=source.role,
        rights=tuple(source.rights),
        scopes=scopes,
        copied_from=Source(location=request.copied_from.location, account=source.account),
    )
    return [standing.draft(granted)]


def link(standing: Standing, request: Link) -> list[Draft]:
    """One user, one active team member; refused when either is linked here."""
    standing.check_authority()
    user = standing.active_user(request.account)
    member = standing.active_member(request.member)
    if user.account in standing.team.links:
        raise Refused(Code.LINKED, f"{user.account} is linked to {standing.team.links[user.account]}.")
    if member.id in standing.team.linked:
        raise Refused(Code.LINKED, f"{member.name} ({member.id}) is linked to {standing.team.linked[member.id]}.")
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
        _check_not_last_owner(standing, user)
    return [standing.draft(facts.AccessRevoked(account=user.account)), *_unlinked(standing, user)]
