"""A rebuild reads what decides a location once, for its rows and its log lines, and keeps what telling keeps."""

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from domain.entries import Entry, Stamp, stream_of
from domain.facts import OBSERVATIONS, read_fact
from infrastructure.kept import rebuild, teams, worker
from infrastructure.kept.projector import Projector
from infrastructure.kept.rebuild import remake
from infrastructure.kept.worker import Worker
from infrastructure.mapper import new_row
from infrastructure.store import Store
from tests.benchmarks.generate import chain
from tests.infrastructure.kept.telling import CATALOGUES
from tests.infrastructure.kept.test_killed import contents

UNREADABLE = (3, 40, 41, 90)
"""Places of facts that no program reads, among those that decide and those that were seen."""


@pytest.fixture
def told(store: Store, database: str) -> dict[str, list[tuple[object, ...]]]:
    """What is kept of a small chain after it was told, some of its rows being unreadable."""
    heads: dict[str, int] = {}
    for place, raw in enumerate(chain(160, seed=9, locations=3, observed=0.4)):
        entry = Entry(read_fact(raw), Stamp())
        stream = stream_of(entry.fact)
        if entry.fact.type not in OBSERVATIONS:
            heads[stream] = heads.get(stream, 0) + 1
        row = new_row(entry, heads.get(stream))
        store.append([replace(row, body=b"[]") if place in UNREADABLE else row])
    Projector(store, CATALOGUES).bring_forward()
    kept = everything(database)
    assert len(kept["unread"]) == len(UNREADABLE)
    return kept


def everything(database: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of what is kept, the parts of a block of the log together."""
    with psycopg.connect(database) as connection:
        spans = connection.execute(
            "SELECT block, min(known_from), max(known_to) FROM kept.log_spans GROUP BY block ORDER BY block"
        ).fetchall()
    return {**contents(database), "log_spans": spans}


@pytest.mark.parametrize("at_hand", [1_000, 10])
def test_a_rebuild_keeps_what_telling_keeps(
    at_hand: int, told: dict[str, Any], store: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teams, "_AT_HAND", at_hand)
    monkeypatch.setattr(teams, "_READ_AGAIN", at_hand)
    monkeypatch.setattr(teams, "_ENOUGH", at_hand)
    monkeypatch.setattr(rebuild, "RANGE", 50)
    remake(store, CATALOGUES)
    assert everything(database) == told


@pytest.mark.parametrize("broken", ["unheard", "unread", "twice", "spans"])
def test_what_is_left_out_or_read_twice_is_noticed(
    broken: str, told: dict[str, Any], store: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    match broken:
        case "unheard":
            monkeypatch.setattr(Worker, "_hear", lambda *_: None)
        case "unread":
            monkeypatch.setattr(Worker, "_unread", lambda *_: None)
        case "twice":
            monkeypatch.setattr(worker, "_of_its_location", lambda *_: False)
        case _:
            monkeypatch.setattr(rebuild, "_SQL", {**rebuild._SQL, "spans": b"SELECT %(bits)s::int"})
    try:
        remake(store, CATALOGUES)
    except psycopg.errors.UniqueViolation:
        assert broken == "twice"  # a row that cannot be read is noted once
    else:
        assert everything(database) != told
