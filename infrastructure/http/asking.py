"""The basis of a question as the query names it: `on`, `known`, `position`, `at_least`."""

from typing import Annotated

from fastapi import Depends, Query

from domain.limits import LARGEST_INTEGER
from infrastructure.basis import Moment, read_moment
from infrastructure.door.asking import Asking
from infrastructure.http.problems import ProblemError

MOMENT_LENGTH = 40
MomentText = Annotated[str | None, Query(max_length=MOMENT_LENGTH)]
Position = Annotated[int | None, Query(ge=0, le=LARGEST_INTEGER)]


def moment(name: str, text: str | None) -> Moment:
    """The moment that a query parameter names; nothing is now. ProblemError 422 when it is none."""
    if text is None or text == "":
        return None
    try:
        return read_moment(text)
    except ValueError as error:
        raise ProblemError(422, "invalid", f"`{name}`: {error}") from None


def asking(
    on: MomentText = None, known: MomentText = None, position: Position = None, at_least: Position = None
) -> Asking:
    """When it held, when it was known (an instant or a date), from which position, and how far at least."""
    return Asking(moment("on", on), moment("known", known), position, at_least)


Asked = Annotated[Asking, Depends(asking)]
