"""The form of the log's page that takes it along as a file."""

from fastapi import APIRouter, Request, Response

from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Visiting
from infrastructure.http.exports import FormatOf, Packed, check_is_meant, exported
from infrastructure.http.filtering import Filtered
from infrastructure.http.house import Housed
from infrastructure.http.locations import Location

router = APIRouter(prefix="/locations/{location}", include_in_schema=False)


@router.get("/log/export")
async def export(
    request: Request,
    house: Housed,
    caller: Visiting,
    location: Location,
    asked: Asked,
    wanted: Filtered,
    form: FormatOf = "csv",
    manifest: Packed = True,
) -> Response:
    """The rows that the page shows, and all that come after them."""
    check_is_meant(request, caller)
    return await exported(house, caller, location, wanted, asked, form, packed=manifest)
