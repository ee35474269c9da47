"""The web application: the routes of the API and of the pages, put together over one house."""

import logging
import secrets

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from domain.facts import InvalidFactError
from infrastructure.books import NotFoundError, NotSettledError
from infrastructure.desk import ConflictError
from infrastructure.door.permissions import ForbiddenError
from infrastructure.http import (
    bundles,
    chains,
    commands,
    evidence,
    exports,
    feed,
    health,
    importing,
    locations,
    persons,
    told,
    webhooks,
)
from infrastructure.http.bodies import Bodies
from infrastructure.http.documenting import DescribedApi
from infrastructure.http.headers import Headers
from infrastructure.http.house import House
from infrastructure.http.problems import MEDIA_TYPE, OUT_OF_REACH, ProblemError, problem_of
from infrastructure.http.serving_crowd import Crowd
from infrastructure.http.watching import Watching
from infrastructure.web import pages
from infrastructure.web.rendering import wants_a_page

_LOG = logging.getLogger("accessledger.http")
_EXPECTED = (
    ProblemError,
    NotFoundError,
    NotSettledError,
    ForbiddenError,
    InvalidFactError,
    ConflictError,
    *OUT_OF_REACH,
)
"""What can go wrong without a fault of ours."""

_WRONG = {
    404: ("not_found", "There is nothing at this address; begin at the front page, or with the schema of the API."),
    405: ("method_not_allowed", "This address takes another method; the header `Allow` names it."),
}


def make_app(house: House) -> FastAPI:
    """The application over a house; it starts and ends nothing by itself."""
    app = DescribedApi(
        title="Access-rights ledger",
        summary="Who could do what, who was a billable seat and why, at any point of two times.",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    app.state.house = house
    app.include_router(locations.router)
    app.include_router(told.router)
    app.include_router(exports.router)
    app.include_router(bundles.router)
    app.include_router(chains.router)
    app.include_router(evidence.router)
    app.include_router(health.router)
    app.include_router(commands.router)
    app.include_router(feed.router)
    app.include_router(importing.router)
    app.include_router(webhooks.router)
    app.include_router(persons.router)
    pages.add(app)
    app.add_middleware(Bodies)
    app.add_middleware(Headers, secure=house.settings.secure)
    app.add_middleware(Crowd)
    app.add_middleware(Watching, metrics=house.metrics)
    app.add_exception_handler(HTTPException, _wrong)
    app.add_exception_handler(RequestValidationError, _misread)
    for kind in _EXPECTED:
        app.add_exception_handler(kind, _expected)
    app.add_exception_handler(Exception, _fault)
    return app


async def _expected(request: Request, error: Exception) -> Response:
    return _answer(request, problem_of(error))


async def _wrong(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, sentence = _WRONG.get(error.status_code, ("refused", str(error.detail)))
    return _answer(request, ProblemError(error.status_code, code, sentence, dict(error.headers or {})))


async def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return _answer(request, ProblemError(422, "invalid", f"`{place}`: {first['msg']}."))


async def _fault(request: Request, error: Exception) -> Response:
    _LOG.error("A fault at %s", request.url.path, exc_info=error)
    return _answer(request, problem_of(error))


def _answer(request: Request, problem: ProblemError) -> Response:
    """A problem as the caller reads it: a page for people, problem details for programs."""
    request_id = getattr(request.state, "request_id", None) or secrets.token_hex(8)
    if wants_a_page(request):
        return pages.problem_page(request, problem, request_id)
    headers = {**problem.headers, "Cache-Control": "no-store"}
    return Response(problem.written(request_id), problem.status, headers, MEDIA_TYPE)
