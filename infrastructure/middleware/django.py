"""For Django, by its calling convention alone: each request acts as `request.user`, synchronous or asynchronous.

Name `infrastructure.middleware.django.ledger_middleware` in `MIDDLEWARE`, after Django's own of sessions and users.
"""

import sys
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from infrastructure.middleware.acting import Acting, Said, acting, change_named, device_said

if sys.version_info >= (3, 12):
    from inspect import iscoroutinefunction
else:
    # Before Python 3.12 only this one knows the mark that Django puts on asynchronous middlewares.
    from asyncio import iscoroutinefunction

Request: TypeAlias = Any
Handler: TypeAlias = Callable[[Request], Any]


class Middleware(Protocol):
    """A factory as Django calls it; it asks it which kinds of handlers it takes."""

    sync_capable: bool
    async_capable: bool

    def __call__(self, get_response: Handler) -> Handler:
        """The handler around a handler."""


def user_of(request: Request) -> Said | None:
    """The person of `request.user`, by the primary key; None when nobody is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return {"kind": "person", "id": str(user.pk)}


class LedgerMiddleware:
    """A factory with an `actor_of` of the application's own, for accounts that are not called by their primary key."""

    sync_capable = True
    async_capable = True

    def __init__(
        self,
        actor_of: Callable[[Request], Said | None] = user_of,
        device_of: Callable[[Request], str | None] = lambda _request: None,
    ) -> None:
        self._actor_of = actor_of
        self._device_of = device_of

    def __call__(self, get_response: Handler) -> Handler:
        """The handler around a handler; asynchronous where that one is."""
        if iscoroutinefunction(get_response):

            async def handled_later(request: Request) -> Any:
                with acting(self._acting(request)):
                    return await get_response(request)

            return handled_later

        def handled(request: Request) -> Any:
            with acting(self._acting(request)):
                return get_response(request)

        return handled

    def _acting(self, request: Request) -> Acting:
        device = device_said(
            agent=request.META.get("HTTP_USER_AGENT"),
            address=request.META.get("REMOTE_ADDR"),
            device=self._device_of(request),
            session=None,  # Django's session keys are secrets
        )
        return Acting(lambda: self._actor_of(request), device, change_named(request.META.get("HTTP_X_REQUEST_ID")))


ledger_middleware: Middleware = LedgerMiddleware()
