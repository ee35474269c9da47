"""Cursors of pages: where a page goes on and at which basis, bound to the caller, the question and its filter."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

from infrastructure.http.problems import ProblemError

_TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cursor:
    """The rows before a position, at a basis that all pages of a list share."""

    before: int
    on: str | None
    known: str
    position: int


def write_cursor(secret: bytes, bound_to: str, cursor: Cursor) -> str:
    """The text of a cursor; `bound_to` names the caller, the path and the filter."""
    content = json.dumps([cursor.before, cursor.on, cursor.known, cursor.position], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_tag(secret, bound_to, content) + content).decode().rstrip("=")


def read_cursor(secret: bytes, bound_to: str, text: str) -> Cursor:
    """The cursor of a text. ProblemError 400 when it is none of ours, or one of another caller, question or filter."""
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        found = b""
    tag, content = found[:_TAG_BYTES], found[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(secret, bound_to, content)):
        raise ProblemError(
            400,
            "cursor",
            "This cursor is not of this question; take that of the page before, or begin anew.",
        )
    before, on, known, position = json.loads(content)
    return Cursor(before, on, known, position)


def _tag(secret: bytes, bound_to: str, content: bytes) -> bytes:
    said = len(bound_to.encode()).to_bytes(8, "big") + bound_to.encode() + content
    return hmac.new(secret, b"cursor" + said, hashlib.sha256).digest()[:_TAG_BYTES]
