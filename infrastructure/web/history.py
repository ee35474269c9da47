"""The change history of a location: one row a change, with its sentences."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from infrastructure.basis import Answer
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Visiting
from infrastructure.http.filtering import USUAL_ROWS, CursorText, Filtered, Rows
from infrastructure.http.house import Housed
from infrastructure.http.locations import Location
from infrastructure.http.told import filtered, next_page, turned
from infrastructure.kept.log_keys import DECIDING
from infrastructure.web.location import location_page
from infrastructure.web.log_query import (
    BOX_LENGTH,
    EVERYTHING,
    Pairs,
    filters_of,
    kept_of,
    narrowed,
    read_box,
    released,
    write_box,
)
from infrastructure.web.log_rows import words_of

router = APIRouter(prefix="/locations/{location}", include_in_schema=False)
Box = Annotated[str | None, Query(max_length=BOX_LENGTH)]


@router.get("/history")
async def history(
    request: Request,
    house: Housed,
    caller: Visiting,
    location: Location,
    asked: Asked,
    wanted: Filtered,
    limit: Rows = USUAL_ROWS,
    cursor: CursorText = None,
    q: Box = None,
) -> Response:
    """A page of changes; the box is that of the log."""
    pairs: Pairs = [(key, value) for key, value in request.query_params.multi_items() if value]
    wrong = None
    if q is not None:
        try:
            asked_for = urlencode([*read_box(q), *kept_of(pairs)])
        except ValueError as error:
            wrong = str(error)
        else:
            return RedirectResponse(f"{request.url.path}?{asked_for or EVERYTHING}", 303)
    asked, page = turned(request, house, caller, asked, limit, cursor)

    def look() -> Answer:
        return house.room.history(caller, location, filtered(house, location, wanted), asked, page)

    answer = await house.lanes.questions.run(look)
    filters = filters_of(pairs)
    basis = [(key, str(answer[key])) for key in ("on", "known", "position") if answer[key] is not None]
    found = location_page(
        request,
        "history.html",
        caller,
        answer,
        here="history",
        rows=[{**row, "only": narrowed(pairs, "actor", row["actor"]["id"])} for row in reversed(answer["changes"])],
        older=next_page(request, house, caller, answer),
        turned=cursor is not None,
        box=q if wrong else write_box(filters),
        wrong=wrong,
        filters=[(key, value, released(pairs, key, value)) for key, value in filters],
        kept=kept_of(pairs),
        query=urlencode([*filters, *kept_of(pairs)]) or EVERYTHING,
        types=[(narrowed(pairs, "type", name), words_of(name)) for name in sorted(DECIDING)],
        api_href=f"/v1/locations/{location}/history?{urlencode([*filters, *basis])}",
    )
    found.status_code = 422 if wrong else 200
    return found
