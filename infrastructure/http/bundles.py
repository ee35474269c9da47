"""The evidence of a bill over HTTP: one file, which whoever gets it checks without trusting this server."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints, ValidationError

from domain.facts.form import Day, Form, Identifier, Instant, refusal_of
from infrastructure.bundle.bundling import NoBundleError, NotSignedError, SpoiltBundleError
from infrastructure.bundle.handing_out import TooManyError
from infrastructure.bundle.reading import Asked, Signed, UnreadableError, read_signed
from infrastructure.door.caller import Caller
from infrastructure.http.answers import MEDIA_TYPE
from infrastructure.http.bodies import json_body
from infrastructure.http.coming_in import Called
from infrastructure.http.documenting import problems
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from infrastructure.http.problems import ProblemError
from infrastructure.signing.asking import SignerError

router = APIRouter(prefix="/v1/locations/{location}", tags=["locations"])
_NOT_SIGNED = "There is no signed checkpoint to rest evidence on at the moment; try again, or tell the operator."
_SPOILT = "What is stored does not agree with what was signed, so nothing was handed out. Tell the operator."


class Wanted(Form):
    """The days of the bill; the seat in question; what stands for now; a checkpoint (its whole note) to go on from."""

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]
    seat: Identifier | None = None
    known: Instant | None = None
    since: Annotated[str, StringConstraints(max_length=65_536)] | None = None


_BODY = {"required": True, "content": {MEDIA_TYPE: {"schema": Wanted.model_json_schema()}}}
_ARCHIVE = {
    "description": "A zip archive; `accessledger check` checks it.",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}


@router.post(
    "/bundle", response_class=Response, openapi_extra={"requestBody": _BODY}, responses={200: _ARCHIVE, **problems(429)}
)
async def bundle(request: Request, house: Housed, caller: Called, location: Location) -> Response:
    """The evidence of a bill: the seats of each day at both clocks, the facts behind them, and every proof.

    Who may see the bill may take it, keys with the scope `export`; some times an hour. That it was taken is on the log
    before its first byte.
    """
    _check_same_site(request, caller)
    wanted = _wanted(await json_body(request))
    since = _checkpoint(wanted.since) if wanted.since is not None else None
    asked = Asked(location, wanted.first, wanted.last, wanted.seat, wanted.known)
    return await handed_out(house, caller, asked, since)


async def handed_out(house: House, caller: Caller, asked: Asked, since: Signed | None = None) -> Response:
    """A bundle on its way. ProblemError for what cannot be asked, 429 for too many, 503 where nothing is signed."""

    def make() -> Response:
        try:
            made = house.bundles.bundle(caller, asked, since)
        except NoBundleError as error:
            raise ProblemError(422, "invalid", str(error)) from None
        except TooManyError as error:
            raise ProblemError(429, "too_much", str(error)) from None
        except (NotSignedError, SignerError) as error:
            raise ProblemError(503, "not_signed", _NOT_SIGNED) from error
        except SpoiltBundleError as error:
            raise ProblemError(503, "spoilt", _SPOILT) from error
        headers = {
            "Content-Disposition": f'attachment; filename="{made.name}"',
            "Cache-Control": "private, no-store",
            "Export-Fact": made.export,
        }
        return Response(made.data, 200, headers, "application/zip")

    return await house.lanes.exports.run(make)


def asked_by(location: str, said: dict[str, Any]) -> Asked:
    """What a form's fields ask for. ProblemError 422 when they are none."""
    wanted = _wanted(said)
    return Asked(location, wanted.first, wanted.last, wanted.seat, wanted.known)


def _wanted(body: object) -> Wanted:
    try:
        return Wanted.model_validate(body)
    except ValidationError as error:
        raise ProblemError(422, "invalid", f"{refusal_of(error.errors()[0])}.") from None


def _checkpoint(note: str) -> Signed:
    try:
        return read_signed("since", note.encode())
    except (UnreadableError, UnicodeEncodeError) as error:
        raise ProblemError(422, "invalid", f"{error}.") from None


def _check_same_site(request: Request, caller: Caller) -> None:
    """A browser says from which site it was asked; another site takes nothing in a person's name."""
    if caller.account is not None and request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise ProblemError(403, "not_meant", "Another site led here; take the evidence from the page of the bill.")
