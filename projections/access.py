"""Who held which role, rights and scopes at a point of both times, and since which fact (answers.md)."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from domain.instants import write_instant
from domain.ledger import Cut
from domain.rights import billing_class, sort_rights
from domain.seating import Seating
from domain.team import Held, Team, User

Answer: TypeAlias = dict[str, Any]


def access(seating: Seating) -> Answer:
    """The answer to `access` less its basis: everybody with access, by name, then by account."""
    team = seating.team
    users = [_user(user, team, seating.cut) for user in team.users.values() if user.active]
    return {"users": sorted(users, key=lambda row: (row["name"], row["account"]))}


def _user(user: User, team: Team, cut: Cut) -> Answer:
    member = team.links.get(user.account)
    rights = sort_rights(user.rights, cut.catalogue)
    return {
        "account": user.account,
        "name": team.members[member].name if member is not None else user.name or user.account,
        "member": member,
        "role": user.role,
        "role_since": _since(user.role_held),
        "access_since": _since(user.access),
        "invitation": _since(user.invitation) if user.invitation is not None else None,
        "rights": [_right(slug, held, cut, rights.effective) for slug, held in _in_order(user.rights, cut)],
        "unknown_rights": [{"right": slug, "since": _since(user.rights[slug])} for slug in rights.unknown],
        "scopes": dict(user.scopes),
    }


def _in_order(ticked: Mapping[str, Held], cut: Cut) -> list[tuple[str, Held]]:
    """The rights that the catalogue in force knows, in its order, so that sections stay together."""
    return [(slug, ticked[slug]) for slug in cut.catalogue.rights if slug in ticked]


def _right(slug: str, held: Held, cut: Cut, effective: Mapping[str, Held]) -> Answer:
    right = cut.catalogue.rights[slug]
    return {
        "right": slug,
        "name": right.name,
        "section": right.section,
        "kind": right.kind,
        "class": billing_class(right, cut.readings),
        "since": _since(held),
        "effective": slug in effective,
    }


def _since(held: Held) -> Answer:
    return {"fact": held.fact, "at": write_instant(held.since)}
