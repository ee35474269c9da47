"""What went wrong, as problem details (RFC 9457): a code, a sentence that says what to do, and never more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from domain import canonical
from domain.facts import InvalidFactError
from infrastructure.books import NotFoundError, NotSettledError
from infrastructure.desk import ConflictError
from infrastructure.door.permissions import ForbiddenError
from infrastructure.store import StoreError

MEDIA_TYPE = "application/problem+json"


@dataclass
class ProblemError(Exception):
    """A request that comes to nothing. `code` is for programs, `sentence` for people."""

    status: int
    code: str
    sentence: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the status means, in a word or two."""
        return TITLES.get(self.status, "Error")

    def written(self, request_id: str) -> bytes:
        """The body; the id finds the request in the server's own log lines."""
        return canonical.write(
            {
                "type": "about:blank",
                "title": self.title,
                "status": self.status,
                "code": self.code,
                "detail": self.sentence,
                "request": request_id,
                **self.more,
            }
        )


TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Too slow",
    409: "Conflict",
    410: "Gone",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Unprocessable",
    429: "Too many requests",
    500: "Fault",
    503: "Unavailable",
}
"""Every status of a problem, and what it means."""

RETRY = {"Retry-After": "1"}

OUT_OF_REACH = (StoreError, psycopg.OperationalError, psycopg.InterfaceError)
"""What comes of a database that is away, or goes away in the middle."""


def problem_of(error: Exception) -> ProblemError:
    """The problem that an error of the ledger is; a fault of ours tells nothing but that it is one."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, NotFoundError):
        return ProblemError(404, "not_found", str(error))
    if isinstance(error, NotSettledError):
        return ProblemError(409, "not_settled", str(error), RETRY)
    if isinstance(error, ForbiddenError):
        return ProblemError(403, "forbidden", str(error))
    if isinstance(error, InvalidFactError):
        return ProblemError(422, "invalid", str(error))
    if isinstance(error, ConflictError):
        return ProblemError(409, "conflict", str(error), RETRY)
    if isinstance(error, OUT_OF_REACH):
        return unavailable()
    return ProblemError(500, "fault", "This is a fault of ours, and written down. Try again, or tell the operator.")


def unavailable() -> ProblemError:
    """The problem of a database that is away. What it says of itself is for the operator, not for callers."""
    return ProblemError(
        503,
        "unavailable",
        "The ledger cannot be reached at the moment. What was not confirmed, send again with the same id.",
        RETRY,
    )
