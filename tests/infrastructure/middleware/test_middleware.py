"""The middlewares: who is signed in to the application is who acts in the ledger, and a change is one request."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infrastructure.middleware.acting import Acting, acting, current
from infrastructure.middleware.asgi import LedgerMiddleware, Scope
from infrastructure.middleware.client import LedgerClient, RefusedError
from infrastructure.middleware.django import ledger_middleware
from tests.infrastructure.http.serving import AGENT, Running

OLGA = {"kind": "person", "id": "acc-olga"}


def actor_of(scope: Scope) -> dict[str, str] | None:
    """The application's own sign-in: here just a header."""
    account = dict(scope["headers"]).get(b"x-account")
    return {"kind": "person", "id": account.decode()} if account is not None else None


@pytest.fixture
def ledger(demo: Running) -> Iterator[LedgerClient]:
    with LedgerClient(demo.address, demo.key("command", "vouch")) as client:
        yield client


Post = Callable[..., httpx.Response]


@pytest.fixture
def post(ledger: LedgerClient) -> Post:
    """An application that adds two team members in one request."""

    def hire(request: Request) -> JSONResponse:
        names = request.path_params["names"].split(",")
        try:
            told = [ledger.submit("add_team_member", "berlin", {"member": name, "name": name}) for name in names]
        except RefusedError as error:
            return JSONResponse({"code": error.code, "sentence": str(error)}, 409)
        return JSONResponse([answer["appended"][0] for answer in told])

    app = Starlette(routes=[Route("/hire/{names}", hire, methods=["POST"])])
    app.add_middleware(LedgerMiddleware, actor_of=actor_of, device_of=lambda _scope: "dev-7")

    async def posted(path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 50_000))
        async with httpx.AsyncClient(base_url="http://shop", transport=transport) as client:
            return await client.post(path, headers=headers)

    return lambda path, **headers: asyncio.run(
        posted(path, {name.replace("_", "-"): text for name, text in headers.items()})
    )


def test_a_request_is_one_change_of_its_person_and_device(post: Post) -> None:
    got = post("/hire/nia,tim", x_account="acc-olga", user_agent=AGENT)
    assert got.status_code == 200, got.text
    first, second = got.json()
    assert first["actor"] == second["actor"] == OLGA
    assert first["device"] == {"id": "dev-7", "ip": "192.0.2.7", "user_agent": AGENT}
    assert first["change"] == second["change"]
    named = post("/hire/zoe", x_account="acc-olga", x_request_id="save-17")
    assert named.json()[0]["change"] == "save-17"


def test_the_ledger_judges_the_person_and_not_the_application(post: Post) -> None:
    got = post("/hire/nia", x_account="acc-nobody")
    assert (got.status_code, got.json()["code"]) == (409, "forbidden")
    nobody = post("/hire/nia")
    assert nobody.json()[0]["actor"] == {"kind": "api_key", "id": "pos"}


def test_nothing_is_left_of_a_request_when_it_is_over() -> None:
    assert current() is None
    with acting(Acting(lambda: OLGA)) as outer:
        with acting(Acting(lambda: None)) as inner:
            assert current() is inner
        assert current() is outer
    assert current() is None


def test_a_client_sends_again_what_was_lost_and_it_is_done_once(demo: Running) -> None:
    class Losing(httpx.HTTPTransport):
        """Loses the first answer: the command was done, and nobody heard so."""

        lost = False

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if not self.lost:
                self.lost = True
                response.close()
                raise httpx.ReadError("the connection was lost", request=request)
            return response

    transport = Losing()
    with httpx.Client(base_url=demo.address, transport=transport, timeout=60) as losing:
        ledger = LedgerClient(demo.address, demo.key("command", "vouch"), client=losing)
        told = ledger.submit("add_team_member", "berlin", {"member": "nia", "name": "Nia"})
    assert transport.lost
    assert [fact["type"] for fact in told["appended"]] == ["TeamMemberAdded"]


def django_request(account: str | None) -> Any:
    """A request as Django gives it to a middleware."""
    user = SimpleNamespace(is_authenticated=account is not None, pk=account)
    meta = {"HTTP_USER_AGENT": AGENT, "REMOTE_ADDR": "192.0.2.8", "HTTP_X_REQUEST_ID": "save-18"}
    return SimpleNamespace(user=user, META=meta)


def test_django_calls_it_as_it_calls_every_middleware() -> None:
    def view(_request: Any) -> Acting | None:
        return current()

    async def view_later(_request: Any) -> Acting | None:
        await asyncio.sleep(0)
        return current()

    assert (ledger_middleware.sync_capable, ledger_middleware.async_capable) == (True, True)
    handled, handled_later = ledger_middleware(view), ledger_middleware(view_later)
    assert inspect.iscoroutinefunction(handled_later)
    assert not inspect.iscoroutinefunction(handled)
    for found in (handled(django_request("7")), asyncio.run(handled_later(django_request("7")))):
        assert found.actor == {"kind": "person", "id": "7"}
        assert found.device == {"ip": "192.0.2.8", "user_agent": AGENT}
        assert found.change == "save-18"
    assert handled(django_request(None)).actor is None
    assert current() is None
