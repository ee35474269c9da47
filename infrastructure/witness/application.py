"""The witness over HTTP: `POST /add-checkpoint` as C2SP tlog-witness has it, and for who compares heads two more.

`GET /` shows the last checkpoint of each log; `GET /HASH/checkpoint` that of one as a signed note, where HASH is the
SHA-256 of its origin in hex.
"""

import asyncio
from collections.abc import Callable
from hashlib import sha256

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from domain import canonical
from domain.evidence.notes import Key, Note, cosignatures, read_checkpoint
from infrastructure.signing.signatures import Ed25519Verifier
from infrastructure.witness.asked import LONGEST_BODY, MalformedError, read_asked
from infrastructure.witness.witness import RefusedError, Witness

SIZE_TYPE = "text/x.tlog.size"
_NO_STORE = {"Cache-Control": "no-store"}


def make_app(witness: Witness, say: Callable[[str], None], *, patience: float = 10.0) -> Starlette:
    """The application over a witness; `say` gets a line for each checkpoint, `patience` is that for a body.

    Whatever is decided is decided on the event loop without a pause, so one checkpoint after the other.
    """

    async def add_checkpoint(request: Request) -> Response:
        try:
            async with asyncio.timeout(patience):
                body = await _read(request)
        except (TimeoutError, ClientDisconnect):
            return _text(408, "the checkpoint came too slowly; send it again\n")
        if body is None:
            return _text(413, f"a checkpoint with its proof has at most {LONGEST_BODY} bytes\n")
        return _answer(witness, body, say)

    async def show(_request: Request) -> Response:
        return Response(canonical.write(shown(witness)), headers=_NO_STORE, media_type="application/json")

    async def show_one(request: Request) -> Response:
        notes = witness.seen.notes.items()
        wanted = request.path_params["origin"]
        found = [note for origin, note in notes if sha256(origin.encode()).hexdigest() == wanted]
        return _text(200, found[0].written()) if found else _text(404, "no checkpoint of such a log was cosigned\n")

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/", show, methods=["GET"]),
            Route("/{origin}/checkpoint", show_one, methods=["GET"]),
        ]
    )


def shown(witness: Witness) -> dict[str, object]:
    """What the witness has seen: of each log the last note that it cosigned, and the forks that it was shown."""
    seen = witness.seen
    notes = {**dict.fromkeys(witness.origins), **seen.notes}
    return {
        "forks": [note.written() for note in seen.forks],
        "logs": [_head(witness.key, origin, note) for origin, note in sorted(notes.items())],
        "witness": witness.key.written(),
    }


def _head(key: Key, origin: str, note: Note | None) -> dict[str, object]:
    if note is None:
        return {"at": None, "note": None, "origin": origin, "root": None, "size": None}
    checkpoint = read_checkpoint(note.text)
    ((at),) = (each.at for each in cosignatures(note, [Ed25519Verifier(key)]))
    written = note.written()
    return {"at": at, "note": written, "origin": origin, "root": checkpoint.root.hex(), "size": checkpoint.size}


def _answer(witness: Witness, body: bytes, say: Callable[[str], None]) -> Response:
    try:
        asked = read_asked(body)
    except MalformedError as error:
        return _text(400, f"{error}\n")
    name = f"{asked.checkpoint.origin} {asked.checkpoint.size} {asked.checkpoint.root.hex()}"
    try:
        line = witness.add(asked)
    except RefusedError as error:
        say(f"refused {name}: {error.status}: {error}")
        if error.size is not None:
            # Others compare the type as a whole, so nothing about a character set goes behind it.
            return Response(f"{error.size}\n", error.status, {**_NO_STORE, "Content-Type": SIZE_TYPE})
        return _text(error.status, f"{error}\n")
    except OSError as error:
        say(f"could not keep {name}: {error}")
        return _text(503, "what was seen could not be kept, so nothing is cosigned; try again later\n")
    say(f"cosigned {name}")
    return _text(200, line.written())


async def _read(request: Request) -> bytes | None:
    """The body; None when it is longer than any can be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return None
    return bytes(body)


def _text(status: int, text: str) -> Response:
    return PlainTextResponse(text, status, _NO_STORE)
