"""Import of history over HTTP: the body is spooled to a file as it comes, then imported as on the command line."""

import hashlib
import io
import tempfile
import time
from typing import Annotated, Any, BinaryIO

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from domain import canonical
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import ForbiddenError
from infrastructure.http.answers import MEDIA_TYPE
from infrastructure.http.bodies import check_length, check_type, cut_off, limited, too_large
from infrastructure.http.coming_in import Called
from infrastructure.http.house import House, Housed
from infrastructure.http.problems import ProblemError
from infrastructure.importing import BadLine, ImportRefusedError, Report

router = APIRouter(prefix="/v1", tags=["facts"])
SkipBad = Annotated[bool, Query(description="Append the good lines; the answer names the first of the others.")]

TYPES = ("application/x-ndjson", "application/jsonl")
PATIENCE = 30.0
"""Seconds that the next piece of a file may be in coming; how long all of it takes is the sender's affair."""

SHOWN = 100
"""Bad lines that an answer names; the rest are counted."""

_PIECE = 1 << 20
_PAUSE = 0.05


@router.post("/facts")
async def facts(request: Request, house: Housed, caller: Called, *, skip_bad: SkipBad = False) -> Response:
    """Append the facts of a body of JSON Lines: all of them, or none and the bad lines (422, `refused_lines`).

    A second time changes nothing. Memory stays constant however much comes: the body lies in a file first. With
    `skip_bad` the good lines are appended, and the answer names the first 100 of the others.
    """
    _check_may_import(caller)
    check_type(request, *TYPES)
    if request.headers.get("content-encoding", "identity") != "identity":
        raise ProblemError(415, "media_type", "Send the lines as they are, not compressed.")
    house.uploads.check()
    with house.uploads.one(), tempfile.TemporaryFile() as file:
        digest = await _spooled(request, file, house.settings.import_bytes)
        answer = await house.lanes.exports.run(lambda: _imported(house, caller, file, digest, skip_bad=skip_bad))
    return Response(canonical.write(answer) + b"\n", 200, {"Cache-Control": "no-store"}, MEDIA_TYPE)


def _check_may_import(caller: Caller) -> None:
    if "import" not in caller.scopes:
        raise ForbiddenError("History is imported with a key that has the scope import.")
    if not caller.places.everywhere:
        raise ForbiddenError("A file of history may name any location; that needs a key that is good everywhere.")


async def _spooled(request: Request, file: BinaryIO, limit: int) -> str:
    """Write a body to a file, a piece at a time, and return its SHA-256."""
    check_length(request, limit)
    digest, total = hashlib.sha256(), 0
    waiting = bytearray()

    def write() -> None:
        file.write(waiting)
        digest.update(waiting)

    more = True
    while more:
        # Of each piece by itself it is asked that it comes in time.
        message = await limited(request.receive, limit=limit, seconds=PATIENCE)()
        if message["type"] == "http.disconnect":
            raise cut_off()
        waiting += message.get("body", b"")
        more = message.get("more_body", False)
        total += len(message.get("body", b""))
        if total > limit:
            raise too_large(limit)
        if len(waiting) >= _PIECE or not more:
            await to_thread.run_sync(write)
            waiting.clear()
    return digest.hexdigest()


def _imported(house: House, caller: Caller, file: BinaryIO, digest: str, *, skip_bad: bool) -> dict[str, Any]:
    """Import a file; ProblemError 422 when it is refused."""
    file.seek(0)
    rejects = _Rejects() if skip_bad else None
    try:
        # A file that was sent before and not finished is known by its content.
        report = house.ledger.importer.run(file, name=f"HTTP {digest}", by=caller.actor.id, rejects=rejects)
    except ImportRefusedError as error:
        bad = [_bad(line) for line in error.bad]
        raise ProblemError(422, "refused_lines", f"{error}.", more={"refused": error.count, "bad": bad}) from None
    return _told(report, _settled(house), rejects)


def _settled(house: House) -> int:
    """The position up to which everything is told, the imported facts too; sooner if that is long in coming."""
    store, end = house.ledger.store, time.monotonic() + PATIENCE
    store.sequence()
    while store.lag().rows and time.monotonic() < end:
        time.sleep(_PAUSE)
        store.sequence()
    return store.last_position()  # another process may have given what this one found under way


def _told(report: Report, position: int, rejects: "_Rejects | None") -> dict[str, Any]:
    answer: dict[str, Any] = {"appended": report.appended, "already": report.already, "refused": report.refused}
    if rejects is not None:
        answer["bad"] = rejects.rows
    return {**answer, "position": position}


def _bad(line: BadLine) -> dict[str, Any]:
    return {"line": line.line, "field": line.field, "reason": line.reason}


class _Rejects(io.StringIO):
    """Takes the bad lines of an import and keeps the first of them, without what they said."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []

    def write(self, text: str) -> int:
        """Take one row of JSON."""
        if len(self.rows) < SHOWN:
            row = canonical.read(text)
            self.rows.append({key: row[key] for key in ("line", "field", "reason")})
        return len(text)
