"""Who held which role, rights and scopes at a point of both times, and since which fact (answers.md)."""

from typing import Any, TypeAlias

from domain.instants import write_instant
from domain.ledger import Cut
from domain.rights import classes_by_slug, sort_rights
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
    classes = classes_by_slug(cut.catalogue, cut.readings)
    since = {held.fact: _since(held) for held in user.rights.values()}
    return {
        "account": user.account,
        "name": team.members[member].name if member is not None else user.name or user.account,
        "member": member,
        "role": user.role,
        "role_since": _since(user.role_held),
        "access_since": _since(user.access),
        "invitation": _since(user.invitation) if user.invitation is not None else None,
        "rights": [
            {
                "right": slug,
                "name": right.name,
                "section": right.section,
                "kind": right.kind,
                "class": classes[slug],
                "since": since[user.rights[slug].fact],
                "effective": slug in rights.effective,
            }
            for slug, right in cut.catalogue.rights.items()  # in its order, so that sections stay together
            if slug in user.rights
        ],
        "unknown_rights": [{"right": slug, "since": since[user.rights[slug].fact]} for slug in rights.unknown],
        "scopes": dict(user.scopes),
    }


def _since(held: Held) -> Answer:
    return {"fact": held.fact, "at": write_instant(held.since)}
