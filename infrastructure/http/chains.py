"""Questions about a chain: the counts of all its locations that the caller may see, together."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from domain.facts.billing import TermsName
from domain.limits import IDENTIFIER_LENGTH
from infrastructure.http.answers import answered, permalink
from infrastructure.http.asking import Asked
from infrastructure.http.coming_in import Called
from infrastructure.http.house import Housed

router = APIRouter(prefix="/v1/chains/{chain}", tags=["chains"])
Chain = Annotated[str, Path(min_length=1, max_length=IDENTIFIER_LENGTH, pattern=r"^[A-Za-z0-9._:-]+$")]


@router.get("/seats")
async def seats(
    request: Request,
    house: Housed,
    caller: Called,
    chain: Chain,
    asked: Asked,
    terms: Annotated[TermsName | None, Query()] = None,
) -> Response:
    """The counts of each location of the chain: by its own terms, or all by one generation (`terms`)."""
    answer = await house.lanes.questions.run(lambda: house.room.chain(caller, chain, asked, terms=terms))
    # A day ends at another instant in each time zone of the chain: no instant says what the date said.
    days = {key: moment for key, moment in (("on", asked.on), ("known", asked.known)) if type(moment) is date}
    return answered(request, answer, link=permalink(request, {**answer, **days}))
