"""What is remembered from batch to batch is never ahead of what is kept."""

from collections.abc import Iterator, Mapping, Sequence

import psycopg
import pytest

from domain.entries import Entry
from infrastructure.kept.comparing import compare
from infrastructure.kept.growing import Growing
from infrastructure.kept.kept_strand import KeptStrand
from infrastructure.kept.projector import Projector
from infrastructure.kept.rows import KeptTablesDifferError, Rows
from infrastructure.store import Store
from infrastructure.store.connections import LedgerConnection
from projections.rectangles import Rectangle
from projections.sayings import Saying
from projections.strands import Told
from tests.infrastructure.kept.telling import CATALOGUES, tell
from tests.naive.ledgers import ledger

_REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE OF position ON kept.state FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def told_again(store: Store, database: str) -> list[str]:
    """Tell half a ledger, try the rest in vain, try again; what differs from a fresh fold."""
    last = tell(store, ledger(3))
    projector = Projector(store, CATALOGUES)
    projector.bring_forward(last // 2)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_REFUSE)
        with pytest.raises(psycopg.errors.RaiseException, match="not now"):
            projector.bring_forward(last)
        connection.execute("DROP TRIGGER refuse ON kept.state")
    assert projector.bring_forward(last) == last
    return compare(store, CATALOGUES, sample=None)


def test_a_batch_that_was_not_written_is_told_again(store: Store, database: str) -> None:
    assert told_again(store, database) == []


def test_what_another_process_told_is_recalled(store: Store, database: str) -> None:
    last = tell(store, ledger(3))
    one, other = Projector(store, CATALOGUES), Projector(store, CATALOGUES)
    for position in range(5, last, 5):
        (one if position % 3 else other).bring_forward(position)
    one.bring_forward(last)
    assert compare(store, CATALOGUES, sample=None) == []


def test_remembering_what_was_not_written_is_found(
    store: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, honest = Growing.grown, KeptStrand.tell

    def grown(
        self: Growing,
        reader: LedgerConnection,
        by_location: Mapping[str, Sequence[Entry]],
        after: int,
        upto: int,
    ) -> Rows:
        self.written(after)
        return whole(self, reader, by_location, after, upto)

    def unnoted(self: KeptStrand, entry: Told) -> Iterator[Rectangle | Saying]:
        yield from honest(self, entry)
        self.told.pop()

    monkeypatch.setattr(Growing, "grown", grown)
    monkeypatch.setattr(KeptStrand, "tell", unnoted)
    try:
        found = told_again(store, database)
    except (KeptTablesDifferError, KeyError):
        return
    assert found
