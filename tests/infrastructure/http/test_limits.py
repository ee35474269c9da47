"""What a caller can hold up: a head that never ends, an answer that nobody takes, too much at once."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from starlette.types import Message, Receive, Scope, Send

from infrastructure.http.lanes import Lane, Lanes, connections_needed
from infrastructure.http.serving_crowd import Crowd
from infrastructure.http.serving_protocol import BoundedProtocol
from tests.infrastructure.http.serving import Running, running
from tests.infrastructure.store.waiting import until, until_held_up


def connected(served: Running, *, takes: int | None = None) -> socket.socket:
    """A connection to it; `takes` bytes at a time at most."""
    host, _, port = served.address.removeprefix("http://").partition(":")
    connection = socket.socket()
    if takes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
    connection.settimeout(60)
    connection.connect((host, int(port)))
    return connection


HALF = b"GET /livez HTTP/1.1\r\nHost: he"
WHOLE = HALF + b"re\r\n\r\n"


@pytest.mark.parametrize("said", [(), (HALF,), (WHOLE, HALF)])
def test_a_head_that_does_not_end_ends_the_connection(
    demo: Running, monkeypatch: pytest.MonkeyPatch, said: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_time", 0.3)
    with connected(demo) as connection, suppress(ConnectionResetError):
        for piece in said:
            connection.sendall(piece)
            if piece == WHOLE:
                _read_until(connection, b"ok\n")
        while connection.recv(65_536):
            pass
    with demo.client() as client:
        assert client.get("/livez").status_code == 200


def test_a_connection_that_is_used_stays(demo: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_time", 0.3)
    ended = threading.Event()
    request = b"GET /livez HTTP/1.1\r\nHost: here\r\n\r\n"
    with connected(demo) as connection:
        for piece in (request, request[:10], request[10:]):
            connection.sendall(piece)
            if piece.endswith(b"\r\n\r\n"):
                _read_until(connection, b"ok\n")
            ended.wait(0.2)


def test_an_answer_that_nobody_takes_is_given_up(demo: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedProtocol, "stall_time", 0.3)
    asked = 20
    head = f"GET /v1/facts?limit=1000 HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {demo.key('feed')}\r\n\r\n"
    with connected(demo, takes=1_024) as connection:
        connection.sendall(head.encode() * asked)
        until(lambda: demo.server.server_state.total_requests)
        until(lambda: not demo.server.server_state.connections)
        given_up = b"".join(_until_it_ends(connection))
    assert given_up.count(b"HTTP/1.1 200") < asked


def _until_it_ends(connection: socket.socket) -> Iterator[bytes]:
    while piece := connection.recv(1 << 20):
        yield piece


def _read_until(connection: socket.socket, end: bytes) -> None:
    found = b""
    while not found.endswith(end):
        piece = connection.recv(65_536)
        assert piece
        found += piece


def test_more_than_may_wait_are_told_to_come_back(told: str) -> None:
    lanes = Lanes()
    lanes.questions = Lane("questions", 1, 1)
    with running(told, lanes=lanes) as served, served.client(served.key()) as client:
        path = "/v1/locations/berlin/seats"
        assert client.get(path).status_code == 200
        waiting: list[int] = []
        with psycopg.connect(told) as locking:
            locking.execute("LOCK TABLE door.keys IN ACCESS EXCLUSIVE MODE")
            threads = [threading.Thread(target=lambda: waiting.append(client.get(path).status_code)) for _ in range(2)]
            for thread in threads:
                thread.start()
            until_held_up(locking)
            until(lambda: lanes.questions.load() == (1, 1))
            got = client.get(path)
            assert (got.status_code, got.json()["code"], got.headers["retry-after"]) == (503, "busy", "1")
            assert client.get("/livez").status_code == 200
        for thread in threads:
            thread.join()
        assert waiting == [200, 200]


def test_more_requests_than_there_may_be_are_told_to_come_back() -> None:
    async def scene() -> list[Message]:
        let_go, said = asyncio.Event(), []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] != "/livez":
                await let_go.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def send(message: Message) -> None:
            said.append(message)

        crowd = Crowd(app, at_most=2)

        async def ask(path: str) -> None:
            await crowd({"type": "http", "path": path}, _nothing, send)

        two = [asyncio.create_task(ask("/")) for _ in range(2)]
        await asyncio.sleep(0)
        await ask("/")
        await ask("/livez")
        let_go.set()
        await asyncio.gather(*two)
        await ask("/")
        return said

    said = asyncio.run(scene())
    assert [message["status"] for message in said if "status" in message] == [503, 200, 200, 200, 200]
    assert (b"retry-after", b"1") in said[0]["headers"]


async def _nothing() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def test_full_lanes_do_not_wait_for_each_other(demo: Running) -> None:
    key, ended = demo.key(), []

    def ask(number: int) -> None:
        command = {"command": "add_team_member", "location": "berlin", "data": {"member": f"m{number}", "name": "M"}}
        with demo.client(key) as client:
            given = client.post("/v1/commands", json=command)
            seen = client.get("/v1/locations/berlin/seats", params={"at_least": given.json()["position"]})
            ended.append((given.status_code, seen.status_code))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [(200, 200)] * 60
    assert connections_needed() > sum(lane.wide for lane in Lanes().all()) + 4
