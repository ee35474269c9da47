"""The page of a chain: the counts of the locations that one may see, and what the keyboard does on every page."""

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response

from domain.facts.billing import TermsName
from infrastructure.http.asking import Asked
from infrastructure.http.chains import Chain
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import Housed
from infrastructure.http.problems import ProblemError
from infrastructure.web.rendering import page
from projections.explanation import GENERATION_NAMES

router = APIRouter(include_in_schema=False)


@router.get("/chains/{chain}")
async def chain(
    request: Request,
    house: Housed,
    caller: Visiting,
    chain: Chain,
    asked: Asked,
    terms: Annotated[str, Query(max_length=30)] = "",
) -> Response:
    """The counts of a chain's locations at a point of both times."""
    judged = _terms(terms)
    answer = await house.lanes.questions.run(lambda: house.room.chain(caller, chain, asked, terms=judged))
    basis = [(key, str(answer[key])) for key in ("on", "known", "position")]
    query = urlencode([*basis, *([("terms", judged)] if judged else [])])
    texts = {key: request.query_params.get(key, "") for key in ("on", "known")}
    times = urlencode([(key, text) for key, text in texts.items() if text])
    return page(
        request,
        "chain.html",
        caller,
        answer=answer,
        asked=texts,
        times=f"?{times}" if times else "",
        generations=GENERATION_NAMES,
        link=f"/chains/{quote(chain)}?{query}",
        api_href=f"/v1/chains/{quote(chain)}/seats?{query}",
    )


@router.get("/help/keys")
async def keys(request: Request, caller: Visiting) -> Response:
    """What the keyboard does."""
    return page(request, "help_keys.html", caller)


def _terms(text: str) -> TermsName | None:
    for name in ("service_providers", "client_interaction", "access_rights"):
        if text == name:
            return name
    if text:
        raise ProblemError(422, "invalid", f"`terms`: there is no generation of terms called {text!r}.")
    return None
