"""Faults of a server as it runs: ended, killed, without its database, on a machine whose clock is wrong."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psutil
import pytest

from infrastructure.importing import Importer
from infrastructure.store import Store, migrate
from infrastructure.wiring import application
from tests.infrastructure.http.processes import Process, Writer, key_of, lost, serving, shifted_clock
from tests.infrastructure.http.serving import running
from tests.infrastructure.http.told import story_lines
from tests.infrastructure.store.servers import FAST, Server
from tests.infrastructure.store.waiting import until


def test_asked_to_end_it_ends_streams_and_polls_and_finishes_what_runs(told: str) -> None:
    key = key_of(told)
    with serving(told) as served, ExitStack() as stack:
        writer = stack.enter_context(Writer(served.address, key))
        client = stack.enter_context(served.client(key, Accept="text/event-stream"))
        stream = stack.enter_context(client.stream("GET", "/v1/facts", params={"after": 10**12}))
        lines = stream.iter_lines()
        assert next(lines).startswith("retry: ")
        polled: list[int] = []

        def poll() -> None:
            with served.client(key) as caller:
                polled.append(caller.get("/v1/facts", params={"after": 10**12, "wait": 30}).status_code)

        waiting = threading.Thread(target=poll)
        waiting.start()
        writer.wait_for_more(10)
        until(lambda: _running(served) >= 3)
        assert served.end(signal.SIGTERM) == 130
        waiting.join()
        assert polled == [200]
        assert list(lines)[-1:] == [""]
    assert lost(told, writer.acknowledged) == []


def _running(served: Process) -> float:
    """How many requests are under way, beside the one that asks."""
    text = httpx.get(f"{served.address}/metrics").text
    (line,) = [line for line in text.splitlines() if line.startswith("accessledger_requests_running ")]
    return float(line.split()[1]) - 1


def test_killed_under_load_it_loses_nothing_and_the_next_one_serves_at_once(told: str) -> None:
    key = key_of(told)
    with ExitStack() as stack:
        served = stack.enter_context(serving(told))
        port = int(served.address.rsplit(":", 1)[1])
        writers = [stack.enter_context(Writer(served.address, key)) for _ in range(4)]
        for _ in range(2):
            for writer in writers:
                writer.wait_for_more(10)
            assert served.end(signal.SIGKILL) == -signal.SIGKILL
            # The writers are still there and give again, by its id, what was not acknowledged.
            served = stack.enter_context(serving(told, port=port))
        for writer in writers:
            writer.wait_for_more(5)
    acknowledged = [fact for writer in writers for fact in writer.acknowledged]
    assert lost(told, acknowledged) == []
    assert len(lost(told, [*acknowledged, uuid4()])) == 1, "no tooth"


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A database server that may go away, with the demo's year."""
    # What it has confirmed outlives its sudden end: that is the promise here.
    server = Server({**FAST, "synchronous_commit": "on"})
    try:
        server.start()
        migrate(server.url())
        with Store(server.url()) as store:
            ledger = application(store)
            assert isinstance(ledger.importer, Importer)
            ledger.importer.run(story_lines(), name="the demo's story", by="tests")
        yield server
    finally:
        with suppress(psutil.NoSuchProcess):
            _freeze(server, frozen=False)
        server.remove()


def _freeze(server: Server, *, frozen: bool) -> None:
    """Stop every process of a server where it stands, or let them go on."""
    if server._postmaster is None:
        return
    postmaster = psutil.Process(server._postmaster.pid)
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.suspend() if frozen else process.resume()


AWAY = 10.0
"""Seconds without a database: as long as the store itself is patient, so that this cannot be waited out."""


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_a_database_that_is_away_is_said_at_once_and_costs_nothing(own_server: Server, how: str) -> None:
    database = own_server.url()
    key = key_of(database)
    with serving(database) as served, served.client(key) as client:
        with Writer(served.address, key) as writer:
            writer.wait_for_more(20)
            if how == "frozen":
                _freeze(own_server, frozen=True)
            else:
                own_server.stop()
            begun, asked = time.monotonic(), 0
            # More than there are threads: each of them is answered while the database is still away.
            while asked < 50 or time.monotonic() - begun < AWAY:
                got = client.get("/v1/locations/berlin/seats")
                assert (got.status_code, got.json()["code"]) == (503, "unavailable")
                assert got.headers["retry-after"]
                asked += 1
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["database"]) == (503, "does not answer")
            assert client.get("/livez").status_code == 200
            until(lambda: writer.problems["503 unavailable"])
            if how == "frozen":
                _freeze(own_server, frozen=False)
            else:
                own_server.start()
            until(lambda: client.get("/readyz").status_code == 200)
            writer.wait_for_more(20)
            assert client.get("/v1/locations/berlin/seats").status_code == 200
        until(lambda: client.get("/readyz").json()["projections_behind"] == 0)
        before = client.get("/readyz").json()["position"]
        _tell_from_outside(database)
        # Nobody else gives it a position or keeps it: the server's own threads have outlived it.
        until(lambda: (now := client.get("/readyz").json())["position"] > before and not now["projections_behind"])
    assert set(writer.problems) <= {"503 unavailable", "503 busy", "409 conflict"}
    assert lost(database, writer.acknowledged) == []


def _tell_from_outside(database: str) -> None:
    """A new fact by another process's hands, which gives it no position."""
    with Store(database) as store:
        command = {
            "command": "add_team_member",
            "id": str(uuid4()),
            "location": "berlin",
            "actor": {"kind": "person", "id": "acc-olga"},
            "device": {"id": "dev-1"},
            "data": {"member": "nia", "name": "Nia"},
        }
        assert application(store).desk.submit(command).appended is not None


def test_a_machine_with_a_wrong_clock_writes_the_time_of_the_ledger(told: str, tmp_path: Path) -> None:
    key = key_of(told)
    with serving(told, more=shifted_clock(tmp_path)) as served, Store(told) as store, served.client(key) as client:
        before = store.now()
        command = {"command": "add_team_member", "location": "berlin", "data": {"member": "nia", "name": "Nia"}}
        got = client.post("/v1/commands", json=command).json()
        after = store.now()
        (fact,) = store.find([UUID(got["appended"][0]["id"])])
        assert before <= fact.recorded_at <= after


def test_a_ledger_clock_that_is_set_back_never_takes_time_back(told: str) -> None:
    with Store(told) as store:
        now = store.now()
    clock = [now]
    with running(told, clock=lambda: clock[0]) as served, served.client(served.key()) as client:
        recorded = []
        for hours, member in ((0, "one"), (-1, "two"), (-48, "three"), (1, "four")):
            clock[0] = now + timedelta(hours=hours)
            command = {"command": "add_team_member", "location": "berlin", "data": {"member": member, "name": member}}
            got = client.post("/v1/commands", json=command)
            assert got.status_code == 200, got.text
            recorded.append(got.json()["appended"][0]["recorded_at"])
            seats = client.get("/v1/locations/berlin/seats", params={"known": recorded[-1]})
            assert seats.status_code == 200
            again = client.get(seats.headers["content-location"])
            assert again.content == seats.content
    assert recorded == sorted(recorded)
