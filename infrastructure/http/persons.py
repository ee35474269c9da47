"""People over HTTP: where erasures stand, and everything that is held about one person. Erasing itself is a command."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.background import BackgroundTask

from domain import canonical
from domain.commands import OfPerson
from domain.facts.form import Identifier, refusal_of
from domain.refusals import Code
from infrastructure.books import NotFoundError
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import ForbiddenError
from infrastructure.erasing.erasures import Found
from infrastructure.erasing.held import Held
from infrastructure.erasing.saying import written_state
from infrastructure.http.answers import MEDIA_TYPE
from infrastructure.http.bodies import json_body
from infrastructure.http.coming_in import Called
from infrastructure.http.documenting_answers import ANYTHING, TEXT, of, perhaps, rows
from infrastructure.http.house import House, Housed
from infrastructure.http.problems import ProblemError

router = APIRouter(prefix="/v1", tags=["persons"])
_PIECE = 1 << 16


class Whom(OfPerson):
    """Whom it is about: an account; or a member or a client, with the location."""

    location: Identifier | None = None


_ONE = of(
    location=perhaps(TEXT),
    account=perhaps(TEXT),
    member=perhaps(TEXT),
    client=perhaps(TEXT),
    asked=perhaps(ANYTHING),
    held=perhaps(ANYTHING),
    due=perhaps(TEXT),
    erased=perhaps(ANYTHING),
)
_LISTED = {"description": "Done.", "content": {MEDIA_TYPE: {"schema": of(erasures=rows(_ONE))}}}
_BODY = {"required": True, "content": {MEDIA_TYPE: {"schema": Whom.model_json_schema()}}}
_ARCHIVE = {
    "description": "A zip archive.",
    "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
}


@router.get("/erasures", responses={200: _LISTED})
async def erasures(house: Housed, caller: Called) -> Response:
    """Everybody for whom an erasure was ever asked, and where it stands; for keys with the scope `erase`.

    A key of some places hears of the members and clients there.
    """
    _check_scopes(caller, "erase")

    def listed() -> list[dict[str, Any]]:
        return [_written(found) for found in house.ledger.erasures.every() if _is_theirs(house, caller, found)]

    found = await house.lanes.questions.run(listed)
    return Response(canonical.write({"erasures": found}) + b"\n", 200, {"Cache-Control": "no-store"}, MEDIA_TYPE)


@router.post(
    "/persons/export",
    response_class=StreamingResponse,
    openapi_extra={"requestBody": _BODY},
    responses={200: _ARCHIVE},
)
async def export(request: Request, house: Housed, caller: Called) -> Response:
    """Everything that is held about one person, as an archive: `{"account"}`, or `{"location"}` and a member or client.

    People may take what is held about themselves, and about those whom they may erase; keys with the scopes `export`
    and `erase` about anybody of their places. That it was taken is on the log before its first byte.
    """
    whom = _whom(await json_body(request))
    if caller.account is None:
        _check_scopes(caller, "export", "erase")
    return archive(await house.lanes.exports.run(lambda: taken(house, caller, whom.location, whom)), whom)


def taken(house: House, caller: Caller, location: str | None, whom: OfPerson) -> Held:
    """The archive, for who may have it. ForbiddenError, written down, and NotFoundError."""
    request = _request(whom)
    if caller.account is None or caller.account != whom.account:
        _check_may(house, caller, location, request)
    state = written_state(house.ledger.erasures.of_request(location, whom))
    return house.holding.export(caller, location, whom, state)


def archive(held: Held, whom: OfPerson) -> Response:
    """The archive on its way."""
    name = "".join(each if each.isascii() and each.isalnum() else "-" for each in _named(whom))
    headers = {
        "Content-Disposition": f'attachment; filename="held-about-{name}.zip"',
        "Cache-Control": "private, no-store",
        "Export-Fact": held.fact,
    }
    return StreamingResponse(_pieces(held), 200, headers, "application/zip", BackgroundTask(held.file.close))


def _pieces(held: Held) -> Iterator[bytes]:
    with held.file:
        while piece := held.file.read(_PIECE):
            yield piece


def _whom(body: object) -> Whom:
    try:
        whom = Whom.model_validate(body)
    except ValidationError as error:
        raise ProblemError(422, "invalid", f"{refusal_of(error.errors()[0])}.") from None
    if (whom.account is None) == (whom.location is None):
        raise ProblemError(422, "invalid", "`location` goes with a member or a client, and with nothing else.")
    return whom


def _request(whom: OfPerson) -> dict[str, str]:
    named = {"account": whom.account, "member": whom.member, "client": whom.client}
    return {name: value for name, value in named.items() if value is not None}


def _named(whom: OfPerson) -> str:
    return whom.account or whom.member or whom.client or ""


def _check_may(house: House, caller: Caller, location: str | None, request: dict[str, str]) -> None:
    """Who may erase somebody may see what is held: so it is asked for, without doing it."""
    sent: dict[str, Any] = {"command": "erase", "data": {**request, "basis": "-"}}
    if location is not None:
        sent["location"] = location
    given = house.commanding.given(caller, sent, number=str(uuid4()))
    refusal = house.commanding.submit(caller, given, dry_run=True).refusal
    if refusal is not None and refusal.code is Code.FORBIDDEN:
        house.notes.denied(caller, "export_person", refusal.sentence)
        raise ForbiddenError(refusal.sentence)
    if refusal is not None and refusal.code is Code.NOT_FOUND:
        raise NotFoundError(refusal.sentence)


def _check_scopes(caller: Caller, *needed: str) -> None:
    missing = sorted(set(needed) - caller.scopes)
    if missing:
        raise ForbiddenError(f"This takes a key with the scope {' and '.join(missing)}; ask for one.")


def _is_theirs(house: House, caller: Caller, found: Found) -> bool:
    if found.location is None:
        return caller.places.everywhere
    return house.whereabouts.covers(caller.places, found.location)


def _written(found: Found) -> dict[str, Any]:
    whom = found.whom
    named = {"location": found.location, "account": whom.account, "member": whom.member, "client": whom.client}
    return {**named, **written_state(found.erasure)}
