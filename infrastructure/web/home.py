"""The start page: the places that somebody may see, their chains, and invitations that wait for an answer."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import Topic
from infrastructure.http.asking import Position
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import House, Housed
from infrastructure.web.actions import Refused, give, new_id
from infrastructure.web.actions_fields import text
from infrastructure.web.forms import form_of
from infrastructure.web.home_places import Place, places_of
from infrastructure.web.rendering import page

router = APIRouter(include_in_schema=False)

_PAGES = (
    (Topic.ROSTER, "team", "Team"),
    (Topic.SEATS, "bill", "Bill"),
    (Topic.CHARGES, "charges", "Charges"),
    (Topic.LOG, "log", "Security log"),
    (Topic.HISTORY, "history", "History"),
)


@router.get("/")
async def home(request: Request, house: Housed, caller: Visiting, at_least: Position = None) -> Response:
    """Where the caller has something to see."""
    return await _shown(request, house, caller, Asking(at_least=at_least))


@router.post("/")
async def accept(request: Request, house: Housed, caller: Visiting) -> Response:
    """An invitation is taken up."""
    form = await form_of(request, house, caller)
    location = text(form, "location") or ""
    given = await house.lanes.commands.run(lambda: give(house, caller, location, form))
    if given.refused is not None:
        return await _shown(request, house, caller, Asking(), given.refused)
    return RedirectResponse(f"/?at_least={given.position}" if given.position is not None else "/", 303)


async def _shown(
    request: Request, house: House, caller: Caller, asking: Asking, refused: Refused | None = None
) -> Response:
    found = await house.lanes.questions.run(lambda: places_of(house, caller, asking))
    return page(
        request,
        "home.html",
        caller,
        status=200 if refused is None else 409,
        found=found,
        pages=pages_of,
        new_id=new_id,
        refused=refused,
    )


def pages_of(place: Place) -> list[tuple[str, str]]:
    """The pages of a place that are open to the caller: address and title."""
    return [(path, title) for topic, path, title in _PAGES if topic in place.topics]
