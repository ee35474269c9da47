"""Bodies of requests: what is too much, what never ends, and what says what it is."""

import asyncio
import socket

import pytest
from starlette.types import Message

from infrastructure.http.bodies import limited
from infrastructure.http.problems import ProblemError
from tests.infrastructure.http.serving import Running

PIECE: Message = {"type": "http.request", "body": b"12345", "more_body": True}
LAST: Message = {**PIECE, "more_body": False}


def read(messages: list[Message], *, limit: int = 100, seconds: float = 60.0) -> int:
    """How many messages come through before a problem; one that never ends waits for ever after the last."""

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    async def read_all() -> int:
        received, count, more = limited(receive, limit=limit, seconds=seconds), 0, True
        while more:
            more = (await received()).get("more_body", False)
            count += 1
        return count

    return asyncio.run(read_all())


def test_a_body_comes_through_whole() -> None:
    assert read([PIECE, PIECE, LAST], limit=15) == 3


def test_one_byte_too_many_is_too_many() -> None:
    with pytest.raises(ProblemError) as refused:
        read([PIECE, PIECE, LAST], limit=14)
    assert refused.value.status == 413


def test_a_body_that_never_ends_is_ended() -> None:
    with pytest.raises(ProblemError) as refused:
        read([PIECE, PIECE], seconds=0.01)
    assert refused.value.status == 408


def test_a_body_that_says_that_it_is_too_large_is_not_read(demo: Running) -> None:
    key = demo.key("command")
    host, _, port = demo.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(
            b"POST /v1/commands HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
            + f"Authorization: Bearer {key}\r\nContent-Length: 99999999\r\n\r\n".encode()
            + b'{"command":'
        )
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 413 " in head.splitlines()[0]
    assert b'"too_large"' in body
