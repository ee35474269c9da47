"""The questions about one location: who was a billable seat, who held what, who is who, what was charged."""

from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import StringConstraints

from domain.limits import IDENTIFIER_LENGTH
from infrastructure.basis import Answer
from infrastructure.door.asking import Asking
from infrastructure.http.answers import answered
from infrastructure.http.asking import MOMENT_LENGTH, Asked, AtLeast, Position, moment
from infrastructure.http.coming_in import Called
from infrastructure.http.house import Housed
from infrastructure.http.problems import ProblemError

router = APIRouter(prefix="/v1/locations/{location}", tags=["locations"])
Location = Annotated[str, Path(min_length=1, max_length=IDENTIFIER_LENGTH, pattern=r"^[A-Za-z0-9._:-]+$")]


Seat = Annotated[str, Path(min_length=1, max_length=IDENTIFIER_LENGTH, pattern=r"^[A-Za-z0-9._:-]+$")]
Two = list[Annotated[str, StringConstraints(max_length=MOMENT_LENGTH)]] | None
Account = Annotated[str | None, Query(min_length=1, max_length=IDENTIFIER_LENGTH)]


@router.get("/seats")
async def seats(request: Request, house: Housed, caller: Called, location: Location, asked: Asked) -> Response:
    """Who was a billable seat, by which rule, because of which fact."""
    return answered(request, await house.lanes.questions.run(lambda: house.room.seats(caller, location, asked)))


@router.get("/seats/{seat}/explanation")
async def explanation(
    request: Request, house: Housed, caller: Called, location: Location, seat: Seat, asked: Asked
) -> Response:
    """Why a seat (a member's or an account's id) is billable or not, rule by rule, down to fact, actor and device."""
    return answered(
        request, await house.lanes.questions.run(lambda: house.room.explanation(caller, location, seat, asked))
    )


@router.get("/access")
async def access(
    request: Request, house: Housed, caller: Called, location: Location, asked: Asked, account: Account = None
) -> Response:
    """Who held which role, rights and scopes; everybody may ask about themselves."""
    return answered(
        request,
        await house.lanes.questions.run(lambda: house.room.access(caller, location, asked, account=account)),
    )


@router.get("/roster")
async def roster(request: Request, house: Housed, caller: Called, location: Location, asked: Asked) -> Response:
    """Everybody of the location, gone or not: role, schedule, invitation, last sign-in, two-step."""
    return answered(request, await house.lanes.questions.run(lambda: house.room.roster(caller, location, asked)))


@router.get("/charges")
async def charges(request: Request, house: Housed, caller: Called, location: Location, asked: Asked) -> Response:
    """What was billed, and the seats it rested on, as known then and as known at the basis."""
    return answered(request, await house.lanes.questions.run(lambda: house.room.charges(caller, location, asked)))


@router.get("/diff")
async def difference(
    request: Request,
    house: Housed,
    caller: Called,
    location: Location,
    at_least: AtLeast,
    ons: Annotated[Two, Query(alias="on", max_length=2)] = None,
    knowns: Annotated[Two, Query(alias="known", max_length=2)] = None,
    position: Position = None,
) -> Response:
    """Two billing lists side by side: `on` twice, or `known` twice, or both; each difference with its facts."""
    one_on, other_on = both(ons)
    one_known, other_known = both(knowns)
    if len(ons or ()) < 2 and len(knowns or ()) < 2:
        raise ProblemError(422, "invalid", "Name two points: `on` twice, or `known` twice, or both twice.")
    one = (moment("on", one_on), moment("known", one_known))
    other = (moment("on", other_on), moment("known", other_known))
    asked = Asking(position=position, at_least=at_least)

    def ask() -> Answer:
        return house.room.difference(caller, location, one, other, asked)

    answer = await house.lanes.questions.run(ask)
    return answered(request, answer, link=link_of_two(request.url.path, answer))


@router.get("/days")
async def days(
    request: Request,
    house: Housed,
    caller: Called,
    location: Location,
    asked: Asked,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
) -> Response:
    """The billable count day by day, and for each change the facts that made it; `on` is not looked at."""

    def ask() -> Answer:
        try:
            return house.room.days(caller, location, (first, last), asked)
        except ValueError as error:
            raise ProblemError(422, "invalid", str(error)) from None

    answer = await house.lanes.questions.run(ask)
    query = urlencode([(key, answer[key]) for key in ("from", "to", "known", "position")])
    return answered(request, answer, link=f"{quote(request.url.path)}?{query}")


def both(texts: list[str] | None) -> tuple[str | None, str | None]:
    """What a parameter says of one point and of the other; once, it says it of both."""
    if not texts:
        return None, None
    return texts[0], texts[-1]


def link_of_two(path: str, answer: Answer) -> str:
    """The path and query that give this comparison for ever."""
    one, other = answer["one"], answer["other"]
    query = [("on", one["on"]), ("on", other["on"]), ("known", one["known"]), ("known", other["known"])]
    return f"{quote(path)}?{urlencode([*query, ('position', str(answer['position']))])}"
