"""Runs the server: the application, and beside it what gives positions and keeps the projections up to date.

One process is one event loop, and Python's own lock lets one thread compute at a time: it keeps one core busy. Where
that is not enough several processes run beside each other on ports of their own, over the same database, with a proxy
before them: nothing is kept in a process that another one would miss (positions, sessions, cursors and limits of the
door lie in the database), and several sequencers and followers do no harm. The database then has to have so many
connections for each of them (`connections_needed`).
"""

import asyncio
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import uvicorn

from infrastructure.daily.attending import Daily
from infrastructure.erasing.falling_due import Attendant
from infrastructure.evidence.process import PublisherProcess
from infrastructure.http.application import make_app
from infrastructure.http.house import House
from infrastructure.http.serving_protocol import BoundedProtocol
from infrastructure.http.stopping import StoppingServer
from infrastructure.kept.following import Follower
from infrastructure.store import Sequencer
from infrastructure.webhooks.deliverer import Deliverer

GRACE = 20
"""Seconds that running requests have to end when the server is asked to."""

BACKLOG = 512
"""Connections that may wait to be accepted."""

CONNECTIONS = 2_000
"""Connections at a time, idle ones too; beyond them stands a bare 503 without a reason."""

IDLE = 30
"""Seconds that a connection may stay without a request."""

HEAD_BYTES = 32_768
"""Bytes of the head of a request."""

_FILES = 4_096
"""Files and connections that the process may have open, where the system lets it."""


def serve(house: House, *, started: Callable[[str], None] | None = None) -> None:
    """Serve until the process is asked to end; `started` gets the address. OSError when it cannot listen."""
    settings = house.settings
    _allow_files()
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        port = listening.getsockname()[1]
        with attended(house):
            asyncio.run(
                _run(make_server(house), listening, lambda: started(_address(house, port)) if started else None)
            )


@contextmanager
def attended(house: House) -> Iterator[None]:
    """What runs beside a server, for as long as the block."""
    store, webhooks = house.ledger.store, house.settings.webhooks
    evidence = house.settings.evidence
    with (
        house.pulse,
        Sequencer(store),
        Follower(store, house.ledger.projector),
        Attendant(house.ledger.desk, house.ledger.erasures, house.ledger.clock),
        Deliverer(store, house.feed, webhooks),
        Daily(store, evidence),
        PublisherProcess(store.connections.conninfo, evidence) if evidence.signer is not None else nullcontext(),
    ):
        yield


def make_server(house: House) -> StoppingServer:
    """The server over a house; it listens to nothing yet."""
    config = uvicorn.Config(
        make_app(house),
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        backlog=BACKLOG,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=IDLE,
        h11_max_incomplete_event_size=HEAD_BYTES,
        server_header=False,
        proxy_headers=False,
    )
    return StoppingServer(config, house.tide)


def _allow_files() -> None:
    """As many connections as are promised; the usual 1,024 files do not hold them and those to the database."""
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if least < _FILES:
        wanted = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


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
