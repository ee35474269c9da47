"""The page of a person: the seat and why, the access, what happened and from where, and what can be done."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from domain.catalogue import Catalogue
from domain.roles import ROLES
from infrastructure.books import NotFoundError
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import Topic
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from infrastructure.web.actions import Refused, allowed, give, led_back, looks_back, new_id, told
from infrastructure.web.actions_fields import text
from infrastructure.web.erasing import forgetting_of
from infrastructure.web.forms import form_of
from infrastructure.web.home_places import given_in, places_of
from infrastructure.web.location import location_page
from infrastructure.web.person_view import Person, SeatId, person_of
from infrastructure.web.team import pinned
from projections.explanation import GENERATION_NAMES

router = APIRouter(prefix="/locations/{location}/people", include_in_schema=False)
Word = Annotated[str, Query(max_length=100)]
_WHO_IS_WHO = frozenset({Topic.ROSTER, Topic.ACCESS})


@router.get("/{seat}")
async def person(
    request: Request,
    house: Housed,
    caller: Visiting,
    location: Location,
    seat: SeatId,
    asked: Asked,
    do: Word = "",
    done: Word = "",
) -> Response:
    """One member with their user, or one user, at a point of both times."""
    return await _shown(request, house, caller, location, seat, asked, do=do, done=done)


@router.post("/{seat}")
async def act(request: Request, house: Housed, caller: Visiting, location: Location, seat: SeatId) -> Response:
    """Something is done to this person; the page says what came of it."""
    form = await form_of(request, house, caller)
    given = await house.lanes.commands.run(lambda: give(house, caller, location, form))
    if given.refused is not None:
        refused = given.refused
        return await _shown(request, house, caller, location, seat, Asking(), do=refused.command, refused=refused)
    return led_back(f"/locations/{location}/people/{text(form, 'goes_to') or seat}", given)


async def _shown(
    request: Request,
    house: House,
    caller: Caller,
    location: str,
    seat: str,
    asked: Asking,
    *,
    do: str = "",
    done: str = "",
    refused: Refused | None = None,
) -> Response:
    def ask() -> dict[str, Any]:
        found = person_of(house, caller, location, seat, asked)
        may = frozenset[str]() if looks_back(request) else allowed(house, caller, location)
        return {
            "person": found,
            "may": may,
            "places": _places(house, caller, found, may),
            "forgotten": forgetting_of(house, location, found.account, found.member),
            "told": told(house, caller, location, done, pinned(found.basis)) if done else None,
        }

    found = await house.lanes.questions.run(ask)
    person: Person = found["person"]
    response = location_page(
        request,
        "person.html",
        caller,
        person.basis,
        here="team",
        **found,
        do=do,
        refused=refused,
        filled=(refused.filled if refused is not None else None) or {},
        roles=sorted(ROLES),
        new_id=new_id,
        generations=GENERATION_NAMES,
        counts=_counts(person.access, person.catalogue) if person.access is not None else None,
    )
    response.status_code = 200 if refused is None else 409
    return response


def _counts(access: dict[str, Any], catalogue: Catalogue) -> dict[str, int]:
    """How many rights are held, how many of them have an effect, and how many the catalogue has."""
    held = access["rights"]
    effective = sum(right["effective"] for right in held)
    return {"held": len(held), "effective": effective, "all": len(catalogue.rights)}


def _places(house: House, caller: Caller, found: Person, may: frozenset[str]) -> list[tuple[str, str, bool]]:
    """The caller's locations in which this account can be given or lose access: id, name, whether it has some."""
    if found.account is None or not may & {"delete_user", "copy_rights"}:
        return []
    books = house.ledger.books()
    having = set()
    for place in given_in(house, found.account, books):
        try:
            if books.seating(place).team.active_user(found.account) is not None:
                having.add(place)
        except NotFoundError:
            continue
    own = places_of(house, caller, Asking()).places
    return [(place.location, place.name, place.location in having) for place in own if place.topics & _WHO_IS_WHO]
