"""The feed: every fact in its final order; whoever goes on from `next` gets each of them at least once."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from domain.limits import LARGEST_INTEGER
from infrastructure.http.coming_in import Called
from infrastructure.http.feed_asking import check_follower, page_for
from infrastructure.http.feed_forms import Form, form_of, written_page
from infrastructure.http.feed_stream import MEDIA_TYPE, begins_after, streamed
from infrastructure.http.house import Housed

router = APIRouter(prefix="/v1", tags=["facts"])

LONGEST_WAIT = 30
"""Seconds that a long poll waits at most; proxies end what takes a minute."""

UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Proxies pass each event on as it comes."""

After = Annotated[int, Query(ge=0, le=LARGEST_INTEGER, description="The position to go on after; 0 from the start.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Facts of one page at most.")]
Wait = Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait when there is nothing new.")]


@router.get("/facts")
async def facts(
    request: Request,
    house: Housed,
    caller: Called,
    after: After = 0,
    limit: Limit = 100,
    wait: Wait = 0,
    form: Annotated[Form | None, Query(alias="format")] = None,
) -> Response:
    """The facts after a position, oldest first, with `next` to go on from, which may lie beyond the last one shown.

    A key for some places gets the facts of these locations and what holds for all. With `wait` an empty page is held
    back until there is something new. The forms: CloudEvents by `format=cloudevents` or by accepting
    `application/cloudevents-batch+json`; OCSF events by `format=ocsf`.

    With `Accept: text/event-stream` the page has no end: each fact comes when it has its position, and `Last-Event-ID`
    goes on after that one.
    """
    await check_follower(house, caller)
    chosen = form_of(request, form)
    if MEDIA_TYPE in request.headers.get("accept", ""):
        house.streams.check()
        stream = streamed(request, house, caller, begins_after(request, after), limit, chosen)
        return StreamingResponse(stream, media_type=MEDIA_TYPE, headers=UNBUFFERED)
    until = time.monotonic() + wait
    while True:
        page = await page_for(house, caller, after, limit)
        left = until - time.monotonic()
        if page.entries or left <= 0:
            return written_page(request, house, page, chosen)
        if page.is_last and not await house.tide.beyond(page.next, left):
            return written_page(request, house, page, chosen)
        after = page.next
