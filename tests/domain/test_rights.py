"""Which ticked rights are effective, the same for the same slugs, and never those of another catalogue."""

from dataclasses import replace
from random import Random

from domain.catalogue import Catalogue
from domain.rights import Sorted, sort_rights
from domain.team import Held
from tests.domain.telling import CATALOGUES, day

CATALOGUE = CATALOGUES[1]
SLUGS = [*CATALOGUE.rights, "unheard_of", "another"]


def told(slugs: list[str], catalogue: Catalogue) -> Sorted:
    """The same in the words of the rules: ticked, and every section above it ticked too."""
    held = {slug: Held(f"fact {number}", day(0)) for number, slug in enumerate(slugs)}
    known = [slug for slug in sorted(slugs) if slug in catalogue.rights]
    works = {slug for slug in known if all(above in slugs for above in catalogue.sections[slug])}
    return Sorted(
        {slug: held[slug] for slug in known if slug in works},
        tuple(slug for slug in known if slug not in works),
        tuple(slug for slug in sorted(slugs) if slug not in catalogue.rights),
    )


def asked(slugs: list[str], catalogue: Catalogue) -> Sorted:
    return sort_rights({slug: Held(f"fact {number}", day(0)) for number, slug in enumerate(slugs)}, catalogue)


def test_any_set_of_rights_is_sorted_by_the_rules() -> None:
    lot = Random(3)
    for size in [0, 1, 2, *(lot.randrange(len(SLUGS)) for _ in range(200))]:
        slugs = lot.sample(SLUGS, size)
        for _ in range(2):
            found = asked(slugs, CATALOGUE)
            assert found == told(slugs, CATALOGUE)
            assert list(found.effective) == sorted(found.effective)


def test_another_catalogue_is_asked_for_itself() -> None:
    slug, above = next((slug, above) for slug, above in CATALOGUE.sections.items() if above)
    flat = replace(CATALOGUE, sha256="0" * 64, sections=dict.fromkeys(CATALOGUE.sections, ()))
    assert asked([slug], CATALOGUE).ineffective == (slug,)
    assert asked([slug], flat).ineffective == ()
    assert asked([slug, *above], CATALOGUE) == told([slug, *above], CATALOGUE)


def test_each_user_holds_rights_since_an_own_fact() -> None:
    slug = next(slug for slug, above in CATALOGUE.sections.items() if not above)
    for fact in ("one", "other"):
        assert sort_rights({slug: Held(fact, day(1))}, CATALOGUE).effective == {slug: Held(fact, day(1))}
