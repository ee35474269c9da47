"""Facts shown whole from what is kept are those of the whole record, to the byte."""

import random

import pytest

from infrastructure.books import Books, NotFoundError
from infrastructure.catalogues import shipped_catalogues
from infrastructure.kept import surroundings
from infrastructure.kept.asked import Asked
from infrastructure.kept.citing import KeptCitation
from infrastructure.store import Store
from projections.filters import EVERYTHING
from tests.infrastructure.kept.log_tables import NOW, bring, keep
from tests.infrastructure.kept.telling import keep as keep_everything
from tests.naive.ledgers import inside, ledger, locations
from tests.naive.reading import instant

CATALOGUES = shipped_catalogues()
SEEDS = range(6)


def differing(store: Store, seed: int, facts: list[dict[str, object]]) -> list[str]:
    """Ids of facts that are shown otherwise than by the books."""
    lot = random.Random(seed)
    last = store.last_position()
    wrong: list[str] = []
    for place in locations(facts):
        for _ in range(4):
            known = lot.choice(facts)["recorded_at"]
            position = lot.choice((last, lot.randint(1, last)))
            books = Books(store, CATALOGUES, position=position, now=NOW)
            when = lot.choice((None, instant(str(known))))
            ids = [one["id"] for fact in facts if fact.get("location") in {place, None} for one in inside(fact)]
            try:
                whole = books.citation(place, when)
            except NotFoundError:
                continue
            shown = {name: whole.of_id(name) for name in ids if name in whole._lines}
            cite = KeptCitation(store, CATALOGUES, Asked(place, EVERYTHING, position, NOW, known=when, observed=False))
            some = lot.sample(sorted(shown), min(len(shown), 12))
            cite.read(some[:6])
            wrong += [name for name in some if cite.of_id(name) != shown[name]]
    return wrong


@pytest.mark.parametrize("seed", SEEDS)
def test_kept_and_whole_are_the_same(seed: int, database: str, store: Store) -> None:
    facts = ledger(seed, 120)
    bring(store, facts)
    if seed % 2:
        keep(database, store, seed=seed)
    else:
        keep_everything(store, store.last_position(), random.Random(seed))
    assert differing(store, seed, facts) == []


def test_what_is_not_surrounded_shows(database: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = ledger(1, 120)
    bring(store, facts)
    keep(database, store)
    monkeypatch.setattr(surroundings, "left_out_of", lambda _: {})
    assert differing(store, 1, facts)
