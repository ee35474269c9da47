"""The sequencer in the background gives positions by itself, and goes on after the database was away."""

import time

from infrastructure.store import Sequencer, Store
from tests.infrastructure.store.making import row
from tests.infrastructure.store.servers import Server
from tests.infrastructure.store.waiting import ENOUGH, until

_END_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'accessledger'"


def test_positions_come_without_being_asked_for(store: Store, database: str) -> None:
    with Sequencer(store), Store(database) as elsewhere:
        store.append([row("location:L1", 1)])
        until(lambda: store.last_position() == 1)
        elsewhere.append([row("location:L1", 2)])
        until(lambda: store.last_position() == 2)
    store.append([row("location:L1", 3)])
    time.sleep(0.2)
    assert store.last_position() == 2


def test_it_goes_on_after_its_connections_were_ended(server: Server, database: str) -> None:
    with Store(database, patience=ENOUGH) as store, Sequencer(store):
        for version in range(1, 4):
            server.execute(_END_CONNECTIONS)
            store.append([row("location:L1", version)])
            until(lambda: store.last_position() == version)  # noqa: B023 - waited for within the loop
