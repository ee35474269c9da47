"""One person's rights as a grid, section by kind: what is ticked since which fact, what counts, what is paid."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias, assert_never

from domain.catalogue import Kind, Right
from domain.instants import write_instant
from domain.readings import CREATE, PAY
from domain.rights import classes_by_slug, classes_of
from domain.seating import Seating
from domain.team import Held, User

Answer: TypeAlias = dict[str, Any]

KINDS: Sequence[Kind] = ("view", "create", "edit", "delete", "manage", "act", "export", "print")
"""The columns, in the order in which people look for them."""

_NOTHING: Mapping[str, Held] = {}


def grid(seating: Seating, user: User, ticked: Collection[str] | None = None) -> Answer:
    """Sections of the catalogue in force, each with its kinds, each with its rights.

    `ticked` is what somebody is about to save, in the place of what the user holds.
    """
    cut = seating.cut
    held = user.rights
    chosen = frozenset(held if ticked is None else ticked)
    classes, paid = classes_by_slug(cut.catalogue, cut.readings), paid_rights(seating)
    sections: dict[str, dict[str, list[Answer]]] = {}
    for slug, right in cut.catalogue.rights.items():
        off = next((above for above in cut.catalogue.sections[slug] if above not in chosen), None)
        cell = {
            "right": slug,
            "name": right.short_name,
            "ticked": slug in chosen,
            "since": _since(held[slug]) if slug in held else None,
            "effective": slug in chosen and off is None,
            "switch": cut.catalogue.rights[off].short_name if off is not None else None,
            "recommended": user.role in right.default_roles,
            "class": classes[slug],
            "billable": slug in paid,
            "sensitive": right.sensitive,
        }
        sections.setdefault(right.section, {}).setdefault(right.kind, []).append(cell)
    limits = _limits(cut.catalogue.narrowing, user)
    return {
        "account": user.account,
        "role": user.role,
        "terms": seating.terms,
        "sections": [
            {
                "section": section,
                "kinds": [{"kind": kind, "rights": kinds[kind]} for kind in KINDS if kind in kinds],
                "limits": limits.get(section, []),
            }
            for section, kinds in sections.items()
        ],
        "other_limits": [limit for section, found in limits.items() if section not in sections for limit in found],
        "unknown": [
            {"right": slug, "since": _since(since)}
            for slug, since in sorted(held.items())
            if slug not in cut.catalogue.rights
        ],
    }


def paid_rights(seating: Seating) -> frozenset[str]:
    """The rights that bear on the bill under the location's terms; under the second generation two of them together."""
    match seating.terms:
        case "access_rights":
            return classes_of(seating.cut.catalogue, seating.cut.readings)["P"]
        case "client_interaction":
            return frozenset({CREATE, PAY})
        case "service_providers":
            return frozenset()
        case _:
            assert_never(seating.terms)


def _limits(narrowing: Mapping[str, Right], user: User) -> Mapping[str, list[Answer]]:
    """Scopes and restrictions by section, with the values of a user."""
    found: dict[str, list[Answer]] = {}
    for slug, limit in narrowing.items():
        shown = {"scope": slug, "name": limit.short_name, "type": limit.scope_type, "value": user.scopes.get(slug)}
        found.setdefault(limit.section, []).append(shown)
    return found


def _since(held: Held) -> Answer:
    return {"fact": held.fact, "at": write_instant(held.since)}
