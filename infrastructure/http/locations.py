"""The questions about one location: who was a billable seat, who held what, who is who, what was charged."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from domain.limits import IDENTIFIER_LENGTH
from infrastructure.http.answers import answered
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Called
from infrastructure.http.house import Housed

router = APIRouter(prefix="/v1/locations/{location}", tags=["locations"])
Location = Annotated[str, Path(min_length=1, max_length=IDENTIFIER_LENGTH, pattern=r"^[A-Za-z0-9._:-]+$")]


@router.get("/seats")
async def seats(request: Request, house: Housed, caller: Called, location: Location, asked: Asked) -> Response:
    """Who was a billable seat, by which rule, because of which fact."""
    return answered(request, await house.lanes.questions.run(lambda: house.room.seats(caller, location, asked)))
