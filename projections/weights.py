"""What a part of a team weighs in the billing counts, whatever terms and version of the catalogue are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from domain.catalogue import BillingClass, Catalogue
from domain.numbered import NumberedRights, Slugs
from domain.readings import CREATE, PAY, READINGS
from domain.rights import Sorted, classes_of
from domain.team import User
from domain.terms import Person, access_rights, client_interaction
from projections.grouped_rights import Grouped, Grouping
from projections.parts import MemberPart, Part, UserPart

_Kind: TypeAlias = tuple[int, str, bool, int]
"""A version of the catalogue, a role, whether the invitation is pending, and the rights that tell."""

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
    _grouping: Grouping = field(init=False, compare=False)
    _classes: dict[int, Mapping[BillingClass, frozenset[str]]] = field(default_factory=dict, compare=False)
    _weighed: dict[_Kind, tuple[bool, bool]] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        slugs = Slugs.of(self.catalogues)
        object.__setattr__(self, "_slugs", slugs)
        object.__setattr__(self, "_grouping", Grouping.of(slugs))
        self._classes.update((version, classes_of(each, READINGS)) for version, each in self.catalogues.items())

    def rights(self, part: Part) -> Grouped | None:
        """The rights of a user, grouped: they are both weighed and written."""
        return self._grouping.grouped(part.user.rights) if isinstance(part, UserPart) else None

    def weigh(self, part: Part, rights: Grouped | None = None) -> Weight:
        """The weight of a part, under the readings that are the defaults; `rights` where they are grouped already."""
        match part:
            case MemberPart(member):
                here = member.gone is None
                return Weight(seated=here, scheduled=here and member.schedule is not None)
            case UserPart(user, linked, scheduled) if user.active:
                number = (rights if rights is not None else self._grouping.grouped(user.rights)).number
                paid = interacts = 0
                for version in self.catalogues:
                    pays, acts = self._billable(version, user, number)
                    paid |= bit_of(version) * pays
                    interacts |= bit_of(version) * acts
                owner_since = user.role_held.since if user.role == "owner" else None
                return Weight(linked is None, scheduled, paid, interacts, owner_since)
            case _:
                return Weight()

    def _billable(self, version: int, user: User, number: int) -> tuple[bool, bool]:
        """Whether a user is billable by access rights, and by client interaction."""
        telling = self._telling(version, self._slugs.layers(self.catalogues[version]).effective(number))
        kind = (version, user.role, user.invitation is not None, telling)
        found = self._weighed.get(kind)
        if found is None:
            effective = NumberedRights(self._slugs, [(user.set_by, _SINCE, telling, ())])
            person = Person(None, user, Sorted(effective, (), ()), self._classes[version], READINGS)
            found = self._weighed[kind] = (access_rights(person).billable, client_interaction(person).billable)
        return found

    def _telling(self, version: int, effective: int) -> int:
        """As many effective rights as say the same to the terms: the first that is paid, and those of interaction."""
        paid = effective & self._slugs.mask(self._classes[version]["P"])
        return (paid & -paid) | (effective & self._slugs.mask(_OF_INTERACTION))


_OF_INTERACTION = frozenset({CREATE, PAY})
