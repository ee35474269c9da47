"""Opens a link for an auditor from outside: from then on the browser reads by it, until it ends."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from infrastructure.http.coming_in import device_of, hints_of
from infrastructure.http.cookies import put
from infrastructure.http.house import Housed
from infrastructure.http.problems import ProblemError

router = APIRouter(include_in_schema=False)


@router.get("/link/{token}")
async def open_link(request: Request, house: Housed, token: Annotated[str, Path(max_length=100)]) -> Response:
    """Come in by a link; the opening is a fact, and the address with the token in it is left at once."""
    door, device = house.door, device_of(request, house)
    name = device.id or door.devices.new()
    hints, agent = hints_of(request), device.user_agent

    def opened() -> bool:
        caller = door.links.caller(token)
        if caller is None:
            return False
        door.devices.see(name, agent, hints)
        door.attesting.opened(caller.actor, replace(device, id=name), "opened a link")
        return True

    if not await house.lanes.sign_ins.run(opened):
        raise ProblemError(410, "link_over", "This link is over. Ask whoever sent it for a new one.")
    response = RedirectResponse("/", 303, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})
    put(response, house, "device", door.devices.signed(name))
    put(response, house, "link", token)
    return response
