"""The basis of a question as the query names it: `on`, `known`, `position`, `at_least`."""

from typing import Annotated

from fastapi import Depends, Query

from domain.limits import LARGEST_INTEGER
from infrastructure.basis import Moment, read_moment
from infrastructure.books import NotSettledError
from infrastructure.door.asking import Asking
from infrastructure.door.room import PATIENCE
from infrastructure.http.house import Housed
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


async def reached(house: Housed, at_least: Position = None) -> int | None:
    """The position that the ledger has come to at least, as asked for; waited for beside the threads that work.

    NotSettledError when it does not come that far in time: then the position is none that a command has answered with,
    or somebody holds a transaction open.
    """
    if at_least is not None and not await house.tide.beyond(at_least - 1, PATIENCE):
        raise NotSettledError(f"The ledger has not come to position {at_least} yet; ask again in a moment.")
    return at_least


AtLeast = Annotated[int | None, Depends(reached)]


async def asking(
    at_least: AtLeast, on: MomentText = None, known: MomentText = None, position: Position = None
) -> Asking:
    """When it held, when it was known (an instant or a date), from which position, and how far at least."""
    return Asking(moment("on", on), moment("known", known), position, at_least)


Asked = Annotated[Asking, Depends(asking)]
