"""What every page of a location shows around its own part: the tabs, both clocks, the basis."""

from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse

from infrastructure.basis import Answer
from infrastructure.door.caller import Caller
from infrastructure.http.house import house_of
from infrastructure.web.clock import clock_of
from infrastructure.web.rendering import page

TABS = (("team", "Team"), ("bill", "Bill"), ("charges", "Charges"), ("log", "Security log"), ("history", "History"))


def location_page(
    request: Request, template: str, caller: Caller, answer: Answer, /, *, here: str, **shown: Any
) -> HTMLResponse:
    """A page of a location, about an answer; `here` is the tab it belongs to."""
    location = answer["location"]
    times = [(key, value) for key in ("on", "known") if (value := request.query_params.get(key))]
    asked = f"?{urlencode(times)}" if times else ""
    root = f"/locations/{quote(location)}"
    tabs = [{"href": f"{root}/{path}{asked}", "title": title, "here": path == here} for path, title in TABS]
    room = house_of(request).room
    defaults: dict[str, Any] = {"place_name": room.name(location), "zone": room.zone(location), "api_href": None}
    return page(
        request,
        template,
        caller,
        **{**defaults, **shown},
        location=location,
        root=root,
        answer=answer,
        clock=clock_of(request, answer, root, here),
        tabs=tabs,
    )
