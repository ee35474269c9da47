"""Forms are read within bounds, and only from a page of the caller's own session."""

import asyncio
from collections.abc import Sequence

import httpx
from fastapi import FastAPI, Request

from domain.facts import Device
from infrastructure.http.application import make_app
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import Housed
from infrastructure.web.forms import CSRF, LARGEST, form_of, read_form
from infrastructure.web.rendering import form_token
from tests.infrastructure.http.serving import Running

FORM = "application/x-www-form-urlencoded"
FORGED = [b"", b"name=x", b"csrf=&name=x", b"csrf=wrong", "csrf=größe".encode(), b"csrf=%FF%FE", b"Csrf=GOOD"]


def _app(demo: Running) -> FastAPI:
    """The application with a route that checks its forms, and one that was built without the check."""
    app = make_app(demo.house)

    @app.post("/guarded")
    async def guarded(request: Request, house: Housed, caller: Visiting) -> list[str]:
        return [str(value) for value in (await form_of(request, house, caller)).getlist("name")]

    @app.post("/broken")
    async def broken(request: Request) -> list[str]:
        return [str(value) for value in (await read_form(request)).getlist("name")]

    return app


def _statuses(demo: Running, path: str, bodies: Sequence[bytes], media_type: str = FORM) -> list[int]:
    """What comes of forms that a person's browser sends; GOOD in them becomes the token of the session."""
    token = demo.house.sessions.make("acc-olga", Device(id="dev-1"))
    caller = demo.house.sessions.caller(token)
    assert caller is not None
    good = form_token(demo.house.secret, caller).encode()

    async def send() -> list[int]:
        transport = httpx.ASGITransport(_app(demo))
        async with httpx.AsyncClient(transport=transport, base_url=demo.address, cookies={"session": token}) as client:
            headers = {"Content-Type": media_type}
            sent = [body.replace(b"GOOD", good) for body in bodies]
            return [(await client.post(path, content=body, headers=headers)).status_code for body in sent]

    return asyncio.run(send())


def test_only_the_own_form_of_a_session_is_read(demo: Running) -> None:
    assert _statuses(demo, "/guarded", [f"{CSRF}=GOOD&name=x".encode()]) == [200]
    assert set(_statuses(demo, "/guarded", FORGED)) == {403}
    assert set(_statuses(demo, "/broken", FORGED)) == {200}, "a route without the check has to show"


def test_a_form_has_a_largest_size_and_one_form(demo: Running) -> None:
    fits = b"csrf=GOOD&name=".ljust(LARGEST - 64, b"x")
    assert _statuses(demo, "/guarded", [fits, b"x".join([fits, b"x" * 200])]) == [200, 413]
    assert _statuses(demo, "/guarded", [b"{}"], "application/json") == [415]
