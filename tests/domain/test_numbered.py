"""Rights as numbers are the mapping that they stand for, under every catalogue, and sort as it does."""

from dataclasses import replace
from random import Random

from domain.catalogue import Catalogue
from domain.instants import write_instant
from domain.numbered import NumberedRights, Slugs
from domain.rights import Sorted, by_fact, sort_rights
from domain.team import Held
from tests.domain.telling import CATALOGUES, day

CATALOGUE = CATALOGUES[1]
SOME = list(CATALOGUE.rights)[::2]
SMALLER = replace(
    CATALOGUE,
    version=2,
    sha256="0" * 64,
    rights={slug: CATALOGUE.rights[slug] for slug in SOME},
    sections={slug: tuple(above for above in CATALOGUE.sections[slug] if above in SOME) for slug in SOME},
)
BOTH = {1: CATALOGUE, 2: SMALLER}
TICKED = [*CATALOGUE.rights, "unheard_of", "another"]


def lots(seed: int) -> list[dict[str, Held]]:
    """Sets of ticked rights of every size, held since one fact or several."""
    lot = Random(seed)
    sizes = [0, 1, 2, len(TICKED), *(lot.randrange(len(TICKED)) for _ in range(100))]
    return [
        {slug: Held(f"fact {fact}", day(fact)) for slug in lot.sample(TICKED, size) for fact in [lot.randint(0, most)]}
        for size in sizes
        for most in [lot.choice((0, 1, 6))]
    ]


def numbered(ticked: dict[str, Held], slugs: Slugs) -> NumberedRights:
    groups = []
    for held in dict.fromkeys(ticked.values()):
        some = [slug for slug, since in ticked.items() if since == held]
        unknown = [slug for slug in some if not slugs.bit(slug)]
        groups.append((held.fact, write_instant(held.since), sum(map(slugs.bit, some)), unknown))
    return NumberedRights(slugs, groups)


def spread(found: Sorted, catalogue: Catalogue) -> tuple[object, ...]:
    """Everything that a sorted set is asked for, in its order."""
    paid = frozenset(slug for slug, right in catalogue.rights.items() if right.billing_class == "P")
    one = frozenset([next(iter(sorted(paid)))])
    return (
        list(found.effective.items()),
        found.ineffective,
        found.unknown,
        *((found.among(some), list(found.facts_among(some).items())) for some in (paid, one, catalogue.sensitive)),
    )


def test_those_held_since_one_fact_come_together_once() -> None:
    slugs = Slugs.of(BOTH)
    for ticked in lots(3):
        for rights in (numbered(ticked, slugs), ticked):
            groups = list(by_fact(rights))
            assert len({held.fact for held, _ in groups}) == len(groups)
            assert sum(len(some) for _, some in groups) == len(ticked)
            assert {slug: held for held, some in groups for slug in some} == ticked


def test_they_are_the_mapping_that_they_stand_for() -> None:
    slugs = Slugs.of(BOTH)
    for ticked in lots(1):
        found = numbered(ticked, slugs)
        assert all((slug in found) == (slug in ticked) for slug in (*TICKED, "never"))
        assert {slug: found[slug] for slug in ticked} == ticked  # one by one
        assert found == ticked
        assert {slug: found[slug] for slug in ticked} == ticked  # now that all are at hand
        assert len(found) == len(list(found)) == len(ticked)


def test_they_sort_as_the_mapping_does_under_any_catalogue() -> None:
    slugs = Slugs.of(BOTH)
    for ticked in lots(2):
        found = numbered(ticked, slugs)
        for catalogue in (CATALOGUE, SMALLER, CATALOGUE):
            assert spread(sort_rights(found, catalogue), catalogue) == spread(sort_rights(ticked, catalogue), catalogue)


def test_what_is_not_effective_is_not_in_the_effective_ones() -> None:
    slugs = Slugs.of(BOTH)
    slug, above = next((slug, above) for slug, above in CATALOGUE.sections.items() if above)
    effective = sort_rights(numbered({slug: Held("f", day(1)), "odd": Held("f", day(1))}, slugs), CATALOGUE).effective
    assert slug not in effective
    assert "odd" not in effective
    assert effective.get(slug) is effective.get("odd") is effective.get(above[0]) is None
    assert len(effective) == 0
