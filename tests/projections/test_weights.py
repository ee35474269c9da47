"""What a part weighs is what the terms say of it, whichever rights it has and whichever catalogue they are read by."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest

from domain.catalogue import Catalogue
from domain.readings import CREATE, PAY, READINGS
from domain.rights import classes_of, sort_rights
from domain.team import Held, User
from domain.terms import Person, access_rights, client_interaction
from infrastructure.catalogues import shipped_catalogues
from projections import weights
from projections.grouped_rights import Grouping
from projections.parts import UserPart
from projections.weights import Scales, bit_of
from projections.written_parts import Slugs

CATALOGUES = shipped_catalogues()
NOW = Held("f", datetime(2024, 3, 1, tzinfo=UTC))


def users() -> Iterator[User]:
    """Users with all, many, few and single rights, some of them unknown to every catalogue."""
    chance = Random(11)
    slugs = [*sorted({slug for each in CATALOGUES.values() for slug in each.rights}), "unheard_of", "another"]
    sets = [[], slugs, *([slug] for slug in slugs), [CREATE, PAY]]
    sets += [chance.sample(slugs, chance.randint(1, len(slugs))) for _ in range(600)]
    for some in sets:
        for role in ("owner", "administrator", "other"):
            invitation = chance.choice([None, NOW])
            held = {slug: Held(f"f{chance.randrange(3)}", NOW.since) for slug in some}
            yield User("ann", None, role, NOW, held, {}, "f", NOW, invitation)


def billable(user: User, catalogue: Catalogue) -> tuple[bool, bool]:
    person = Person(None, user, sort_rights(user.rights, catalogue), classes_of(catalogue, READINGS), READINGS)
    return access_rights(person).billable, client_interaction(person).billable


def disagreements(scales: Scales) -> list[User]:
    wrong = []
    for user in users():
        weight = scales.weigh(UserPart(user, None, scheduled=False))
        for version, catalogue in CATALOGUES.items():
            found = bool(weight.paid & bit_of(version)), bool(weight.interacts & bit_of(version))
            if found != billable(user, catalogue):
                wrong.append(user)
    return wrong


def test_parts_weigh_what_the_terms_say() -> None:
    found = {billable(user, catalogue) for user in users() for catalogue in CATALOGUES.values()}
    assert len(found) == 4, "not every kind of user is here"
    assert disagreements(Scales(CATALOGUES)) == []


def test_rights_that_tell_and_are_not_looked_at_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_OF_INTERACTION", frozenset({CREATE}))
    assert disagreements(Scales(CATALOGUES))


def test_no_right_is_lost_in_a_group() -> None:
    slugs = Slugs.of(CATALOGUES)
    for user in users():
        grouped = Grouping.of(slugs).grouped(user.rights)
        found = {slug: held for held, number, unknown in grouped.groups for slug in (*slugs.named(number), *unknown)}
        assert found == dict(user.rights)
        assert set(slugs.named(grouped.number)) == user.rights.keys() & set(slugs.ordered)
