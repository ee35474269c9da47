"""For ASGI applications (Starlette, FastAPI and others): each request acts as whoever is signed in."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from infrastructure.middleware.acting import Acting, Said, acting, change_named, device_said

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class LedgerMiddleware:
    """Put it inside of what signs people in: `app.add_middleware(LedgerMiddleware, actor_of=...)` before that one.

    `actor_of` gives the actor of a request (`{"kind": "person", "id": account}`) or None; `device_of` the id of the
    device, such as from a cookie of the application's own. The change is the request's `X-Request-Id`, else a new one.
    """

    def __init__(
        self,
        app: App,
        *,
        actor_of: Callable[[Scope], Said | None],
        device_of: Callable[[Scope], str | None] = lambda _scope: None,
        session_of: Callable[[Scope], str | None] = lambda _scope: None,
    ) -> None:
        self._app = app
        self._actor_of = actor_of
        self._device_of = device_of
        self._session_of = session_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on while its person acts."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        client = scope.get("client")
        device = device_said(
            agent=headers.get(b"user-agent"),
            address=client[0] if client else None,
            device=self._device_of(scope),
            session=self._session_of(scope),
        )
        who = Acting(lambda: self._actor_of(scope), device, change_named(headers.get(b"x-request-id")))
        with acting(who):
            await self._app(scope, receive, send)
