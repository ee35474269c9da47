"""New rows of a log as they come, for a page that is open: what the page shows, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from domain import canonical
from domain.instants import read_instant
from domain.limits import LARGEST_INTEGER
from infrastructure.basis import Answer
from infrastructure.books import NotFoundError
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import ForbiddenError
from infrastructure.http.coming_in import Visiting, visitor_of
from infrastructure.http.feed import UNBUFFERED
from infrastructure.http.feed_stream import HEARTBEAT, MEDIA_TYPE, begins_after
from infrastructure.http.filtering import Filtered, Wanted
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from infrastructure.http.problems import ProblemError
from infrastructure.http.told import filtered
from infrastructure.store import StoreError
from projections.paging import Page

router = APIRouter(prefix="/locations/{location}/log", include_in_schema=False)
LONGEST = 3_600.0
"""Seconds that one stream lasts at most; a page that is still open comes back by itself."""

_LATELY = timedelta(hours=24)
"""What became known before is history, also where it is imported only now."""

_PAUSE = 1.0
"""Seconds between two looks of one stream, however busy a place is."""

_AT_ONCE = 50
"""Rows that are told at once; of more only the newest, and that there are more."""


@router.get("/live")
async def live(
    request: Request,
    house: Housed,
    caller: Visiting,
    location: Location,
    wanted: Filtered,
    after: Annotated[int, Query(ge=0, le=LARGEST_INTEGER)] = 0,
) -> Response:
    """The rows that a filter asks for, from a position on, as server-sent events."""
    house.streams.check()
    # What is not the caller's to see is refused before a stream begins.
    first = await _new_rows(house, caller, location, wanted, after)
    stream = _streamed(request, house, caller, location, wanted, begins_after(request, after), first)
    return StreamingResponse(stream, media_type=MEDIA_TYPE, headers=UNBUFFERED)


async def _streamed(
    request: Request, house: House, caller: Caller, location: str, wanted: Wanted, after: int, answer: Answer
) -> AsyncIterator[bytes]:
    began = checked = time.monotonic()
    with house.streams.one():
        yield b"retry: 2000\n\n"
        while not house.tide.ended and time.monotonic() - began < LONGEST:
            for event in _events(house, location, answer, after):
                yield event
            after = max(after, answer["position"])
            if not await house.tide.beyond(after, HEARTBEAT):
                yield b": still here\n\n"
            await asyncio.sleep(_PAUSE)
            try:
                if time.monotonic() - checked > HEARTBEAT:
                    caller, checked = await visitor_of(request, house), time.monotonic()
                answer = await _new_rows(house, caller, location, wanted, after)
            except (ProblemError, ForbiddenError, NotFoundError, StoreError):
                return


async def _new_rows(house: House, caller: Caller, location: str, wanted: Wanted, after: int) -> Answer:
    """The newest page of what became known lately, without what lies at a position or before it.

    Without that time a filter that finds little would look through the whole log each time that anything comes in.
    """

    def ask() -> Answer:
        # By whole days: a look that is another one each second would be a fact each second, and be shown itself.
        today = house.ledger.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        chosen, lately = filtered(house, location, wanted), today - _LATELY
        chosen = replace(chosen, since=lately if chosen.since is None else max(lately, chosen.since))
        found = house.room.log(caller, location, chosen, Asking(), Page(_AT_ONCE))
        return {**found, "log": [row for row in found["log"] if row["position"] > after]}

    return await house.lanes.questions.run(ask)


def _events(house: House, location: str, answer: Answer, after: int) -> list[bytes]:
    rows = [row for row in answer["log"] if row["position"] > after]
    told = [canonical.write(_told(house, location, row)) for row in rows]
    found = [
        b"id: %d\nevent: row\ndata: %s\n\n" % (row["position"], each) for row, each in zip(rows, told, strict=True)
    ]
    # Nobody asks again about what came and is not shown.
    return [*found, b"id: %d\n\n" % answer["position"]]


def _told(house: House, location: str, row: Answer) -> Answer:
    """What the page's script writes into a row, as texts."""
    device = row["device"] or {}
    return {
        "time": f"{read_instant(row['recorded_at']).astimezone(house.room.zone(location)):%Y-%m-%d %H:%M %Z}",
        "instant": row["recorded_at"],
        "href": f"/locations/{quote(location)}/facts/{row['id']}",
        "action": row["action"],
        "actor": row["actor"]["name"],
        "device": device.get("name") or device.get("id") or "",
        "address": device.get("ip") or "",
        "outcome": row["outcome"],
    }
