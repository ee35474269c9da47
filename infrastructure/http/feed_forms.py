"""The forms of the feed: rows of our own, CloudEvents, OCSF events."""

from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode

from fastapi import Request, Response

from domain import canonical
from domain.entries import Entry, Quarantined
from infrastructure.http.answers import MEDIA_TYPE
from infrastructure.http.feed_pages import FeedPage
from infrastructure.http.house import House
from projections.cloud_events import cloud_event
from projections.followed import followed

Form: TypeAlias = Literal["facts", "cloudevents"]
BATCH = "application/cloudevents-batch+json"
NEXT = "Ledger-Next"
POSITION = "Ledger-Position"


def form_of(request: Request, named: Form | None) -> Form:
    """The form that a request asks for: by `format`, else by what it accepts."""
    if named is not None:
        return named
    return "cloudevents" if BATCH in request.headers.get("accept", "") else "facts"


def row(house: House, entry: Entry | Quarantined, form: Form) -> dict[str, Any]:
    """One fact in a form."""
    return cloud_event(entry, house.settings.address) if form == "cloudevents" else followed(entry)


def written_page(request: Request, house: House, page: FeedPage, form: Form) -> Response:
    """A page of the feed; where to go on is in its body, where that has room, and in its headers always."""
    rows = [row(house, entry, form) for entry in page.entries]
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "after"]
    link = f"{request.url.path}?{urlencode([*kept, ('after', str(page.next))])}"
    headers = {
        NEXT: str(page.next),
        POSITION: str(page.position),
        "Link": f'<{link}>; rel="next"',
        "Cache-Control": "no-store",
    }
    if form == "cloudevents":
        return Response(canonical.write(rows) + b"\n", 200, headers, f"{BATCH}; charset=UTF-8")
    answer = {"facts": rows, "next": page.next, "position": page.position}
    return Response(canonical.write(answer) + b"\n", 200, headers, MEDIA_TYPE)
