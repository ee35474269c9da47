"""Decisions about the role and the rights of somebody who has access."""

from collections.abc import Iterable, Mapping

from domain import facts
from domain.commands import ChangeRole, CopyRights, EditRights
from domain.decisions.grants import (
    check_is_role,
    check_known,
    check_own_limit,
    check_own_rights,
    check_role,
    given_or_default,
    scopes_of,
)
from domain.decisions.links import check_not_last_owner
from domain.decisions.scopes import check_scopes, default_scopes
from domain.decisions.standing import Draft, Standing
from domain.facts.access import Source
from domain.facts.form import ScopeValue
from domain.refusals import Code, Refused
from domain.roles import Role
from domain.team import User


def change_role(standing: Standing, request: ChangeRole) -> list[Draft]:
    """Another role, with its default rights or those given; the last owner stays one."""
    standing.check_authority()
    user = standing.active_user(request.account)
    check_is_role(request.role)
    same_role = user.role == request.role and request.rights is None and request.scopes is None
    rights = tuple(user.rights) if same_role else given_or_default(standing, request.role, request.rights)
    scopes = request.scopes if request.scopes is not None else default_scopes(standing.catalogue, request.role)
    if user.role == request.role and request.scopes is None:
        scopes = scopes_of(user)
    if user.role == request.role and set(rights) == user.rights.keys() and scopes == user.scopes:
        raise Refused(Code.NO_CHANGE, f"{user.account} is {user.role} with these rights already.", user.set_by)
    if user.role == Role.OWNER.value and request.role != Role.OWNER.value:
        check_not_last_owner(standing, user)
    check_role(standing, request.role, rights, scopes)
    checked = check_scopes(standing.catalogue, scopes)
    check_own_rights(standing, set(rights) - user.rights.keys())
    check_own_limit(standing, user, scopes)
    changed = facts.RoleChanged(
        account=user.account,
        before=user.role,
        after=request.role,
        rights_before=tuple(user.rights),
        rights_after=rights,
        scopes_before=scopes_of(user),
        scopes_after=checked,
    )
    return [standing.draft(changed)]


def edit_rights(standing: Standing, request: EditRights) -> list[Draft]:
    """Single rights ticked and cleared; what changes nothing is left out, nothing left is refused."""
    standing.check_authority()
    user = standing.active_user(request.account)
    check_known(standing, request.granted)
    check_known(standing, set(request.revoked) - user.rights.keys())
    both = sorted(set(request.granted) & set(request.revoked))
    if both:
        raise Refused(Code.INVALID, f"A right is either granted or revoked, not both: {', '.join(both)}.", rights=both)
    scopes = request.scopes if request.scopes is not None else scopes_of(user)
    checked = check_scopes(standing.catalogue, scopes)
    return [standing.draft(_edit(standing, user, request.granted, request.revoked, checked))]


def _edit(
    standing: Standing,
    user: User,
    granted: Iterable[str],
    revoked: Iterable[str],
    scopes: Mapping[str, ScopeValue],
) -> facts.RightsEdited:
    newly = tuple(slug for slug in dict.fromkeys(granted) if slug not in user.rights)
    cleared = tuple(slug for slug in dict.fromkeys(revoked) if slug in user.rights)
    if not newly and not cleared and scopes == user.scopes:
        raise Refused(Code.NO_CHANGE, f"{user.account} has exactly these rights already.", user.set_by)
    if newly or scopes != user.scopes:
        # Rights can be taken from a specialist whose member is gone; only what is given has to fit the role.
        check_role(standing, user.role, newly, scopes)
    check_own_rights(standing, newly)
    check_own_limit(standing, user, scopes)
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
    check_role(standing, source.role, source.rights, scopes)
    check_own_rights(standing, source.rights)
    granted = facts.AccessGranted(
        account=request.account,
        name=request.name if request.name is not None else source.name if source.account == request.account else None,
        role=source.role,
        rights=tuple(source.rights),
        scopes=scopes,
        copied_from=Source(location=request.copied_from.location, account=source.account),
    )
    return [standing.draft(granted)]
