"""The present that grows is the present folded anew, whatever comes and however the clock goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from domain.entries import Entry, Stamp
from domain.facts import read_fact
from domain.instants import write_instant
from domain.ledger import Ledger
from domain.present import Present, present
from tests.naive.ledgers import ledger, locations
from tests.projections.twice_read import CATALOGUES, entries_of, of_location


def grown(entries: list[Entry], seed: int) -> tuple[int, int]:
    """Go through a ledger a few entries at a time; how often what was there was gone on from, and how often not."""
    lot = Random(seed)
    before: Present | None = None
    seen = kept = anew = 0
    while seen < len(entries):
        seen = min(len(entries), seen + lot.randrange(4))
        last = max((entry.fact.recorded_at for entry in entries[:seen]), default=entries[0].fact.recorded_at)
        at = last + timedelta(days=lot.choice((-400, 0, 0, 0, 0, 1, 30)), microseconds=lot.randrange(2))
        whole = Ledger([replace(entry, position=None) for entry in entries[:seen]], CATALOGUES)
        now = present(whole, at, before)
        assert now == present(whole, at)
        assert now.cut.catalogue is present(whole, at).cut.catalogue
        if before is not None and now.cut.left_out is before.cut.left_out:
            kept += 1
        else:
            anew += 1
        before = now
    return kept, anew


@pytest.mark.parametrize("seed", range(300, 340))
def test_growing_is_folding_anew(seed: int) -> None:
    raw = ledger(seed)
    for location in locations(raw):
        grown(of_location(entries_of(raw), location), seed)


def test_it_often_grows_and_is_folded_anew_where_it_must_be() -> None:
    found = [
        grown(of_location(entries_of(raw), location), seed)
        for seed in range(300, 310)
        for raw in [ledger(seed)]
        for location in locations(raw)
    ]
    kept, anew = (sum(each) for each in zip(*found, strict=True))
    assert min(kept, anew) > 50, (kept, anew)


def test_more_seen_than_is_there_is_folded_anew() -> None:
    raw = ledger(300)
    location = next(iter(locations(raw)))
    entries = of_location(entries_of(raw), location)
    at = entries[-1].fact.recorded_at
    fewer = Ledger(entries[:-5], CATALOGUES)
    assert present(fewer, at, present(Ledger(entries, CATALOGUES), at)) == present(fewer, at)


def test_a_catalogue_is_in_force_from_its_instant_on() -> None:
    catalogues = {1: CATALOGUES[1], 2: replace(CATALOGUES[1], version=2)}
    now = datetime(2026, 3, 1, tzinfo=UTC)
    to_come = now + timedelta(days=1)
    raw: dict[str, Any] = {
        "id": "00000000-0000-4000-8000-000000000001",
        "type": "CataloguePublished",
        "recorded_at": write_instant(now),
        "effective_at": write_instant(to_come),
        "actor": {"kind": "system", "id": "terms"},
        "change": "published",
        "data": {"version": 2, "sha256": catalogues[2].sha256},
    }
    first = Entry(
        read_fact({**raw, "effective_at": raw["recorded_at"], "data": {**raw["data"], "version": 1}}), Stamp()
    )
    second = Entry(read_fact({**raw, "id": "00000000-0000-4000-8000-000000000002"}), Stamp())
    before = present(Ledger([first], catalogues), now)
    told = present(Ledger([first, second], catalogues), now, before)
    assert told.cut.catalogue.version == 1
    for at in (to_come, to_come + timedelta(days=1)):
        assert present(Ledger([first, second], catalogues), at, told).cut.catalogue.version == 2
