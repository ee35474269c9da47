"""All pages, put into the application; and the page for what went wrong."""

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles

from infrastructure.http.problems import ProblemError
from infrastructure.web import (
    account,
    bill,
    bill_evidence,
    chain,
    device,
    erasing,
    fact,
    history,
    home,
    link,
    log,
    log_export,
    log_live,
    openid,
    person,
    rights_grid,
    sign_in,
    team,
    views,
)
from infrastructure.web.rendering import page

_STATIC = Path(__file__).parent / "static"


def add(app: FastAPI) -> None:
    """Put the pages and what they are dressed in into the application."""
    app.include_router(bill.router)
    app.include_router(bill_evidence.router)
    app.include_router(chain.router)
    app.include_router(home.router)
    app.include_router(person.router)
    app.include_router(erasing.router)
    app.include_router(rights_grid.router)
    app.include_router(sign_in.router)
    app.include_router(account.router)
    app.include_router(link.router)
    app.include_router(openid.router)
    app.include_router(team.router)
    for each in (log, log_export, log_live, views, history, fact, device):
        app.include_router(each.router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")


def problem_page(request: Request, problem: ProblemError, request_id: str) -> Response:
    """A page that says what went wrong and what to do."""
    found = page(request, "problem.html", None, status=problem.status, problem=problem, request_id=request_id)
    found.headers.update(problem.headers)
    return found
