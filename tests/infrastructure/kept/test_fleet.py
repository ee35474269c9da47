"""The counts of all locations: the SQL twin and a fold of each agree at every point, under every generation."""

from random import Random

import pytest

from domain import canonical
from infrastructure.books import Books
from infrastructure.kept import fleet
from infrastructure.kept.kept import Kept
from infrastructure.store import Store
from projections.fleet import Tally
from tests.infrastructure.kept.telling import CATALOGUES, keep, tell
from tests.naive.ledgers import grid, ledger, shuffled_by_location

GENERATIONS = (None, "service_providers", "client_interaction", "access_rights")


@pytest.mark.parametrize("seed", range(8))
def test_the_twin_agrees_with_the_fold(store: Store, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if seed % 2:  # in statements side by side, which a ledger of few locations does not need
        monkeypatch.setattr(fleet, "_SHARE", 1)
    raw = ledger(seed)
    last = tell(store, shuffled_by_location(raw, seed))
    keep(store, last, Random(seed))
    lot, kept, now = Random(seed), Kept(store, CATALOGUES), store.now()
    for on, known in grid(raw, 10, seed):
        position = lot.choice((last, lot.randint(1, last)))
        folded = Books(store, CATALOGUES, position=position, now=now)
        quick = Books(store, CATALOGUES, position=position, now=now, kept=kept)
        for moments in ((on, known), (on.date(), known.date())):
            for terms in GENERATIONS:
                expected, found = folded.fleet(*moments, terms=terms), quick.fleet(*moments, terms=terms)  # type: ignore[arg-type] # names of generations
                assert canonical.write(found) == canonical.write(expected)


def test_the_sums_and_the_chain(store: Store) -> None:
    raw = ledger(5)
    last = tell(store, raw)
    keep(store, last, Random(5))
    answer = Books(store, CATALOGUES, kept=Kept(store, CATALOGUES)).fleet()
    rows = answer["locations"]
    assert answer["totals"]["billable"] == sum(row["billable"] for row in rows)
    assert answer["totals"]["locations"] == len(rows)
    chains = {row["chain"] for row in rows if row["chain"]}
    for chain in chains:
        some = Books(store, CATALOGUES, kept=Kept(store, CATALOGUES)).fleet(chain=chain)["locations"]
        assert some == [row for row in rows if row["chain"] == chain]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_twin_without_the_free_owner_is_found(store: Store, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tally, "billable", lambda self, _terms: self.on_schedule + self.interacting)
    with pytest.raises(AssertionError):
        test_the_twin_agrees_with_the_fold(store, seed, monkeypatch)
