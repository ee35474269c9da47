"""The bare framework: a server with nothing behind it that gives the same bytes from memory for every question.

    python -m tests.benchmarks.http_bare FOLDER

Each file of the folder is answered at `/` and its name, to GET and to POST. It says on which port it listens.
"""

import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response


def make_bare(answers: dict[str, bytes]) -> FastAPI:
    """An application that answers from memory."""
    app = FastAPI(openapi_url=None)

    @app.get("/{name}")
    async def given(name: str) -> Response:
        return Response(answers[name], media_type="application/json")

    @app.post("/{name}")
    async def taken(name: str, request: Request) -> Response:
        await request.body()
        return Response(answers[name], media_type="application/json")

    return app


def main() -> None:
    """Serve until killed."""
    answers = {path.name: path.read_bytes() for path in Path(sys.argv[1]).iterdir()}
    # Told by its protocol number, asyncio knows it for TCP: else each answer would wait 40 ms between head and body.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(make_bare(answers), http="h11", lifespan="off", log_config=None, access_log=False)
        uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
