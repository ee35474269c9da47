"""Random ledgers in a real store, and their kept projections."""

from random import Random
from typing import Any

from domain.entries import Entry, Stamp, stream_of
from domain.facts import OBSERVATIONS, read_fact
from infrastructure.catalogues import shipped_catalogues
from infrastructure.kept.projector import Projector
from infrastructure.mapper import new_row
from infrastructure.store import NewRow, Store

CATALOGUES = shipped_catalogues()


def tell(store: Store, raw: list[dict[str, Any]]) -> int:
    """Append facts in this order and settle them; the last position."""
    heads: dict[str, int] = {}
    rows: list[NewRow] = []
    for each in raw:
        entry = Entry(read_fact(each), Stamp())
        stream = stream_of(entry.fact)
        if entry.fact.type not in OBSERVATIONS:
            heads[stream] = heads.get(stream, 0) + 1
        rows.append(new_row(entry, heads.get(stream)))
    store.append(rows)
    return store.sequence()


def keep(store: Store, last: int, lot: Random) -> Projector:
    """Bring the kept projections forward in steps of any size."""
    projector = Projector(store, CATALOGUES)
    position = 0
    while position < last:
        position = min(last, position + lot.choice((1, 2, 3, 7, 20, 100)))
        assert projector.bring_forward(position) == position
    return projector
