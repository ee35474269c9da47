"""Who held which role, rights and scopes at a point of both times, and since which fact (answers.md)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from domain.instants import write_instant
from domain.ledger import Cut
from domain.rights import by_fact, classes_by_slug, sort_rights
from domain.seating import Seating
from domain.team import Held, Team, User

Answer: TypeAlias = dict[str, Any]


def access(seating: Seating) -> Answer:
    """The answer to `access` less its basis: everybody with access, by name, then by account."""
    team = seating.team
    shown = _shown(seating.cut)
    users = [_user(user, team, seating.cut, shown) for user in team.users.values() if user.active]
    return {"users": sorted(users, key=lambda row: (row["name"], row["account"]))}


def _shown(cut: Cut) -> Sequence[tuple[str, Answer]]:
    """How each right is shown, whoever holds it, in the catalogue's order, so that sections stay together.

    What is another one from user to user is filled in in a copy: an answer has thousands of these.
    """
    classes = classes_by_slug(cut.catalogue, cut.readings)
    return [
        (
            slug,
            {
                "right": slug,
                "name": right.name,
                "section": right.section,
                "kind": right.kind,
                "class": classes[slug],
                "since": None,
                "effective": True,
            },
        )
        for slug, right in cut.catalogue.rights.items()
    ]


def _user(user: User, team: Team, cut: Cut, shown: Sequence[tuple[str, Answer]]) -> Answer:
    member = team.links.get(user.account)
    rights = sort_rights(user.rights, cut.catalogue)
    since: dict[str, Answer] = {}
    for held, slugs in by_fact(user.rights):  # many rights are held since one fact
        since.update(dict.fromkeys(slugs, _since(held)))
    return {
        "account": user.account,
        "name": team.members[member].name if member is not None else user.name or user.account,
        "member": member,
        "role": user.role,
        "role_since": _since(user.role_held),
        "access_since": _since(user.access),
        "invitation": _since(user.invitation) if user.invitation is not None else None,
        "rights": _rights(shown, since, rights.ineffective),
        "unknown_rights": [{"right": slug, "since": since[slug]} for slug in rights.unknown],
        "scopes": dict(user.scopes),
    }


def _rights(
    shown: Sequence[tuple[str, Answer]], since: Mapping[str, Answer], ineffective: Collection[str]
) -> list[Answer]:
    found = []
    for slug, right in shown:
        held = since.get(slug)
        if held is not None:
            row = right.copy()
            row["since"] = held
            if slug in ineffective:
                row["effective"] = False
            found.append(row)
    return found


def _since(held: Held) -> Answer:
    return {"fact": held.fact, "at": write_instant(held.since)}
