"""Runs a witness: one process, one event loop, a bounded number of connections."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn

from infrastructure.http.serving_protocol import BoundedProtocol
from infrastructure.witness.application import make_app
from infrastructure.witness.witness import Witness

CONNECTIONS = 256
_BACKLOG = 128
_IDLE = 30
_GRACE = 10
_HEAD_BYTES = 16_384


def serve(witness: Witness, host: str, port: int, say: Callable[[str], None], started: Callable[[str], None]) -> None:
    """Serve until the process is asked to end; `started` gets the address. OSError when it cannot listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        address = f"http://{shown}:{listening.getsockname()[1]}"
        asyncio.run(_run(_server(witness, say), listening, lambda: started(address)))


def _server(witness: Witness, say: Callable[[str], None]) -> uvicorn.Server:
    config = uvicorn.Config(
        make_app(witness, say),
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        backlog=_BACKLOG,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=_IDLE,
        h11_max_incomplete_event_size=_HEAD_BYTES,
        server_header=False,
        proxy_headers=False,
    )
    return uvicorn.Server(config)


async def _run(server: uvicorn.Server, listening: socket.socket, started: Callable[[], None]) -> None:
    running = asyncio.create_task(server.serve([listening]))
    while not server.started and not running.done():
        await asyncio.sleep(0.01)
    if server.started:
        started()
    await running
