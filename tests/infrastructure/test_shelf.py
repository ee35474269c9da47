"""The shelf under many threads: whoever reads, in whatever order, finds what reading and folding everything finds."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from domain.facts import TeamMemberAdded
from domain.ledger import Ledger
from domain.present import present
from infrastructure.catalogues import shipped_catalogues
from infrastructure.shelf import Committed, Shelf
from infrastructure.store import Store
from tests.infrastructure.at_the_desk import a_desk, done, opened
from tests.infrastructure.store.servers import Server

PLACES = ("L1", "L2", "L3")
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def _at_once(call: Callable[[int], Any], threads: int = 8) -> list[Any]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(call, range(threads)))


def _ledger(found: Committed) -> Ledger:
    return Ledger(found.entries, shipped_catalogues())


@pytest.mark.parametrize("streams", [1, 256])
def test_readers_beside_writers_find_every_version_once_and_in_order(store: Store, streams: int) -> None:
    """With one stream kept, streams push each other out all the time."""
    desk, shelf = a_desk(store), Shelf(store, streams=streams)
    opened(desk, *PLACES)

    def write(number: int) -> None:
        for turn in range(4):
            member = f"m-{number}-{turn}"
            done(desk, "add_team_member", PLACES[turn % len(PLACES)], member=member, name="Sana")

    def read(number: int) -> list[tuple[int, int]]:
        lot, found = Random(number), []
        for _ in range(15):
            read = shelf.committed(f"location:{lot.choice(PLACES)}")
            found.append((read.version, len(read.entries)))
        return found

    seen = _at_once(lambda number: read(number) if number % 2 else write(number))
    assert all(version == count for found in seen if found for version, count in found)
    for place in PLACES:
        kept, anew = shelf.committed(f"location:{place}"), Shelf(store).committed(f"location:{place}")
        assert [entry.fact.id for entry in kept.entries] == [entry.fact.id for entry in anew.entries]
        assert (kept.version, kept.last) == (anew.version, anew.last)


def test_a_thread_that_read_earlier_gets_the_fold_of_what_it_read(store: Store) -> None:
    desk, shelf = a_desk(store), Shelf(store)
    opened(desk, "L1")
    reads = [shelf.committed("location:L1")]
    for number in range(6):
        done(desk, "add_team_member", "L1", member=f"m-{number}", name="Sana")
        reads.append(shelf.committed("location:L1"))
    # Every thread folds all that was read, each in an order of its own: shorter ledgers come after longer ones.
    orders = [Random(number).sample(reads, len(reads)) for number in range(8)]

    def fold(number: int) -> None:
        for read in orders[number]:
            found = shelf.present("location:L1", 0, _ledger(read), LATER)
            assert found.team == present(_ledger(read), LATER).team
            assert found.seen == len(read.entries)

    _at_once(fold)


def test_a_database_that_has_lost_commits_is_read_anew(server: Server, template: str) -> None:
    """As after a failover to a standby that had not got them yet; what was on the shelf is not decided on any more."""
    for name in ("lost", "kept"):
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        with Store(server.url("lost")) as store:
            desk = a_desk(store)
            opened(desk, "L1")
            for member in ("sana", "cleo"):  # the second brings the first onto the shelf
                done(desk, "add_team_member", "L1", member=member, name=member)
            with Store(server.url("kept")) as other:
                opened(a_desk(other), "L1")
                done(a_desk(other), "add_team_member", "L1", member="mia", name="Mia")
                done(a_desk(other), "add_team_member", "L1", member="max", name="Max")
            server.execute("DROP DATABASE lost WITH (FORCE)")
            server.execute("ALTER DATABASE kept RENAME TO lost")
            done(desk, "add_team_member", "L1", member="sana", name="Sana")
            found = Shelf(store).committed("location:L1")
            members = [
                entry.fact.data.member for entry in found.entries if isinstance(entry.fact.data, TeamMemberAdded)
            ]
            assert members == ["ann", "mia", "max", "sana"]
    finally:
        for name in ("lost", "kept"):
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
