"""The pages of a bill: at a date, two moments side by side, day by day, and the charges with what they rested on."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from domain.catalogue import Catalogue
from domain.instants import write_instant
from infrastructure.basis import Answer
from infrastructure.door.asking import Asking
from infrastructure.door.permissions import Topic
from infrastructure.http.asking import MOMENT_LENGTH, Asked, Position, moment
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location, link_of_two
from infrastructure.http.problems import ProblemError
from infrastructure.web.bill_evidence import day_of, evidence_of
from infrastructure.web.chart import chart_of
from infrastructure.web.location import location_page
from projections.explanation import GENERATION_NAMES
from projections.seat_words import grouped, row_notes, worded

router = APIRouter(prefix="/locations/{location}", include_in_schema=False)
MomentOf = Annotated[str | None, Query(max_length=MOMENT_LENGTH)]
Day = Annotated[date | None, Query()]
USUAL_DAYS = 31


@router.get("/bill")
async def bill(request: Request, house: Housed, caller: Visiting, location: Location, asked: Asked) -> Response:
    """The bill of a location at a point of both times."""

    def ask() -> tuple[Answer, dict[str, Any]]:
        answer = house.room.seats(caller, location, asked)
        basis = _at(answer, asked)
        rows = [_seat(seat, _catalogue(house)) for seat in answer["seats"]]
        named = [name for row in rows for _, because in row["reasons"] for name in because]
        named += [name for row in answer["former"] for name in row["reason"]["because"]]
        named += (answer["subscription"] or {}).get("because", [])
        shown = {
            "rows": rows,
            "facts": house.room.cited(caller, location, named, basis),
            "notes": [worded(note) for note in answer["notes"]],
            "generations": GENERATION_NAMES,
            "evidence": evidence_of(house, answer),
        }
        return answer, shown

    answer, shown = await house.lanes.questions.run(ask)
    api = f"/v1/locations/{location}/seats?{urlencode({key: answer[key] for key in ('on', 'known', 'position')})}"
    return location_page(request, "bill.html", caller, answer, here="bill", api_href=api, **shown)


@router.get("/bill/compare")
async def compare(
    request: Request,
    house: Housed,
    caller: Visiting,
    location: Location,
    on: MomentOf = None,
    known: MomentOf = None,
    other_on: MomentOf = None,
    other_known: MomentOf = None,
    position: Position = None,
) -> Response:
    """Two moments side by side: another day, or the same day as known then and as known now."""
    one = (moment("on", on), moment("known", known))
    other = (moment("other_on", other_on), moment("other_known", other_known))

    def ask() -> tuple[Answer, Answer, Any]:
        found = house.room.difference(caller, location, one, other, Asking(position=position))
        # The page's own basis is that of the later side, which is also what the tabs go on with.
        basis = {"location": location, **found["other"]}
        days = sorted(day_of(house, location, found[side]["on"]) for side in ("one", "other"))
        return found, basis, evidence_of(house, {**basis, "position": found["position"]}, *days)

    found, basis, evidence = await house.lanes.questions.run(ask)
    rows = [_difference(row, _catalogue(house)) for row in found["differences"]]
    return location_page(
        request,
        "compare.html",
        caller,
        basis,
        here="bill",
        found=found,
        rows=rows,
        asked={"on": on or "", "known": known or "", "other_on": other_on or "", "other_known": other_known or ""},
        generations=GENERATION_NAMES,
        evidence=evidence,
        api_href=link_of_two(f"/v1/locations/{location}/diff", found),
    )


@router.get("/bill/days")
async def days(
    request: Request,
    house: Housed,
    caller: Visiting,
    location: Location,
    asked: Asked,
    first: Annotated[Day, Query(alias="from")] = None,
    last: Annotated[Day, Query(alias="to")] = None,
) -> Response:
    """The billable count day by day over a period, with what changed it."""

    def ask() -> tuple[Answer, Answer, Any]:
        end = last if last is not None else house.room.today(location)
        begin = first if first is not None else end - timedelta(days=USUAL_DAYS - 1)
        try:
            found = house.room.days(caller, location, (begin, end), asked)
        except ValueError as error:
            raise ProblemError(422, "invalid", str(error)) from None
        basis = {"location": location, "on": found["days"][-1]["on"], **{k: found[k] for k in ("known", "position")}}
        return found, basis, evidence_of(house, basis, found["from"], found["to"])

    found, basis, evidence = await house.lanes.questions.run(ask)
    changes = [
        {**day, "rows": [_difference(row, _catalogue(house)) for row in day["changes"]]}
        for day in found["days"]
        if day["changes"]
    ]
    query = urlencode([(key, found[key]) for key in ("from", "to", "known", "position")])
    return location_page(
        request,
        "days.html",
        caller,
        basis,
        here="bill",
        found=found,
        changes=changes,
        chart=chart_of(found["days"]),
        generations=GENERATION_NAMES,
        evidence=evidence,
        api_href=f"/v1/locations/{location}/days?{query}",
    )


@router.get("/charges")
async def charges(request: Request, house: Housed, caller: Visiting, location: Location, asked: Asked) -> Response:
    """What was billed, and the seats it rested on: as known then, and as known at the basis."""

    def ask() -> tuple[Answer, dict[str, Answer]]:
        answer = house.room.charges(caller, location, asked)
        names = [row["fact"] for row in answer["charges"]]
        return answer, house.room.cited(caller, location, names, _at(answer, asked))

    answer, facts = await house.lanes.questions.run(ask)
    api = f"/v1/locations/{location}/charges?{urlencode({key: answer[key] for key in ('on', 'known', 'position')})}"
    return location_page(request, "charges.html", caller, answer, here="charges", facts=facts, api_href=api)


@router.get("/step")
async def step(
    house: Housed,
    caller: Visiting,
    location: Location,
    asked: Asked,
    to: Literal["previous", "next"],
    tab: Annotated[str, Query(pattern=r"^(team|bill|charges|log|history)$")] = "bill",
) -> Response:
    """On to the instant at which something else held before or after; stays where it is when there is none."""

    def ask() -> str | None:
        house.room.check(caller, location, Topic.SEATS if tab in {"bill", "charges"} else Topic.ROSTER)
        found = house.room.step(caller, location, asked, to)
        return write_instant(found) if found is not None else None

    found = await house.lanes.questions.run(ask)
    if found is None:
        raise ProblemError(404, "no_step", f"There is no {to} change of this location that is known at that point.")
    query = {"on": found}
    if asked.known is not None:
        query["known"] = write_instant(asked.known) if isinstance(asked.known, datetime) else str(asked.known)
    return RedirectResponse(f"/locations/{location}/{tab}?{urlencode(query)}", 303)


def _catalogue(house: House) -> Catalogue:
    return house.ledger.catalogues[max(house.ledger.catalogues)]


def _at(answer: Mapping[str, Any], asked: Asking) -> Asking:
    """The asking that gives the rest of a page at the basis of its answer, corrections known later aside."""
    return replace(asked, known=moment("known", answer["known"]), position=answer["position"], at_least=None)


def _seat(seat: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    return {**seat, "reasons": grouped(seat["reasons"], catalogue), "words": row_notes(seat["notes"], catalogue)}


def _difference(row: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    def side(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return {**found, "words": [said for said, _ in grouped(found["reasons"], catalogue)]} if found else None

    return {**row, "before": side(row["before"]), "after": side(row["after"])}
