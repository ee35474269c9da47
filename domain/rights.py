"""Effective rights: ticked, and every section above ticked too; what each class means for the bill."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from domain.catalogue import BillingClass, Catalogue, Right
from domain.numbered import NumberedRights
from domain.readings import MAILINGS, REMOVING_PEOPLE, Readings
from domain.team import Held


@dataclass(frozen=True, slots=True)
class Sorted:
    """The ticked rights of one user under one catalogue, each kind by slug in order."""

    effective: Mapping[str, Held]
    ineffective: tuple[str, ...]
    unknown: tuple[str, ...]

    def among(self, slugs: frozenset[str]) -> tuple[str, ...]:
        """The effective ones that are in a set, in order."""
        if isinstance(self.effective, NumberedRights):
            return self.effective.among(slugs)
        return tuple(slug for slug in self.effective if slug in slugs)

    def facts_among(self, slugs: frozenset[str]) -> Mapping[str, str]:
        """The same, each with the fact since which it is held."""
        if isinstance(self.effective, NumberedRights):
            return self.effective.facts_among(slugs)
        return {slug: held.fact for slug, held in self.effective.items() if slug in slugs}


def sort_rights(ticked: Mapping[str, Held], catalogue: Catalogue) -> Sorted:
    """Which ticked rights are effective, which stand below a section that is off, which the catalogue does not know."""
    if isinstance(ticked, NumberedRights):
        return Sorted(*ticked.sorted_by(catalogue))
    effective, ineffective, unknown = _kinds(frozenset(ticked), _ByHash(catalogue.sha256, catalogue))
    return Sorted(dict(zip(effective, map(ticked.__getitem__, effective), strict=True)), ineffective, unknown)


def by_fact(ticked: Mapping[str, Held]) -> Iterable[tuple[Held, Sequence[str]]]:
    """Ticked rights, those together that are held since the same fact."""
    if isinstance(ticked, NumberedRights):
        return ticked.by_fact()
    found: dict[str, tuple[Held, list[str]]] = {}
    for slug, held in ticked.items():
        found.setdefault(held.fact, (held, []))[1].append(slug)
    return found.values()


@dataclass(frozen=True, slots=True)
class _ByHash:
    """A catalogue for which its hash stands: the same content is the same catalogue."""

    sha256: str
    catalogue: Catalogue = field(compare=False)


@lru_cache(maxsize=1024)
def _kinds(ticked: frozenset[str], by_hash: _ByHash) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Effective, ineffective and unknown slugs: most people of a role have ticked the same, answer after answer."""
    catalogue = by_hash.catalogue
    effective = tuple(slug for slug, above in catalogue.below if slug in ticked and above <= ticked)
    unknown = tuple(sorted(ticked - catalogue.rights.keys()))
    if len(effective) + len(unknown) == len(ticked):
        return effective, (), unknown
    return effective, tuple(sorted(ticked.difference(effective, unknown))), unknown


def billing_class(right: Right, readings: Readings) -> BillingClass:
    """The class of a right under the switchable readings."""
    if right.slug in REMOVING_PEOPLE and readings.removing_people_is_exempt:
        return "X"
    if right.slug in MAILINGS and not readings.mailings_are_paid:
        return "F"
    if right.sensitive and readings.taking_data_out_is_paid:
        return "P"
    return right.billing_class


def classes_by_slug(catalogue: Catalogue, readings: Readings) -> Mapping[str, BillingClass]:
    """The billing class of each right of a catalogue under the switchable readings."""
    return _by_slug(_ByHash(catalogue.sha256, catalogue), readings)


def classes_of(catalogue: Catalogue, readings: Readings) -> Mapping[BillingClass, frozenset[str]]:
    """The slugs of each billing class of a catalogue under the switchable readings."""
    return _by_class(_ByHash(catalogue.sha256, catalogue), readings)


@lru_cache(maxsize=64)
def _by_slug(by_hash: _ByHash, readings: Readings) -> Mapping[str, BillingClass]:
    return {slug: billing_class(right, readings) for slug, right in by_hash.catalogue.rights.items()}


@lru_cache(maxsize=64)
def _by_class(by_hash: _ByHash, readings: Readings) -> Mapping[BillingClass, frozenset[str]]:
    names: tuple[BillingClass, ...] = ("P", "F", "X")
    classes = _by_slug(by_hash, readings)
    return {name: frozenset(slug for slug, found in classes.items() if found == name) for name in names}
