"""Saves, forgets and chooses the views of a person: queries of the log with names."""

from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain.limits import NAME_LENGTH
from infrastructure.door.permissions import Topic
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import Housed
from infrastructure.http.locations import Location
from infrastructure.http.problems import ProblemError
from infrastructure.http.views import MOST_VIEWS
from infrastructure.web.forms import form_of
from infrastructure.web.log_query import BOX_LENGTH, EVERYTHING, filters_of, kept_of

router = APIRouter(prefix="/locations/{location}/log/views", include_in_schema=False)


@router.post("")
async def save(request: Request, house: Housed, caller: Visiting, location: Location) -> Response:
    """Give the query of a log a name; or, with `forget` or `usual`, do that with a view that is there."""
    form = await form_of(request, house, caller)
    query = str(form.get("query", ""))[:BOX_LENGTH]
    name = " ".join(str(form.get("name", "")).split())
    chosen = form.get("forget") or form.get("usual")
    who = caller.actor.id

    def change() -> None:
        house.room.check(caller, location, Topic.LOG)
        if chosen is None:
            _save(name)
        elif "forget" in form:
            house.views.forget(who, location, _number(str(chosen)))
        else:
            house.views.make_usual(who, location, None if chosen == "none" else _number(str(chosen)))

    def _save(name: str) -> None:
        if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
            raise ProblemError(422, "invalid", f"A view needs a name of at most {NAME_LENGTH} characters.")
        pairs = parse_qsl(query)
        kept = urlencode([*filters_of(pairs), *kept_of(pairs)])
        if not house.views.save(who, location, name, kept or EVERYTHING):
            raise ProblemError(409, "too_many", f"You have {MOST_VIEWS} views here; forget one to save another.")

    await house.lanes.questions.run(change)
    back = f"/locations/{quote(location)}/log?{query or EVERYTHING}"
    return RedirectResponse(back, 303)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise ProblemError(422, "invalid", "There is no such view.")
    return int(text)
