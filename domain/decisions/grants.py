"""What every decision that gives rights checks: the role, the rights, the scopes, and whose they are to give."""

from collections.abc import Iterable, Mapping

from domain.authority import own_rights
from domain.decisions.standing import Standing
from domain.facts.form import ScopeValue
from domain.refusals import Code, Refused
from domain.roles import LIMITED_TO_OWN_RIGHTS, NOT_FOR_SPECIALIST, ROLES, SPECIALIST_SCOPES, Role
from domain.team import User

_NAMED = 3
"""Rights that a refusal's sentence names; the rest is counted."""


def check_is_role(role: str) -> None:
    """Refused `unknown_role` when there is no such role."""
    if role not in ROLES:
        raise Refused(Code.UNKNOWN_ROLE, f"{role!r} is not a role: the roles are {', '.join(sorted(ROLES))}.")


def given_or_default(standing: Standing, role: str, rights: tuple[str, ...] | None) -> tuple[str, ...]:
    """The rights that were given, each once, else those that the role starts with; refused when one is unknown."""
    check_is_role(role)
    if rights is None:
        return standing.catalogue.defaults_of(role)
    check_known(standing, rights)
    return tuple(dict.fromkeys(rights))


def check_known(standing: Standing, slugs: Iterable[str]) -> None:
    """Refused `unknown_right` when the catalogue in force does not have one of these."""
    unknown = sorted(set(slugs) - standing.catalogue.rights.keys())
    if unknown:
        version = standing.catalogue.version
        raise Refused(
            Code.UNKNOWN_RIGHT,
            f"The rights catalogue in force (version {version}) does not have: {_some(unknown)}.",
            rights=unknown,
        )


def check_role(standing: Standing, role: str, rights: Iterable[str], scopes: Mapping[str, object]) -> None:
    """What a role asks of rights and scopes; only the specialist's does (rules.md, invite)."""
    if role != Role.SPECIALIST.value:
        return
    if NOT_FOR_SPECIALIST in rights:
        name = standing.catalogue.rights[NOT_FOR_SPECIALIST].name
        raise Refused(Code.NOT_FOR_ROLE, f"A specialist cannot have the right: {name} ({NOT_FOR_SPECIALIST}).")
    named = [scopes.get(slug) for slug in SPECIALIST_SCOPES]
    only = named[0]
    same = all(name == only for name in named)
    if not same or not isinstance(only, str) or standing.team.present_member(only) is None:
        raise Refused(
            Code.SCOPE_REQUIRED,
            f"A specialist needs one active team member, the same in the scopes {' and '.join(SPECIALIST_SCOPES)}.",
            scopes=list(SPECIALIST_SCOPES),
        )


def check_own_rights(standing: Standing, granted: Iterable[str]) -> None:
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


def check_own_limit(standing: Standing, user: User, scopes: Mapping[str, object]) -> None:
    """A user who may grant only rights from the own set cannot lift that limit from oneself."""
    own = standing.command.actor.kind == "person" and standing.command.actor.id == user.account
    if own and user.scopes.get(LIMITED_TO_OWN_RIGHTS) == 1 and scopes.get(LIMITED_TO_OWN_RIGHTS) != 1:
        raise Refused(
            Code.BEYOND_OWN_RIGHTS,
            f"{user.account} may grant only rights from the own set, and cannot lift that limit alone.",
            user.set_by,
        )


def scopes_of(user: User) -> dict[str, ScopeValue]:
    """A user's scopes as facts write them."""
    return dict(user.scopes)  # type: ignore[arg-type] # they came out of a fact that was checked


def _some(slugs: list[str]) -> str:
    """The first few in a sentence; the refusal's details name them all."""
    more = f" and {len(slugs) - _NAMED} more" if len(slugs) > _NAMED else ""
    return ", ".join(slugs[:_NAMED]) + more
