"""Bodies of requests: no larger than they may be, read in time, and JSON where JSON is asked for."""

import asyncio
import time
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain import canonical
from domain.limits import LINE_BYTES
from infrastructure.http.problems import ProblemError

READ_TIME = 20.0
"""Seconds in which a body has to have arrived."""

CLOSING = {"Connection": "close"}
"""Nobody reads the rest of such a body: the connection ends with the answer."""

DRAINED = 8_000_000
"""Bytes of a body that are read, the last of them to be dropped: who still writes at the end reads no answer."""

_OWN_LIMITS = frozenset({("POST", "/v1/facts")})
"""What comes as a file has limits of its own."""


class Bodies:
    """Around the whole application: whoever reads a body there gets no more than so many bytes, in so much time.

    What goes beyond it is a ProblemError where the body is read: 413 when it is too large, 408 when it never ends.
    """

    def __init__(self, app: ASGIApp, *, limit: int = LINE_BYTES, seconds: float = READ_TIME) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body limited."""
        if scope["type"] != "http" or (scope["method"], scope["path"]) in _OWN_LIMITS:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, limited(receive, limit=self._limit, seconds=self._seconds), send)


def limited(receive: Receive, *, limit: int, seconds: float) -> Receive:
    """The messages of a request; ProblemError in the place of what is too much or too late."""
    end: float | None = None
    read = 0
    whole = False

    async def received() -> Message:
        nonlocal end, read, whole
        if whole:
            return await receive()
        end = time.monotonic() + seconds if end is None else end
        try:
            message = await asyncio.wait_for(receive(), max(0.0, end - time.monotonic()))
        except TimeoutError:
            raise too_slow(seconds) from None
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            whole = not message.get("more_body", False)
        if read > limit:
            while not whole and read < DRAINED:
                read, whole = await _dropped(receive, read, end)
            raise too_large(limit)
        return message

    return received


async def _dropped(receive: Receive, read: int, end: float) -> tuple[int, bool]:
    """Read on and drop it; how much was read by now, and whether that is all there is, or all that comes in time."""
    try:
        message = await asyncio.wait_for(receive(), max(0.0, end - time.monotonic()))
    except TimeoutError:
        return read, True
    return read + len(message.get("body", b"")), not message.get("more_body", False)


def too_slow(seconds: float) -> ProblemError:
    """The problem of a body that does not come to its end."""
    sentence = f"The body of this request did not arrive within {seconds:g} seconds; send it again, whole."
    return ProblemError(408, "too_slow", sentence, CLOSING)


def too_large(limit: int) -> ProblemError:
    """The problem of a body that is too large."""
    return ProblemError(413, "too_large", f"A body here has at most {limit:,} bytes; send less at once.", CLOSING)


def cut_off() -> ProblemError:
    """The problem of a body whose sender went away; nobody may be left to read it."""
    return ProblemError(400, "cut_off", "The body was cut off; send it again, whole.", CLOSING)


def check_type(request: Request, *allowed: str) -> None:
    """ProblemError 415 unless the body says that it is of an allowed media type."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in allowed:
        raise ProblemError(
            415, "media_type", f"Send the body as `Content-Type: {allowed[0]}`.", {"Accept": ", ".join(allowed)}
        )


def check_length(request: Request, limit: int) -> None:
    """ProblemError 413 when a body says by itself that it is far too large: nothing of it is read."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > max(limit, DRAINED):
        raise too_large(limit)


async def json_body(request: Request, limit: int = LINE_BYTES) -> Any:
    """The JSON that a request brings. ProblemError 413, 415, or 422 when it is none."""
    check_type(request, "application/json")
    check_length(request, limit)
    pieces = bytearray()
    try:
        async for piece in request.stream():
            pieces += piece
            if len(pieces) > limit:
                raise too_large(limit)
    except ClientDisconnect:
        raise cut_off() from None
    try:
        return canonical.read(bytes(pieces))
    except canonical.NotCanonicalError as error:
        raise ProblemError(422, "invalid", f"The body is not JSON as the ledger takes it: {error}.") from None
