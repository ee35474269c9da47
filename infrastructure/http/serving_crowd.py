"""How many requests are under way at a time; those beyond are told at once to come back, and cost next to nothing."""

import secrets

from starlette.types import ASGIApp, Receive, Scope, Send

from infrastructure.http.problems import MEDIA_TYPE, ProblemError

REQUESTS = 1_000
_ALWAYS = frozenset({"/livez"})


class Crowd:
    """Around the whole application."""

    def __init__(self, app: ASGIApp, *, at_most: int = REQUESTS) -> None:
        self._app = app
        self._at_most = at_most
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 503 with when to come back."""
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._running >= self._at_most:
            await _refuse(send, self._at_most)
            return
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1


async def _refuse(send: Send, at_most: int) -> None:
    sentence = f"{at_most:,} requests are under way, as many as there may be; try again in a second."
    problem = ProblemError(503, "busy", sentence, {"Retry-After": "1"})
    body = problem.written(secrets.token_hex(8))
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
