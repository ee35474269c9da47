"""The team page: who is billable and who is not, with what access, last seen when; and bringing people in."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from domain.catalogue import Catalogue
from domain.instants import read_instant
from domain.roles import ROLES
from infrastructure.basis import Answer
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import Sight, Topic
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from infrastructure.web.actions import Refused, Told, allowed, give, led_back, looks_back, new_id, told
from infrastructure.web.forms import form_of
from infrastructure.web.location import location_page
from infrastructure.web.team_rows import Access, People, Row, Wanted, contacts_of, rows_of

router = APIRouter(prefix="/locations/{location}", include_in_schema=False)
Word = Annotated[str, Query(max_length=100)]
SHOWN = 25
"""Rows of a group before one asks for all."""


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody of a location at a point, as far as the caller may see it."""

    seen: Sight
    roster: Answer
    seats: Answer | None
    access: Answer | None
    rows: list[Row]
    catalogue: Catalogue

    def unlinked_users(self) -> list[dict[str, str]]:
        """Users without a member, to choose from."""
        return [
            {"account": row.account or "", "name": row.name}
            for row in self.rows
            if row.member is None and row.has_access
        ]

    def unlinked_members(self) -> list[dict[str, str]]:
        """Members without a user, to choose from."""
        return [
            {"member": row.member or "", "name": row.name}
            for row in self.rows
            if row.member is not None and row.state == "active" and not row.has_access
        ]

    def members(self) -> list[dict[str, str]]:
        """Everybody in the team."""
        return [
            {"member": row.member, "name": row.name}
            for row in self.rows
            if row.member is not None and row.state == "active"
        ]


def team_of(house: House, caller: Caller, location: str, asked: Asking) -> Team:
    """The team at a point; all of it at one basis. ForbiddenError and NotFoundError as the reading room."""
    roster = house.room.roster(caller, location, asked)
    basis = pinned(roster)
    seen = house.room.sight(caller, location)
    seats = house.room.seats(caller, location, basis) if Topic.SEATS in seen.topics else None
    access = house.room.access(caller, location, basis) if Topic.ACCESS in seen.topics else None
    catalogue = catalogue_at(house, location, basis)
    contacts = contacts_of(house.ledger.store, access) if access is not None else {}
    return Team(seen, roster, seats, access, rows_of(roster, seats, contacts, catalogue), catalogue)


def pinned(answer: Answer) -> Asking:
    """The asking that gives other answers at the basis of this one."""
    return Asking(read_instant(answer["on"]), read_instant(answer["known"]), answer["position"])


def catalogue_at(house: House, location: str, asking: Asking) -> Catalogue:
    """The rights catalogue in force at a point."""
    return house.room.books(asking).seating(location, asking.on, asking.known).cut.catalogue


@router.get("/team")
async def team(
    request: Request,
    house: Housed,
    caller: Visiting,
    location: Location,
    asked: Asked,
    people: Annotated[People, Query()] = "team",
    access: Annotated[Access, Query()] = "any",
    name: Word = "",
    show: Annotated[str, Query(pattern="^(some|all|billable|free)$")] = "some",
    do: Word = "",
    done: Word = "",
) -> Response:
    """Everybody of a location at a point of both times."""
    wanted = Wanted(people, access, name.strip())
    return await _shown(request, house, caller, location, asked, wanted=wanted, show=show, do=do, done=done)


@router.post("/team")
async def act(request: Request, house: Housed, caller: Visiting, location: Location) -> Response:
    """Somebody is added, invited or given access."""
    form = await form_of(request, house, caller)
    given = await house.lanes.commands.run(lambda: give(house, caller, location, form))
    if given.refused is not None:
        return await _shown(request, house, caller, location, Asking(), refused=given.refused, do=given.refused.command)
    return led_back(f"/locations/{location}/team", given)


async def _shown(
    request: Request,
    house: House,
    caller: Caller,
    location: str,
    asked: Asking,
    *,
    wanted: Wanted | None = None,
    show: str = "some",
    do: str = "",
    done: str = "",
    refused: Refused | None = None,
) -> Response:
    wanted = wanted if wanted is not None else Wanted()

    def ask() -> tuple[Team, frozenset[str], Told | None]:
        found = team_of(house, caller, location, asked)
        may = frozenset[str]() if looks_back(request) else allowed(house, caller, location)
        at = replace(pinned(found.roster), on=None)
        return found, may, told(house, caller, location, done, at) if done else None

    found, may, message = await house.lanes.questions.run(ask)
    rows = [row for row in found.rows if wanted.matches(row)]
    response = location_page(
        request,
        "team.html",
        caller,
        found.seats if found.seats is not None else found.roster,
        here="team",
        team=found,
        groups=groups_of(rows, show, judged=found.seats is not None),
        wanted=wanted,
        show=show,
        link=lambda value: _link(request, location, wanted, value),
        shown=SHOWN,
        may=may,
        do=do,
        told=message,
        refused=refused,
        filled=(refused.filled if refused is not None else None) or {},
        roles=sorted(ROLES),
        new_id=new_id,
    )
    response.status_code = 200 if refused is None else 409
    return response


def _link(request: Request, location: str, wanted: Wanted, show: str) -> str:
    """The same people at the same point, more of them or fewer."""
    times = {name: request.query_params.get(name) for name in ("on", "known")}
    query = {"people": wanted.people, "access": wanted.access, "name": wanted.name, "show": show, **times}
    return f"/locations/{location}/team?{urlencode({name: value for name, value in query.items() if value})}"


def groups_of(rows: list[Row], show: str, *, judged: bool) -> list[dict[str, Any]]:
    """Billable, not billable, and not on the list; one group where the bill is not the caller's to see."""
    if not judged:
        return [{"key": "all", "title": "Everybody", "rows": rows}] if rows else []
    kinds: list[tuple[str, str, bool | None]] = [
        ("billable", "Billable", True),
        ("free", "Non-billable", False),
        ("gone", "Not on the billing list", None),
    ]
    groups = [
        {"key": key, "title": title, "rows": [row for row in rows if row.billable is billable]}
        for key, title, billable in kinds
    ]
    chosen = [group for group in groups if show not in {"billable", "free"} or group["key"] == show]
    return [group for group in chosen if group["rows"] or group["key"] == show]
