"""One fact whole: all that it says, both times, by whom and from where, and the facts around it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from infrastructure.door.facts_seen import FactSeen
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import Housed
from infrastructure.http.locations import Location
from infrastructure.web.location import location_page
from infrastructure.web.log_rows import changed, words_of

router = APIRouter(prefix="/locations/{location}", include_in_schema=False)
FactName = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@router.get("/facts/{fact}")
async def fact(
    request: Request, house: Housed, caller: Visiting, location: Location, fact: FactName, asked: Asked
) -> Response:
    """A fact that the caller may see; for everybody else there is none."""

    def look() -> FactSeen:
        return house.facts.fact(caller, location, fact, asked)

    seen = await house.lanes.questions.run(look)
    row = seen.row
    answer = {"location": location, "on": None, **seen.basis}
    return location_page(
        request,
        "fact.html",
        caller,
        answer,
        here="log",
        place_name=seen.sight.name,
        zone=seen.zone,
        row=row,
        words=words_of(row["type"]),
        changed=changed(row["before"], row["after"]),
        seen=seen,
    )
