"""The change history and the security log of a location, page by page, the newest first page first."""

from dataclasses import replace
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from domain.instants import read_instant
from infrastructure.basis import Answer
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.http.answers import answered
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Called
from infrastructure.http.cursors import Cursor, read_cursor, write_cursor
from infrastructure.http.filtering import USUAL_ROWS, CursorText, Filtered, Rows, Wanted
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from projections.filters import Filter
from projections.paging import Page

router = APIRouter(prefix="/v1/locations/{location}", tags=["locations"])
_UTC = ZoneInfo("UTC")
_OF_A_PAGE = frozenset({"cursor", "limit", "on", "known", "position", "at_least"})


@router.get("/history")
async def history(
    request: Request,
    house: Housed,
    caller: Called,
    location: Location,
    asked: Asked,
    wanted: Filtered,
    limit: Rows = USUAL_ROWS,
    cursor: CursorText = None,
) -> Response:
    """Who changed what, when, from which device: one row a change. The page before comes by the link `next`."""
    asked, page = turned(request, house, caller, asked, limit, cursor)

    def ask() -> Answer:
        return house.room.history(caller, location, filtered(house, location, wanted), asked, page)

    return paged(request, house, caller, await house.lanes.questions.run(ask))


@router.get("/log")
async def log(
    request: Request,
    house: Housed,
    caller: Called,
    location: Location,
    asked: Asked,
    wanted: Filtered,
    limit: Rows = USUAL_ROWS,
    cursor: CursorText = None,
) -> Response:
    """The security log: one row a fact, of the types that the caller may see. The page before: the link `next`."""
    asked, page = turned(request, house, caller, asked, limit, cursor)

    def ask() -> Answer:
        return house.room.log(caller, location, filtered(house, location, wanted), asked, page)

    return paged(request, house, caller, await house.lanes.questions.run(ask))


def filtered(house: House, location: str, wanted: Wanted) -> Filter:
    """The filter, its days in the time zone of the location: only they need it. NotFoundError when there is no such."""
    return wanted.filter(house.ledger.books().zone(location) if wanted.names_days else _UTC)


def turned(
    request: Request, house: House, caller: Caller, asked: Asking, limit: int, cursor: str | None
) -> tuple[Asking, Page]:
    """The basis and the page that a query asks for: those of its cursor, if it has one. ProblemError 400 or 422."""
    if cursor is None:
        return asked, Page(limit)
    found = read_cursor(house.secret, bound(request, caller), cursor)
    on = read_instant(found.on) if found.on is not None else None
    return replace(asked, on=on, known=read_instant(found.known), position=found.position), Page(limit, found.before)


def bound(request: Request, caller: Caller) -> str:
    """What a cursor of this request belongs to: the caller, the path and the filter."""
    kept = sorted((key, value) for key, value in request.query_params.multi_items() if key not in _OF_A_PAGE)
    return f"{caller.actor.kind} {caller.actor.id} {request.url.path}?{urlencode(kept)}"


def next_page(request: Request, house: House, caller: Caller, answer: Answer) -> str | None:
    """The path and query of the page of older rows; None when there are none."""
    before = answer.get("earlier")
    if before is None:
        return None
    place = Cursor(before, answer["on"], answer["known"], answer["position"])
    query = [(key, value) for key, value in request.query_params.multi_items() if key not in _OF_A_PAGE - {"limit"}]
    query.append(("cursor", write_cursor(house.secret, bound(request, caller), place)))
    return f"{quote(request.url.path)}?{urlencode(query)}"


def paged(request: Request, house: House, caller: Caller, answer: Answer) -> Response:
    """A page as an answer; where there are older rows, the link to them."""
    link = str(request.url.replace(scheme="", netloc="")) if "cursor" in request.query_params else None
    response = answered(request, answer, link=link)
    older = next_page(request, house, caller, answer)
    if older is not None:
        response.headers["Link"] += f', <{older}>; rel="next"'
    return response
