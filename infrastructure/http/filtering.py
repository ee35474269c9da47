"""Which rows of a log or history a query asks for, and which page of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from domain.facts import FACT_TYPES
from domain.instants import RESOLUTION, end_of_day, start_of_day
from domain.limits import IDENTIFIER_LENGTH
from infrastructure.basis import Moment
from infrastructure.http.asking import MomentText, moment
from infrastructure.http.problems import ProblemError
from projections.filters import Filter

USUAL_ROWS = 100
MOST_ROWS = 1_000
"""Rows of a page."""

_Word = Annotated[str | None, Query(min_length=1, max_length=IDENTIFIER_LENGTH)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter as a query names it; its days are those of the location's time zone."""

    member: str | None
    account: str | None
    actor: str | None
    device: str | None
    types: frozenset[str] | None
    since: Moment
    until: Moment

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
        )


def wanted(
    member: _Word = None,
    account: _Word = None,
    actor: _Word = None,
    device: _Word = None,
    types: Annotated[list[str] | None, Query(alias="type", max_length=len(FACT_TYPES))] = None,
    since: Annotated[MomentText, Query(alias="from")] = None,
    until: Annotated[MomentText, Query(alias="to")] = None,
) -> Wanted:
    """About whom, by whom, from which device, of which types, known from when to when. ProblemError 422."""
    unknown = sorted(set(types or ()) - set(FACT_TYPES))
    if unknown:
        raise ProblemError(422, "invalid", f"`type`: there is no type of fact called {unknown[0]!r}.")
    return Wanted(
        member,
        account,
        actor,
        device,
        frozenset(types) if types else None,
        moment("from", since),
        moment("to", until),
    )


Filtered = Annotated[Wanted, Depends(wanted)]
Rows = Annotated[int, Query(ge=1, le=MOST_ROWS)]
CursorText = Annotated[str | None, Query(max_length=500)]


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
