"""The feed as server-sent events: each fact as it gets its position, from any position on, until somebody leaves."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

from fastapi import Request

from domain import canonical
from domain.entries import Entry
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import ForbiddenError
from infrastructure.http.coming_in import caller_of
from infrastructure.http.feed_asking import check_may_follow, page_for
from infrastructure.http.feed_forms import Form, rows_of
from infrastructure.http.feed_pages import FeedPage
from infrastructure.http.house import House
from infrastructure.http.problems import ProblemError
from infrastructure.store import StoreError

BUSY = 503
_BACK = 0.3
MEDIA_TYPE = "text/event-stream"
HEARTBEAT = 15.0
"""Seconds after which a quiet stream shows that it is alive, and its credential is looked at again."""


def begins_after(request: Request, after: int) -> int:
    """The position to go on after: the last one that this reader has had, where it says so."""
    said = request.headers.get("last-event-id", "").strip()
    return int(said) if said.isdecimal() and len(said) < 17 else after


async def streamed(
    request: Request, house: House, caller: Caller, after: int, limit: int, form: Form
) -> AsyncIterator[bytes]:
    """The events after a position. It ends when the server stops, when the credential does, or on trouble.

    A reader that comes back with the last id it had misses nothing.
    """
    with house.streams.one():
        checked = time.monotonic()
        yield b"retry: 1000\n\n"
        while not house.tide.ended:
            try:
                if time.monotonic() - checked > HEARTBEAT:
                    caller, checked = await caller_of(request, house), time.monotonic()
                    check_may_follow(caller)
                page = await page_for(house, caller, after, limit)
            except ProblemError as problem:
                if problem.status != BUSY:
                    return
                # All streams wake at once; whoever finds the queue full comes back a little later.
                await asyncio.sleep(_BACK)
                continue
            except (ForbiddenError, StoreError):
                return
            for event in _events(house, page, form):
                yield event
            after = page.next
            if page.is_last and not await house.tide.beyond(after, HEARTBEAT):
                yield b": still here\n\n"


def _events(house: House, page: FeedPage, form: Form) -> Iterator[bytes]:
    last = 0
    for entry in page.entries:
        last = entry.position or last
        kind = b"fact" if isinstance(entry, Entry) else b"quarantined"
        told = [*rows_of(house, [entry], form)]
        for place, each in enumerate(told, start=1):
            # Only the last event of a fact moves the id on: who is cut off between them gets all of them again.
            number = b"id: %d\n" % last if place == len(told) else b""
            yield b"%sevent: %s\ndata: %s\n\n" % (number, kind, canonical.write(each))
    if page.next > last:
        # What may not be shown moves the id on, so that nobody looks through it again; an event without data is none.
        yield b"id: %d\n\n" % page.next
