"""The Idempotency-Key: ids of commands that follow from it, so that what is sent again is done once."""

import re
from typing import Any
from uuid import UUID, uuid5

from fastapi import Request

from infrastructure.door.caller import Caller
from infrastructure.http.problems import ProblemError

HEADER = "idempotency-key"
REPLAYED = {"Idempotency-Replayed": "true"}
"""The header of an answer that was given before."""

_OURS = UUID("7b1f3c4e-6a54-5d0e-9a35-3f0a1d2c9e11")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def key_of(request: Request) -> str | None:
    """The key that a request names, in quotes or not; None when it names none. ProblemError 422 when it is no key."""
    text = request.headers.get(HEADER)
    if text is None:
        return None
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if not _KEY.fullmatch(text):
        raise ProblemError(422, "invalid", "`Idempotency-Key`: give 1 to 255 printable ASCII characters.")
    return text


def id_of(caller: Caller, key: str, place: int | None = None) -> str:
    """The id of a command that came with a key, of one credential; `place` is where it stands among several."""
    # A person who signs in anew, after an answer was lost, is the same one still.
    credential = f"account:{caller.account}" if caller.account is not None else caller.credential
    return str(uuid5(_OURS, f"{credential} {key}" if place is None else f"{credential} {key} {place}"))


def without_mark(answer: dict[str, Any]) -> dict[str, Any]:
    """The first answer to what was sent again: the same bytes, the mark is a header."""
    return {name: value for name, value in answer.items() if name != "repeated"}
