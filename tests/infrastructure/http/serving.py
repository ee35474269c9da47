"""A server as it runs: on a port of its own, in a thread, over a ledger; and callers that talk to it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import httpx

from domain.facts import Actor, Device
from infrastructure.door.caller import EVERYWHERE, SCOPES, Places, Scope
from infrastructure.http.house import House, build_house
from infrastructure.http.lanes import connections_needed
from infrastructure.http.serving import attended, make_server
from infrastructure.http.settings import ServeSettings
from infrastructure.http.stopping import StoppingServer
from infrastructure.store import Store
from infrastructure.wiring import Application, application


@dataclass(frozen=True)
class Running:
    """A server and its address."""

    house: House
    address: str
    server: StoppingServer

    @property
    def ledger(self) -> Application:
        return self.house.ledger

    def key(self, *scopes: Scope, places: Places = EVERYWHERE, actor: str = "pos", kind: str = "api_key") -> str:
        """The text of a new key, with all scopes unless some are named."""
        return self.house.keys.make(Actor(kind=kind, id=actor), scopes or SCOPES, places)[1]  # type: ignore[arg-type]

    def client(self, key: str | None = None, **headers: str) -> httpx.Client:
        """Somebody who talks to it, with a key or without."""
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return httpx.Client(base_url=self.address, headers=headers, timeout=60)

    def person(self, account: str, device: str = "dev-1", **headers: str) -> httpx.Client:
        """A person who has signed in, with a browser."""
        token = self.house.sessions.make(account, Device(id=device))
        headers = {"User-Agent": AGENT, "Accept": "text/html", **headers}
        return httpx.Client(base_url=self.address, headers=headers, cookies={"session": token}, timeout=60)


AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@contextmanager
def running(
    database: str,
    settings: ServeSettings | None = None,
    *,
    clock: Callable[[], datetime] | None = None,
    **parts: object,
) -> Iterator[Running]:
    """A server over a migrated database, until the block ends."""
    with (
        Store(database, connections=connections_needed()) as store,
        served(application(store, clock=clock), settings, **parts) as found,
    ):
        yield found


@contextmanager
def served(ledger: Application, settings: ServeSettings | None = None, **parts: object) -> Iterator[Running]:
    """A server over a ledger that is open, until the block ends."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listening.getsockname()[1]
        chosen = replace(settings or ServeSettings(), host="127.0.0.1", port=port)
        house = replace(build_house(ledger, chosen), **parts)  # type: ignore[arg-type]
        stack.enter_context(attended(house))
        server = make_server(house)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
        thread.start()
        try:
            yield Running(house, f"http://127.0.0.1:{port}", server)
        finally:
            server.should_exit = True
            thread.join()


def settled(ledger: Application) -> datetime:
    """Everything that was appended has its position; the ledger's clock then."""
    ledger.store.sequence()
    return ledger.store.now()
