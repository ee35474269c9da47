"""Watches every request: its id, one line of a log when it is over, and what is counted of it."""

import json
import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infrastructure.http.metrics import Metrics

_LOG = logging.getLogger("accessledger.requests")
_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SHORT = 200
"""Characters of a path or an agent in the log line."""

CLOSED = 499
"""The status of a request whose caller went away before the answer."""


class Watching:
    """Gives each request an id (its own, if it brings a fit one), measures it, writes a line of JSON."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and write down what came of it, whatever that was."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given.decode() if _ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began, status, sent = time.perf_counter(), CLOSED, 0

        async def watched(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
            await send(message)

        self._metrics.begun()
        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            route = str(getattr(scope.get("route"), "path", "other"))
            self._metrics.ended(scope["method"], route, status, seconds)
            _LOG.info("%s", _line(scope, route, status, sent, seconds, request_id))


def _line(scope: Scope, route: str, status: int, sent: int, seconds: float, request_id: str) -> str:
    """One line, ASCII, whatever the request says; neither query nor headers, which may hold secrets and names."""
    state = scope.get("state", {})
    client = scope.get("client")
    return json.dumps(
        {
            "request": request_id,
            "method": scope["method"][:_SHORT],
            "route": route,
            "path": scope["path"][:_SHORT],
            "status": status,
            "bytes": sent,
            "ms": round(seconds * 1000, 1),
            "credential": state.get("credential"),
            "from": client[0] if client else None,
        },
        sort_keys=True,
    )
