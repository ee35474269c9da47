"""Runs the server: the application, and beside it what gives positions and keeps the projections up to date."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn

from infrastructure.http.application import make_app
from infrastructure.http.house import House
from infrastructure.http.stopping import StoppingServer
from infrastructure.kept.following import Follower
from infrastructure.store import Sequencer
from infrastructure.webhooks.deliverer import Deliverer

GRACE = 20
"""Seconds that running requests have to end when the server is asked to."""

BACKLOG = 512
"""Connections that may wait to be accepted."""

CONNECTIONS = 1_000
"""Connections that are served at a time; more are told to come back."""


def serve(house: House, *, started: Callable[[str], None] | None = None) -> None:
    """Serve until the process is asked to end; `started` gets the address. OSError when it cannot listen."""
    settings = house.settings
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        port = listening.getsockname()[1]
        store = house.ledger.store
        with (
            Sequencer(store),
            Follower(store, house.ledger.projector),
            Deliverer(store, house.feed, settings.webhooks),
        ):
            server = StoppingServer(
                uvicorn.Config(
                    make_app(house),
                    lifespan="off",
                    log_config=None,
                    access_log=False,
                    backlog=BACKLOG,
                    limit_concurrency=CONNECTIONS,
                    timeout_graceful_shutdown=GRACE,
                    timeout_keep_alive=30,
                    h11_max_incomplete_event_size=32_768,
                    server_header=False,
                    proxy_headers=False,
                ),
                house.tide,
            )
            asyncio.run(_run(server, listening, lambda: started(_address(house, port)) if started else None))


async def _run(server: uvicorn.Server, listening: socket.socket, started: Callable[[], None]) -> None:
    running = asyncio.create_task(server.serve([listening]))
    while not server.started and not running.done():
        await asyncio.sleep(0.01)
    if server.started:
        started()
    await running


def _address(house: House, port: int) -> str:
    settings = house.settings
    if settings.origin is not None or settings.port != 0:
        return settings.address
    return settings.address.removesuffix(":0") + f":{port}"
