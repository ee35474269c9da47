"""Which rows of a log or history a query asks for, and which page of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from pydantic import StringConstraints

from domain.facts import FACT_TYPES
from domain.instants import RESOLUTION, end_of_day, start_of_day
from domain.limits import IDENTIFIER_LENGTH
from infrastructure.basis import Moment
from infrastructure.http.asking import MomentText, moment
from infrastructure.http.problems import ProblemError
from projections.filters import NOTHING, Filter, Outcome, Without

USUAL_ROWS = 100
MOST_ROWS = 1_000
"""Rows of a page."""

MOST_WORDS = 50
"""Values of one kind that a query may leave out."""

_Length = Query(min_length=1, max_length=IDENTIFIER_LENGTH)
_Word = Annotated[str | None, _Length]
_Words = Annotated[list[Annotated[str, _Length]] | None, Query(max_length=MOST_WORDS)]
_Type = Annotated[str, StringConstraints(max_length=IDENTIFIER_LENGTH)]
_Types = Annotated[list[_Type] | None, Query(max_length=len(FACT_TYPES))]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter as a query names it; its days are those of the location's time zone."""

    member: str | None = None
    account: str | None = None
    actor: str | None = None
    device: str | None = None
    types: frozenset[str] | None = None
    since: Moment = None
    until: Moment = None
    outcome: Outcome | None = None
    ip: str | None = None
    right: str | None = None
    without: Without = NOTHING

    @property
    def names_days(self) -> bool:
        """Whether it names a day, which begins at another instant in each time zone."""
        return any(each is not None and not isinstance(each, datetime) for each in (self.since, self.until))

    def filter(self, zone: ZoneInfo) -> Filter:
        """The filter, its days read in a time zone: from the start of the first to the end of the last."""
        return Filter(
            member=self.member,
            account=self.account,
            actor=self.actor,
            device=self.device,
            types=self.types,
            since=_begin(self.since, zone),
            until=_end(self.until, zone),
            outcome=self.outcome,
            ip=self.ip,
            right=self.right,
            without=self.without,
        )


async def without(
    not_member: _Words = None,
    not_account: _Words = None,
    not_actor: _Words = None,
    not_device: _Words = None,
    not_type: _Types = None,
    not_ip: _Words = None,
    not_right: _Words = None,
) -> Without:
    """What is left out: each may come several times. ProblemError 422 when there is no such type."""
    _check_types("not_type", not_type)
    words = (not_member, not_account, not_actor, not_device, not_type, not_ip, not_right)
    return Without(*(frozenset(each or ()) for each in words)) if any(words) else NOTHING


async def wanted(
    left_out: Annotated[Without, Depends(without)],
    member: _Word = None,
    account: _Word = None,
    actor: _Word = None,
    device: _Word = None,
    types: Annotated[_Types, Query(alias="type")] = None,
    since: Annotated[MomentText, Query(alias="from")] = None,
    until: Annotated[MomentText, Query(alias="to")] = None,
    outcome: Outcome | None = None,
    ip: _Word = None,
    right: _Word = None,
) -> Wanted:
    """About whom, by whom, from which device, of which types, known from when to when; and what of it is left out.

    `outcome` is `refused` or `done`, `right` one that was given or taken. ProblemError 422.
    """
    _check_types("type", types)
    return Wanted(
        member,
        account,
        actor,
        device,
        frozenset(types) if types else None,
        moment("from", since),
        moment("to", until),
        outcome,
        ip,
        right,
        left_out,
    )


Filtered = Annotated[Wanted, Depends(wanted)]
Rows = Annotated[int, Query(ge=1, le=MOST_ROWS)]
CursorText = Annotated[str | None, Query(max_length=500)]


def _check_types(name: str, types: list[str] | None) -> None:
    unknown = sorted(set(types or ()) - set(FACT_TYPES))
    if unknown:
        raise ProblemError(422, "invalid", f"`{name}`: there is no type of fact called {unknown[0]!r}.")


def _begin(found: Moment, zone: ZoneInfo) -> datetime | None:
    if isinstance(found, datetime) or found is None:
        return found
    assert isinstance(found, date)
    return start_of_day(found, zone)


def _end(found: Moment, zone: ZoneInfo) -> datetime | None:
    if isinstance(found, datetime) or found is None:
        return found
    assert isinstance(found, date)
    return end_of_day(found, zone) + RESOLUTION
