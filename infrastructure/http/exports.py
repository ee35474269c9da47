"""The log as a file: of exactly what a page of it shows, all pages, in one of several forms."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.exports.export import TooMuchError
from infrastructure.exports.forms import FORMATS, FormatName
from infrastructure.exports.manifest import Exported
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Called
from infrastructure.http.filtering import Filtered, Wanted
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from infrastructure.http.problems import MEDIA_TYPE as PROBLEM
from infrastructure.http.problems import ProblemError
from infrastructure.http.told import filtered

router = APIRouter(prefix="/v1/locations/{location}", tags=["locations"])
_PIECE = 1 << 16
_FILE = {"schema": {"type": "string", "format": "binary"}}

_TOO_MUCH = {
    "description": "More rows, or more exports an hour, than may be taken.",
    "content": {PROBLEM: {"schema": {"type": "object"}}},
}

FormatOf = Annotated[FormatName, Query(alias="format")]
Packed = Annotated[bool, Query(description="In a zip archive, with manifest.json beside the file.")]


@router.get("/log/export", responses={200: {"content": {"application/octet-stream": _FILE}}, 429: _TOO_MUCH})
async def export(
    request: Request,
    house: Housed,
    caller: Called,
    location: Location,
    asked: Asked,
    wanted: Filtered,
    form: FormatOf = "jsonl",
    manifest: Packed = False,
) -> Response:
    """The whole log that the filter asks for, newest first, at one basis; `Rows` and `Export-SHA256` tell of it.

    The fact that it was exported is in the ledger before the first byte leaves. An actor may take some an hour.
    """
    check_is_meant(request, caller)
    return await exported(house, caller, location, wanted, asked, form, packed=manifest)


def check_is_meant(request: Request, caller: Caller) -> None:
    """ProblemError 403 when another site sent a person here: what is exported is counted, and written down."""
    if caller.account is not None and request.headers.get("sec-fetch-site") == "cross-site":
        raise ProblemError(403, "not_meant", "Another site led here; take the export from the page of the log.")


async def exported(
    house: House, caller: Caller, location: str, wanted: Wanted, asked: Asking, form: FormatName, *, packed: bool
) -> Response:
    """An export on its way. ProblemError 429 for more than may be taken."""

    def spool() -> Exported:
        try:
            return house.exports.log(caller, location, filtered(house, location, wanted), asked, form, packed=packed)
        except TooMuchError as error:
            raise ProblemError(429, "too_much", str(error)) from None

    found = await house.lanes.exports.run(spool)
    ending = "zip" if packed else FORMATS[form].ending
    name = f"log-{location.replace(':', '-')}-{found.basis['position']}.{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "Rows": str(found.rows),
        "Export-SHA256": found.sha256,
        "Export-Fact": found.fact,
    }
    media_type = "application/zip" if packed else FORMATS[form].media_type
    return StreamingResponse(_pieces(found), 200, headers, media_type, BackgroundTask(found.file.close))


def _pieces(found: Exported) -> Iterator[bytes]:
    with found.file:
        while piece := found.file.read(_PIECE):
            yield piece
