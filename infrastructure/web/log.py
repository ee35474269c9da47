"""The security log of a location: what happened, by whom, from where; to filter, to count, to save as a view."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from domain.facts import FACT_TYPES
from domain.instants import read_instant
from domain.ledger import Line
from infrastructure.basis import Answer
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.exports.forms import FORMATS
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Visiting
from infrastructure.http.filtering import USUAL_ROWS, CursorText, Filtered, Rows
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from infrastructure.http.told import filtered, next_page, turned
from infrastructure.kept.neighbours import first_positions
from infrastructure.web.histogram import histogram_of
from infrastructure.web.location import location_page
from infrastructure.web.log_presets import presets_of
from infrastructure.web.log_query import (
    BOX_LENGTH,
    EVERYTHING,
    KEYS,
    Pairs,
    filters_of,
    kept_of,
    read_box,
    released,
    suggested,
    write_box,
)
from infrastructure.web.log_rows import counted, shown_row, words_of
from projections.filters import Filter

router = APIRouter(prefix="/locations/{location}", include_in_schema=False)
COUNTED = 1_000
"""Rows that are counted at most, over time and by name: the newest."""

_MARKED = 40
Box = Annotated[str | None, Query(max_length=BOX_LENGTH)]


@router.get("/log")
async def log(
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
    """A page of the log. What is typed in the box becomes the parameters of the URL, which are the query."""
    pairs: Pairs = [(key, value) for key, value in request.query_params.multi_items() if value]
    wrong = None
    if q is not None:
        try:
            asked_for = urlencode([*read_box(q), *kept_of(pairs)])
        except ValueError as error:
            wrong = str(error)
        else:
            return RedirectResponse(f"{request.url.path}?{asked_for or EVERYTHING}", 303)
    if not request.url.query:
        usual = await house.lanes.questions.run(lambda: house.views.usual(caller.actor.id, location))
        if usual is not None and usual.query:
            return RedirectResponse(f"{request.url.path}?{usual.query}", 303)
    asked, page = turned(request, house, caller, asked, limit, cursor)

    def look() -> tuple[Answer, dict[str, Any]]:
        chosen = filtered(house, location, wanted)
        answer = house.room.log(caller, location, chosen, asked, page)
        lines = _counted(house, caller, location, chosen, answer) if page.before is None else []
        return answer, {
            "new": _new_devices(house, location, answer),
            "histogram": histogram_of((line.known_at for line in lines), house.room.zone(location), pairs),
            "counts": counted(lines, answer["log"], pairs),
            "counted_all": len(lines) < COUNTED,
            "counted_rows": len(lines),
            "today": house.room.today(location),
            "views": house.views.of(caller.actor.id, location),
        }

    answer, shown = await house.lanes.questions.run(look)
    filters = filters_of(pairs)
    several = sum(key == "type" for key, _ in filters) > 1
    basis = [(key, str(answer[key])) for key in ("on", "known", "position") if answer[key] is not None]
    found = location_page(
        request,
        "log.html",
        caller,
        answer,
        here="log",
        rows=[shown_row(row, pairs) for row in reversed(answer["log"])],
        older=next_page(request, house, caller, answer),
        turned=cursor is not None,
        box=q if wrong else write_box(filters),
        wrong=wrong,
        filters=[(key, value, released(pairs, key, value)) for key, value in filters],
        given={**dict.fromkeys(KEYS, ""), **dict(filters), **({"type": ""} if several else {})},
        hidden=[pair for pair in filters if pair[0].startswith("not_") or (several and pair[0] == "type")],
        words=suggested(write_box(filters), answer["log"]),
        kept=kept_of(pairs),
        basis=basis,
        query=urlencode([*filters, *kept_of(pairs)]) or EVERYTHING,
        presets=presets_of(shown.pop("today"), location),
        types=[(name, words_of(name)) for name in sorted(FACT_TYPES)],
        formats=FORMATS,
        live=urlencode([*filters, ("after", str(answer["position"]))]),
        api_href=f"/v1/locations/{location}/log?{urlencode([*filters, *basis])}",
        **shown,
    )
    found.status_code = 422 if wrong else 200
    return found


@router.get("/log/ask")
async def ask(request: Request, _: Visiting, location: Location) -> Response:
    """From the form of all filters to the address that asks for those that were filled in."""
    pairs = request.query_params.multi_items()
    query = urlencode([*filters_of(pairs), *kept_of(pairs)])
    return RedirectResponse(f"/locations/{location}/log?{query or EVERYTHING}", 303)


def _counted(house: House, caller: Caller, location: str, wanted: Filter, answer: Answer) -> Sequence[Line]:
    """The lines that are counted, at the basis of the answer; none where that takes a fold."""
    on = read_instant(answer["on"]) if answer["on"] is not None else None
    at = Asking(on, read_instant(answer["known"]), answer["position"])
    return house.room.log_lines(caller, location, wanted, at, COUNTED) or ()


def _new_devices(house: House, location: str, answer: Answer) -> set[int]:
    """Positions of the page at which a person's device comes up in the location for the first time."""
    there = {
        (row["device"] or {}).get("id"): None for row in answer["log"] if row["actor"]["kind"] in {"person", "support"}
    }
    devices = [device for device in there if device][:_MARKED]
    if house.ledger.kept.position() < answer["position"]:
        return set()
    return set(first_positions(house.ledger.store, location, devices, answer["position"]).values())
