"""Reads what a page's form sent: within bounds, and only when our own page of this very session sent it."""

import hmac
from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.datastructures import FormData
from starlette.formparsers import FormParser

from infrastructure.door.caller import Caller
from infrastructure.http.house import House
from infrastructure.http.problems import ProblemError
from infrastructure.web.rendering import form_token

LARGEST = 262_144
"""Bytes of a form: the largest one, a grid of all rights, has a tenth of it."""

CSRF = "csrf"
"""The hidden field that every form carries."""

_MEDIA_TYPE = "application/x-www-form-urlencoded"


async def form_of(request: Request, house: House, caller: Caller) -> FormData:
    """The fields of a form that a page of the caller's own session has sent.

    ProblemError 403 when its token is missing or another session's, 413 when it is too large, 415 when it is no form.
    """
    form = await read_form(request)
    given = form.get(CSRF)
    # As bytes: only they can be compared in constant time whatever their characters are.
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), form_token(house.secret, caller).encode()):
        raise ProblemError(
            403,
            "form_not_ours",
            "This form is not one of your present session; nothing was done. Go back, reload the page and send again.",
        )
    return form


async def read_form(request: Request) -> FormData:
    """The fields of any form, whoever sent it: for pages before the sign-in. ProblemError 413 and 415 as above."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise ProblemError(415, "not_a_form", f"Send a form as {_MEDIA_TYPE}.")
    return await FormParser(request.headers, _bounded(request)).parse()


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    """The body as it comes in, until it is too large; what it says of its own length is not relied on."""
    seen = 0
    async for part in request.stream():
        seen += len(part)
        if seen > LARGEST:
            raise ProblemError(413, "too_large", f"This form is larger than {LARGEST} bytes; send less at a time.")
        yield part
