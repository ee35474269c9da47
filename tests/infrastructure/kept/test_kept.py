"""Answers looked up in kept projections are those of a fold, to the byte, at every point of both times."""

from itertools import pairwise
from random import Random

import pytest

from domain import canonical
from infrastructure.books import Books
from infrastructure.kept.comparing import differing
from infrastructure.kept.kept import Kept
from infrastructure.kept.projector import Projector
from infrastructure.kept.rows import Clerk
from infrastructure.kept.teams import Teams
from infrastructure.store import Store
from infrastructure.store.connections import LedgerConnection
from projections.weights import Scales
from projections.written_parts import Slugs
from tests.infrastructure.kept.telling import CATALOGUES, keep, tell
from tests.infrastructure.store.making import rows
from tests.naive.ledgers import grid, ledger, locations, shuffled_by_location

SEEDS = range(12)
TEAMS = Teams(Clerk(Slugs.of(CATALOGUES), Scales(CATALOGUES)))


def on_the_path(database: str) -> LedgerConnection:
    """A connection that sees the kept tables as the projector does."""
    return LedgerConnection.connect(database, autocommit=True, options="-c search_path=kept -c timezone=UTC")


@pytest.mark.parametrize("seed", SEEDS)
def test_kept_and_folded_answers_are_the_same_bytes(store: Store, database: str, seed: int) -> None:
    raw = ledger(seed)
    told = shuffled_by_location(raw, seed) if seed % 2 else raw
    last = tell(store, told)
    lot = Random(seed)
    keep(store, last, lot)
    kept, now = Kept(store, CATALOGUES), store.now()
    looked_up = 0
    for on, known in grid(raw, 20, seed):
        position = lot.choice((last, lot.randint(1, last)))
        folded = Books(store, CATALOGUES, position=position, now=now)
        quick = Books(store, CATALOGUES, position=position, now=now, kept=kept)
        for location in locations(raw):
            if kept.place(location, position) is None:
                continue
            looked_up += 1
            for ask in ("seats", "access", "charges", "roster"):
                expected = canonical.write(getattr(folded, ask)(location, on, known))
                assert canonical.write(getattr(quick, ask)(location, on, known)) == expected
            for seat in sorted({row["member"] or row["account"] for row in folded.seats(location, on, known)["seats"]})[
                :2
            ]:
                expected = canonical.write(folded.explanation(location, seat, on, known))
                assert canonical.write(quick.explanation(location, seat, on, known)) == expected
    assert looked_up or seed not in {0, 1}


def test_books_are_opened_with_all_that_can_have_a_position(store: Store) -> None:
    last = tell(store, ledger(3))
    keep(store, last, Random(3))
    kept, before = Kept(store, CATALOGUES), store.now()
    opening = kept.opening()
    assert (opening.last, opening.kept_to, opening.to_be_kept_again) == (last, last, False)
    assert before <= opening.now <= store.now()
    store.append(rows("location:L9", 1, 7))
    assert (kept.opening(batch=2).last, kept.opening().kept_to) == (last + 7, last)


@pytest.mark.parametrize("seed", SEEDS)
def test_kept_lists_differ_by_the_same_facts_as_folded_ones(store: Store, database: str, seed: int) -> None:
    raw = ledger(seed + 200)
    last = tell(store, shuffled_by_location(raw, seed))
    keep(store, last, Random(seed))
    kept, now = Kept(store, CATALOGUES), store.now()
    folded, quick = Books(store, CATALOGUES, now=now), Books(store, CATALOGUES, now=now, kept=kept)
    differing_seats = looked_up = 0
    for (on, known), (other_on, other_known) in pairwise(grid(raw, 9, seed)):
        for location in locations(raw):
            looked_up += kept.place(location, last) is not None
            # Far apart on one axis, on the other one, and on both.
            for other in ((other_on, known), (on, other_known), (other_on, other_known)):
                expected = folded.difference(location, (on, known), other)
                assert canonical.write(quick.difference(location, (on, known), other)) == canonical.write(expected)
                differing_seats += len(expected["differences"])
    assert looked_up or seed not in {0, 1}
    assert differing_seats


@pytest.mark.parametrize("seed", SEEDS)
def test_brought_forward_in_steps_the_tables_are_those_of_a_fresh_fold(store: Store, database: str, seed: int) -> None:
    raw = ledger(seed + 100)
    last = tell(store, shuffled_by_location(raw, seed))
    keep(store, last, Random(seed))
    with on_the_path(database) as connection:
        for location in locations(raw):
            assert differing(connection, TEAMS, location, last) == []


def test_a_row_that_was_changed_is_found(store: Store, database: str) -> None:
    last = tell(store, ledger(3))
    keep(store, last, Random(3))
    with on_the_path(database) as connection:
        connection.execute("UPDATE parts SET known_to = known_from + 1 WHERE ctid = (SELECT min(ctid) FROM parts)")
        found = [
            sentence for location in locations(ledger(3)) for sentence in differing(connection, TEAMS, location, last)
        ]
    assert len(found) == 1
    assert found[0].startswith("parts of L")


def test_telling_twice_changes_nothing(store: Store, database: str) -> None:
    last = tell(store, ledger(4))
    projector = Projector(store, CATALOGUES)
    assert projector.bring_forward() == projector.bring_forward() == last
