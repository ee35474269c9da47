"""The bill at a date: the three numbers, and every seat with its reasons."""

from fastapi import APIRouter, Request, Response

from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import Housed
from infrastructure.http.locations import Location
from infrastructure.web.location import location_page

router = APIRouter(prefix="/locations/{location}", include_in_schema=False)


@router.get("/bill")
async def bill(request: Request, house: Housed, caller: Visiting, location: Location, asked: Asked) -> Response:
    """The bill of a location at a point of both times."""
    answer = await house.lanes.questions.run(lambda: house.room.seats(caller, location, asked))
    return location_page(request, "bill.html", caller, answer, here="bill")
