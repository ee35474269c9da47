"""Draws pages: one environment of templates in which everything is escaped, and what every page shows."""

import hashlib
import hmac
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from domain.instants import local_date, read_instant
from infrastructure.door.caller import Caller
from infrastructure.http.house import house_of
from projections.moments import day

_UTC = ZoneInfo("UTC")


@cache
def environment() -> Environment:
    """The templates; nothing in them is raw, a name that is missing is an error and not an empty place."""
    found = Environment(
        loader=PackageLoader("infrastructure.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["local"] = _local
    found.filters["place"] = _place
    found.filters["day"] = _day
    return found


@pass_context
def _local(context: Context, instant: str) -> str:
    """An instant as people of the place read it: by the minute, in its time zone, which is named."""
    zone = context.get("zone") or _UTC
    return f"{read_instant(instant).astimezone(zone):%Y-%m-%d %H:%M %Z}"


@pass_context
def _day(context: Context, instant: datetime) -> str:
    """The day of an instant in the time zone of the place."""
    return day(local_date(instant, context.get("zone") or _UTC))


@pass_context
def _place(context: Context, address: str | None) -> str:
    """Where an address is, in brackets, by the operator's own database; nothing where there is none."""
    book = house_of(context["request"]).addresses
    found = book.place(address) if book is not None and address else None
    return f" ({found})" if found else ""


def page(request: Request, template: str, caller: Caller | None, /, *, status: int = 200, **shown: Any) -> HTMLResponse:
    """A page for a caller; `shown` are the names of its template."""
    csrf = csrf_of(request, caller) if caller is not None else ""
    text = environment().get_template(template).render(request=request, caller=caller, csrf=csrf, **shown)
    return HTMLResponse(text, status, {"Cache-Control": "private, no-cache", "Vary": "Cookie"})


def csrf_of(request: Request, caller: Caller) -> str:
    """What a form of this session carries along, so that no other site can send it."""
    return form_token(house_of(request).secret, caller)


def form_token(secret: bytes, caller: Caller) -> str:
    """The same, from the secret of the house."""
    return hmac.new(secret, f"form {caller.credential}".encode(), hashlib.sha256).hexdigest()


def wants_a_page(request: Request) -> bool:
    """Whether whoever asks is a person with a browser: not on the API, and something that takes HTML."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")
