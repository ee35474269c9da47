"""The sequencer in the background gives positions by itself, and goes on after the database was away."""

import time

from infrastructure.store import Sequencer, Store
from tests.infrastructure.store.making import row
from tests.infrastructure.store.servers import Server

_END_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'accessledger'"


def _position_soon(store: Store, expected: int, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if store.last_position() == expected:
            return True
        time.sleep(0.005)
    return False


def test_positions_come_without_being_asked_for(store: Store, database: str) -> None:
    with Sequencer(store), Store(database) as elsewhere:
        store.append([row("location:L1", 1)])
        assert _position_soon(store, 1, within=1)
        elsewhere.append([row("location:L1", 2)])
        assert _position_soon(store, 2, within=1)
    store.append([row("location:L1", 3)])
    time.sleep(0.2)
    assert store.last_position() == 2


def test_it_goes_on_after_its_connections_were_ended(server: Server, database: str) -> None:
    with Store(database, patience=5) as store, Sequencer(store):
        for version in range(1, 4):
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'accessledger'"
            )
            store.append([row("location:L1", version)])
            assert _position_soon(store, version, within=5)
