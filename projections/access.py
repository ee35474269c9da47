"""Who held which role, rights and scopes at a point of both times, and since which fact (answers.md)."""

from collections.abc import Mapping
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
    shown = _shown(seating.cut)
    users = [_user(user, team, seating.cut, shown) for user in team.users.values() if user.active]
    return {"users": sorted(users, key=lambda row: (row["name"], row["account"]))}


def _shown(cut: Cut) -> Mapping[str, Answer]:
    """What is the same of a right whoever holds it, in the catalogue's order, so that sections stay together."""
    classes = classes_by_slug(cut.catalogue, cut.readings)
    return {
        slug: {
            "right": slug,
            "name": right.name,
            "section": right.section,
            "kind": right.kind,
            "class": classes[slug],
        }
        for slug, right in cut.catalogue.rights.items()
    }


def _user(user: User, team: Team, cut: Cut, shown: Mapping[str, Answer]) -> Answer:
    member = team.links.get(user.account)
    rights = sort_rights(user.rights, cut.catalogue)
    effective = frozenset(rights.effective)
    written: dict[str, Answer] = {}
    since: dict[str, Answer] = {}
    for slug, held in user.rights.items():
        found = written.get(held.fact)  # many rights are held since one fact
        if found is None:
            found = written[held.fact] = _since(held)
        since[slug] = found
    return {
        "account": user.account,
        "name": team.members[member].name if member is not None else user.name or user.account,
        "member": member,
        "role": user.role,
        "role_since": _since(user.role_held),
        "access_since": _since(user.access),
        "invitation": _since(user.invitation) if user.invitation is not None else None,
        "rights": [
            {**right, "since": since[slug], "effective": slug in effective}
            for slug, right in shown.items()
            if slug in since
        ],
        "unknown_rights": [{"right": slug, "since": since[slug]} for slug in rights.unknown],
        "scopes": dict(user.scopes),
    }


def _since(held: Held) -> Answer:
    return {"fact": held.fact, "at": write_instant(held.since)}
