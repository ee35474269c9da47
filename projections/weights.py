"""What a part of a team weighs in the billing counts, whatever terms and version of the catalogue are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from domain.catalogue import BillingClass, Catalogue
from domain.numbered import NumberedRights, Slugs
from domain.readings import READINGS
from domain.rights import classes_of, sort_rights
from domain.team import User
from domain.terms import Person, access_rights, client_interaction
from projections.parts import MemberPart, Part, UserPart

_Kind: TypeAlias = tuple[str, bool, int, tuple[str, ...]]

_SINCE = "2000-01-01T00:00:00+00:00"
"""Since when rights are held says nothing about what they weigh."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One part's share. The masks have one bit a version of the catalogue: version 1 is the lowest."""

    seated: bool = False
    """Is a row of the billing list."""

    scheduled: bool = False
    """On the schedule, or linked to a member who is."""

    paid: int = 0
    """Billable by access rights, the schedule aside."""

    interacts: int = 0
    """Billable by client interaction, the schedule and the free owner aside."""

    owner_since: datetime | None = None
    """Since when the user owns the location, pending invitations included."""


def bit_of(version: int) -> int:
    """The bit of a version of the catalogue in the masks."""
    return 1 << (version - 1)


@dataclass(frozen=True)
class Scales:
    """Weighs parts by the terms themselves, each kind of user once."""

    catalogues: Mapping[int, Catalogue]
    _slugs: Slugs = field(init=False, compare=False)
    _bits: dict[str, int] = field(default_factory=dict, compare=False)
    _classes: dict[int, Mapping[BillingClass, frozenset[str]]] = field(default_factory=dict, compare=False)
    _weighed: dict[_Kind, tuple[int, int]] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        slugs = Slugs.of(self.catalogues)
        object.__setattr__(self, "_slugs", slugs)
        self._bits.update((slug, slugs.bit(slug)) for slug in slugs.ordered)

    def weigh(self, part: Part) -> Weight:
        """The weight of a part, under the readings that are the defaults."""
        match part:
            case MemberPart(member):
                here = member.gone is None
                return Weight(seated=here, scheduled=here and member.schedule is not None)
            case UserPart(user, linked, scheduled) if user.active:
                paid, interacts = self._masks(user)
                owner_since = user.role_held.since if user.role == "owner" else None
                return Weight(linked is None, scheduled, paid, interacts, owner_since)
            case _:
                return Weight()

    def _masks(self, user: User) -> tuple[int, int]:
        unknown: tuple[str, ...] = ()
        try:
            number = sum(map(self._bits.__getitem__, user.rights))
        except KeyError:
            number = sum(map(self._slugs.bit, user.rights))
            unknown = tuple(sorted(slug for slug in user.rights if slug not in self._bits))
        kind = (user.role, user.invitation is not None, number, unknown)
        found = self._weighed.get(kind)
        if found is None:
            paid = interacts = 0
            rights = NumberedRights(self._slugs, [(user.set_by, _SINCE, number, unknown)])
            for version, catalogue in self.catalogues.items():
                if version not in self._classes:
                    self._classes[version] = classes_of(catalogue, READINGS)
                person = Person(None, user, sort_rights(rights, catalogue), self._classes[version], READINGS)
                paid |= bit_of(version) * access_rights(person).billable
                interacts |= bit_of(version) * client_interaction(person).billable
            if len(self._weighed) >= _KINDS_KEPT:
                self._weighed.clear()
            found = self._weighed[kind] = (paid, interacts)
        return found


_KINDS_KEPT = 20_000
