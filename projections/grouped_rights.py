"""Ticked rights as they are written and weighed: those that are held since one fact together, as a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from domain.numbered import Slugs
from domain.team import Held

Group: TypeAlias = tuple[Held, int, list[str]]
"""Since what some are held, their number, and those of them that no catalogue knows, in order."""


class Grouped(NamedTuple):
    """All ticked rights of one user."""

    groups: list[Group]
    number: int
    """Of all of them that are known."""


@dataclass(frozen=True)
class Grouping:
    """Groups rights by the numbers of their slugs."""

    bits: Mapping[str, int]

    @classmethod
    def of(cls, slugs: Slugs) -> "Grouping":
        """By the numbers of those slugs."""
        return cls({slug: slugs.bit(slug) for slug in slugs.ordered})

    def grouped(self, rights: Mapping[str, Held]) -> Grouped:
        """Rights by the fact since which they are held: most users have one or two such facts."""
        since: dict[Held, list[str]] = {}
        last: Held | None = None
        group: list[str] = []
        for slug, held in rights.items():
            if held is not last:
                last, group = held, since.setdefault(held, [])
            group.append(slug)
        number = 0
        groups: list[Group] = []
        for held, some in since.items():
            unknown: list[str] = []
            try:
                own = sum(map(self.bits.__getitem__, some))
            except KeyError:
                own = sum(self.bits.get(slug, 0) for slug in some)
                unknown = sorted(slug for slug in some if slug not in self.bits)
            number |= own
            groups.append((held, own, unknown))
        return Grouped(groups, number)
