"""Answers on the wire: the very bytes of the command line, with a tag, and the address that gives them for ever."""

import hashlib
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from fastapi import Request, Response

from domain import canonical
from infrastructure.basis import Answer

MEDIA_TYPE = "application/json"
PRIVATE = "private, no-cache"
"""Kept by nobody but the caller, and asked for again each time: what one may see can end."""


def permalink(request: Request, basis: Mapping[str, object]) -> str:
    """The path and query that give this very answer for ever: the question with its whole basis spelled out."""
    kept = [(key, value) for key, value in request.query_params.multi_items() if key not in _REPLACED]
    whole = [*kept, *((key, str(basis[key])) for key in ("on", "known", "position") if basis[key] is not None)]
    return f"{quote(request.url.path)}?{urlencode(whole)}"


_REPLACED = frozenset({"on", "known", "position", "at_least"})


def answered(request: Request, answer: Answer, *, link: str | None = None) -> Response:
    """An answer with its tag and its permalink; 304 without a body to whoever has it already."""
    body = canonical.write(answer) + b"\n"
    tag = f'"{hashlib.sha256(body).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": PRIVATE, "Vary": "Authorization, Cookie"}
    place = link if link is not None else permalink(request, answer) if "on" in answer else None
    if place is not None:
        headers["Content-Location"] = place
        headers["Link"] = f'<{place}>; rel="canonical"'
    if tag in [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=MEDIA_TYPE, headers=headers)
