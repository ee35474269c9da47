"""A sound ledger passes every check, and for every check there is a ledger that fails it."""

from uuid import uuid4

import psycopg
import pytest

from infrastructure.store import Store, checks
from infrastructure.store.checks import CHECKS, check_all
from tests.infrastructure.store.making import row, rows
from tests.infrastructure.walls.unguarded import unguard

_BROKEN = {
    "positions_without_gaps": "UPDATE ledger.positions SET position = position + 1 WHERE position >= 4",
    "positions_have_entries": "DELETE FROM ledger.entries WHERE id = 6",
    "commit_order": "UPDATE ledger.positions SET entry = CASE entry WHEN 2 THEN -1 ELSE 2 END WHERE entry IN (2, 3);"
    "UPDATE ledger.positions SET entry = 3 WHERE entry = -1",
    "versions_without_gaps": "UPDATE ledger.entries SET version = version + 1 WHERE id = 4",
    "versions_in_order": "UPDATE ledger.entries SET version = version + 10 WHERE id = 2",
    "times_never_back": "UPDATE ledger.entries SET recorded_at = recorded_at - interval '1 day' WHERE id = 3",
    "all_settled": "DELETE FROM ledger.positions WHERE position = 3",
    "sequencer_at_the_end": "UPDATE ledger.sequencer SET position = position - 1",
    "ids_claimed": "DELETE FROM ledger.facts WHERE entry = 5",
    "ids_used": "INSERT INTO ledger.facts (fact, entry) VALUES (gen_random_uuid(), 2)",
    "retired_kept": "INSERT INTO ledger.retirements (partition, starts, ends, facts, first_position, last_position)"
    " VALUES ('observations_2019', '2019-01-01 00:00+00', '2020-01-01 00:00+00', 1, 1, 1)",
}


@pytest.fixture
def filled(store: Store) -> Store:
    """A ledger of four versions, one fact with another inside, and two observations."""
    store.append(rows("location:L1", 1, 4))
    store.append([row("account:a", 1, inner=(uuid4(),))])
    store.append([row("observations:L1"), row("observations:L1")])
    assert store.sequence() == 7
    return store


def test_a_sound_ledger_passes(filled: Store) -> None:
    assert check_all(filled) == []


def test_an_empty_ledger_passes(store: Store) -> None:
    assert check_all(store) == []


def test_every_check_has_a_broken_ledger() -> None:
    assert set(_BROKEN) == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_broken_ledger_is_found_by_its_check(
    filled: Store, database: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_TIME_TO_SETTLE", 0.2)
    unguard(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(b"ALTER TABLE ledger.positions DROP CONSTRAINT positions_pkey")
        connection.execute(b"ALTER TABLE ledger.positions DROP CONSTRAINT positions_entry_key")
        connection.execute(_BROKEN[name].encode())
    found = CHECKS[name](filled)
    assert found, f"{name} did not see it"
    assert all(one.position is not None or one.entry is not None for one in found)
    assert all("{" not in one.sentence for one in found)
