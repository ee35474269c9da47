"""Ticked rights as numbers: each right has a bit of its own, and none gets its name before it is shown."""

from collections.abc import ItemsView, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from domain.catalogue import Catalogue
from domain.team import Held

Group: TypeAlias = tuple[str, str, int, Sequence[str]]
"""A fact, since when it holds, the rights that are held since then, and those of them that no catalogue knows."""

_SETS_KEPT = 4_000
"""Sets of rights, and sets of sections, that are remembered: some 12 MB when each is another one."""


@dataclass(frozen=True)
class Slugs:
    """Every slug that the catalogues know, in order, each with a bit: a set of rights is one number."""

    ordered: tuple[str, ...]
    _bits: dict[str, int] = field(default_factory=dict, compare=False)
    _sets: dict[int, tuple[str, ...]] = field(default_factory=dict, compare=False)
    _eights: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict, compare=False)
    _masks: dict[frozenset[str], int] = field(default_factory=dict, compare=False)
    _layers: dict[str, "_Layers"] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, catalogues: Mapping[int, Catalogue]) -> "Slugs":
        """The slugs of some catalogues."""
        ordered = tuple(sorted({slug for catalogue in catalogues.values() for slug in catalogue.rights}))
        return cls(ordered, {slug: 1 << place for place, slug in enumerate(ordered)})

    def bit(self, slug: str) -> int:
        """The number of one right; 0 for one that no catalogue knows."""
        return self._bits.get(slug, 0)

    def mask(self, slugs: frozenset[str]) -> int:
        """The number of a set that is asked for again and again, as a billing class is; unknown ones count nothing."""
        found = self._masks.get(slugs)
        if found is None:
            found = sum(map(self.bit, slugs))
            if len(self._masks) < _SETS_KEPT:
                self._masks[slugs] = found
        return found

    def named(self, number: int) -> tuple[str, ...]:
        """The slugs of a number, in order; small sets come again and again."""
        found = self._sets.get(number)
        if found is None:
            found = self._taken_apart(number)
            if len(self._sets) < _SETS_KEPT:
                self._sets[number] = found
        return found

    def layers(self, catalogue: Catalogue) -> "_Layers":
        """What stands above what in a catalogue."""
        found = self._layers.get(catalogue.sha256)
        if found is None:
            found = self._layers[catalogue.sha256] = _Layers.of(catalogue, self)
        return found

    def _taken_apart(self, number: int) -> tuple[str, ...]:
        """Eight at a time, as there are few different eights."""
        found: list[str] = []
        for place, eight in enumerate(number.to_bytes(len(self.ordered) // 8 + 1, "little")):
            if eight:
                some = self._eights.get((place, eight))
                if some is None:
                    some = tuple(self.ordered[place * 8 + bit] for bit in range(8) if eight >> bit & 1)
                    self._eights[place, eight] = some
                found += some
        return tuple(found)


@dataclass(frozen=True)
class _Layers:
    """The sections of one catalogue as numbers."""

    known: int
    above: int
    """All rights that others stand below."""

    _below: Mapping[int, int]
    _standing: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, catalogue: Catalogue, slugs: Slugs) -> "_Layers":
        below: dict[int, int] = {}
        for slug, above in catalogue.below:
            for section in above:
                bit = slugs.bit(section)
                below[bit] = below.get(bit, 0) | slugs.bit(slug)
        return cls(slugs.mask(frozenset(catalogue.rights)), sum(below), below)

    def effective(self, ticked: int) -> int:
        """Those of the ticked rights of which everything above is ticked too."""
        sections = ticked & self.above
        standing = self._standing.get(sections)
        if standing is None:
            standing = self.known
            for section, below in self._below.items():
                if not sections & section:
                    standing &= ~below
            if len(self._standing) < _SETS_KEPT:
                self._standing[sections] = standing
        return ticked & standing


class NumberedRights(Mapping[str, Held]):
    """Ticked rights by slug, as any mapping of them; some questions are answered by their number."""

    __slots__ = ("_groups", "_held", "_nameless", "_number", "_slugs", "_sorted")

    def __init__(self, slugs: Slugs, groups: Sequence[Group]) -> None:
        """The rights of some groups, no slug being in two."""
        self._slugs = slugs
        self._groups = groups
        self._number = 0
        self._nameless: tuple[str, ...] = ()
        for _, _, number, nameless in groups:
            self._number |= number
            if nameless:
                self._nameless = (*self._nameless, *nameless)
        self._held: dict[str, Held] | None = None
        self._sorted: tuple[str, _Sorted] | None = None

    def __getitem__(self, slug: str) -> Held:
        if self._held is not None:
            return self._held[slug]
        bit = self._slugs.bit(slug) & self._number
        for fact, since, number, nameless in self._groups:
            if number & bit or (slug in nameless and slug in self._nameless):
                return Held(fact, datetime.fromisoformat(since))
        raise KeyError(slug)

    def __contains__(self, slug: object) -> bool:
        return isinstance(slug, str) and (bool(self._number & self._slugs.bit(slug)) or slug in self._nameless)

    def __iter__(self) -> Iterator[str]:
        return iter((*self._slugs.named(self._number), *self._nameless))

    def __len__(self) -> int:
        return self._number.bit_count() + len(self._nameless)

    def items(self) -> ItemsView[str, Held]:
        """All of them at once: one by one each would be looked for in every group."""
        return self._whole().items()

    def by_fact(self) -> Iterator[tuple[Held, Sequence[str]]]:
        """All of them, those together that are held since the same fact."""
        for fact, since, number, nameless in self._groups:
            held = Held(fact, datetime.fromisoformat(since))
            slugs = self._slugs.named(number & self._number)
            yield held, (*slugs, *nameless) if self._nameless else slugs

    def among(self, slugs: frozenset[str]) -> tuple[str, ...]:
        """Which of them are in a set, in order."""
        return self._slugs.named(self._number & self._slugs.mask(slugs))

    def facts_among(self, slugs: frozenset[str]) -> Mapping[str, str]:
        """The same, each with the fact since which it is held."""
        wanted = self._number & self._slugs.mask(slugs)
        names = self._slugs.named(wanted)
        if len(names) <= 1:
            return {slug: self[slug].fact for slug in names}
        facts: dict[str, str] = dict.fromkeys(names, "")  # in order
        for fact, _, number, _ in self._groups:
            if number & wanted:
                facts.update(dict.fromkeys(self._slugs.named(number & wanted), fact))
        return facts

    def sorted_by(self, catalogue: Catalogue) -> "_Sorted":
        """Under a catalogue: those that are effective, the slugs that are not, the slugs that it does not know."""
        if self._sorted is None or self._sorted[0] != catalogue.sha256:
            self._sorted = (catalogue.sha256, self._sort(catalogue))
        return self._sorted[1]

    def _sort(self, catalogue: Catalogue) -> "_Sorted":
        layers, named = self._slugs.layers(catalogue), self._slugs.named
        number, unknown = self._number, self._nameless
        effective = layers.effective(number)
        if unknown or number & ~layers.known:
            unknown = tuple(sorted((*named(number & ~layers.known), *unknown)))
        return self._only(effective), named(number & layers.known & ~effective), unknown

    def _only(self, number: int) -> "NumberedRights":
        """Those of a number, and none that is unknown."""
        some = NumberedRights(self._slugs, ())
        some._groups, some._number = self._groups, number
        return some

    def _whole(self) -> dict[str, Held]:
        if self._held is None:
            nobody: Any = None
            whole: dict[str, Held] = dict.fromkeys(self, nobody)  # in order
            for held, slugs in self.by_fact():
                whole.update(dict.fromkeys(slugs, held))
            self._held = whole
        return self._held


_Sorted: TypeAlias = tuple[NumberedRights, tuple[str, ...], tuple[str, ...]]
