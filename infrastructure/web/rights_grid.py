"""The rights of a person, section by kind: to read at any moment, to edit now, with the effect on seats before Save."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from domain import canonical
from domain.facts import InvalidFactError, written
from domain.team import User
from infrastructure.basis import Answer
from infrastructure.books import NotFoundError
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import Topic
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from infrastructure.web import rights_grid_form
from infrastructure.web.actions import (
    Refused,
    allowed,
    decided,
    led_back,
    looks_back,
    new_id,
    refusal_of,
    submit,
    told,
)
from infrastructure.web.actions_fields import text
from infrastructure.web.forms import form_of
from infrastructure.web.location import location_page
from infrastructure.web.person_view import SeatId
from infrastructure.web.rights_grid_form import Ticked, UnreadableLimitError, shown
from infrastructure.web.team import pinned
from projections.explanation import GENERATION_NAMES
from projections.grid import grid

router = APIRouter(prefix="/locations/{location}", include_in_schema=False)
Word = Annotated[str, Query(max_length=100)]
EDIT = "edit_rights"


@dataclass(frozen=True, slots=True)
class Preview:
    """What Save would do."""

    granted: list[str]
    revoked: list[str]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    seats: list[Mapping[str, Any]]


@router.get("/people/{account}/rights")
async def rights(
    request: Request,
    house: Housed,
    caller: Visiting,
    location: Location,
    account: SeatId,
    asked: Asked,
    view: Annotated[str, Query(pattern="^(edit|facts)$")] = "edit",
    done: Word = "",
) -> Response:
    """The grid of an account at a point of both times."""
    return await _shown(request, house, caller, location, account, asked, view=view, done=done)


@router.post("/people/{account}/rights")
async def save(request: Request, house: Housed, caller: Visiting, location: Location, account: SeatId) -> Response:
    """Show what a grid would do, or record it."""
    form = await form_of(request, house, caller)
    ticked = rights_grid_form.read(form)

    def run() -> tuple[Preview | None, Response | None, Refused | None]:
        catalogue = house.ledger.books().seating(location).cut.catalogue
        try:
            data = ticked.data(account, catalogue)
        except UnreadableLimitError as error:
            return None, None, Refused(str(error), command=EDIT)
        if text(form, "preview") is None:
            given = submit(house, caller, location, form, EDIT, data)
            if given.refused is not None:
                return None, None, given.refused
            return None, led_back(f"/locations/{location}/people/{account}/rights", given), None
        try:
            outcome = decided(house, caller, location, new_id(), EDIT, data, dry_run=True)
        except InvalidFactError as error:
            return None, None, Refused(f"That cannot be done: {error}.", command=EDIT)
        if outcome.refusal is not None:
            return None, None, refusal_of(house, caller, location, outcome, form)
        effect = outcome.effects[0] if outcome.effects else None
        facts = [written(entry.fact)["data"] for entry in outcome.entries]
        preview = Preview(
            granted=[slug for fact in facts for slug in fact.get("granted", ())],
            revoked=[slug for fact in facts for slug in fact.get("revoked", ())],
            before=effect.before if effect is not None else None,
            after=effect.after if effect is not None else None,
            seats=list(effect.seats) if effect is not None else [],
        )
        return preview, None, None

    preview, response, refused = await house.lanes.commands.run(run)
    if response is not None:
        return response
    return await _shown(
        request, house, caller, location, account, Asking(), ticked=ticked, preview=preview, refused=refused
    )


async def _shown(
    request: Request,
    house: House,
    caller: Caller,
    location: str,
    account: str,
    asked: Asking,
    *,
    view: str = "edit",
    done: str = "",
    ticked: Ticked | None = None,
    preview: Preview | None = None,
    refused: Refused | None = None,
) -> Response:
    def ask() -> tuple[Answer, dict[str, Any]]:
        answer = house.room.access(caller, location, asked, account=account)
        basis = pinned(answer)
        seating = house.room.books(basis).seating(location, basis.on, basis.known)
        user = _user(seating.team.active_user(account), account, location)
        found = answer["users"][0]
        seen = house.room.sight(caller, location)
        may = not looks_back(request) and view == "edit" and EDIT in allowed(house, caller, location)
        counted = Topic.SEATS in seen.topics
        return answer, {
            "person": found,
            "grid": grid(seating, user, ticked.chosen if ticked is not None and may else None),
            "counts": house.room.seats(caller, location, basis) if counted else None,
            "names": seating.cut.catalogue.short_names,
            "may": may,
            "could": not looks_back(request) and EDIT in allowed(house, caller, location),
            "had": " ".join(sorted(ticked.had if ticked is not None else user.rights)),
            "had_limits": canonical.write(dict(ticked.had_limits if ticked is not None else user.scopes)).decode(),
            "typed": ticked.typed
            if ticked is not None
            else {slug: shown(value) for slug, value in user.scopes.items()},
            "told": told(house, caller, location, done, basis) if done else None,
        }

    answer, found = await house.lanes.questions.run(ask)
    response = location_page(
        request,
        "rights.html",
        caller,
        answer,
        here="team",
        **found,
        account=account,
        view=view,
        preview=preview,
        refused=refused,
        new_id=new_id,
        written=shown,
        generations=GENERATION_NAMES,
    )
    response.status_code = 200 if refused is None else 409
    return response


def _user(user: User | None, account: str, location: str) -> User:
    if user is None:
        raise NotFoundError(f"{account} has no access to {location} at that point, so there are no rights to show.")
    return user


@router.get("/team/rights")
async def matrix(
    request: Request, house: Housed, caller: Visiting, location: Location, asked: Asked, section: Word = ""
) -> Response:
    """Everybody by every right of a section, at a point of both times; each cell opens the fact that ticked it."""

    def ask() -> tuple[Answer, dict[str, Any]]:
        answer = house.room.access(caller, location, asked)
        basis = pinned(answer)
        catalogue = house.room.books(basis).seating(location, basis.on, basis.known).cut.catalogue
        sections = list(dict.fromkeys(right.section for right in catalogue.rights.values()))
        chosen = section if section in sections else sections[0]
        shown = [right for right in catalogue.rights.values() if right.section == chosen]
        held = {user["account"]: {right["right"]: right for right in user["rights"]} for user in answer["users"]}
        return answer, {"sections": sections, "section": chosen, "shown": shown, "held": held}

    answer, found = await house.lanes.questions.run(ask)
    return location_page(request, "rights_of_all.html", caller, answer, here="team", **found)
