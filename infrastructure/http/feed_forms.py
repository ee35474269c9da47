"""The forms of the feed: rows of our own, CloudEvents, OCSF events."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from domain import canonical
from domain.entries import Entry, Quarantined
from domain.ledger import Record, lines_of
from infrastructure.http.answers import MEDIA_TYPE
from infrastructure.http.feed_pages import FeedPage
from infrastructure.http.house import House
from projections.cloud_events import cloud_event
from projections.followed import followed
from projections.names import Names
from projections.ocsf import ocsf_event, ocsf_unread
from projections.security_log import rows_of as log_rows
from projections.sentences import Sentences

Form: TypeAlias = Literal["facts", "cloudevents", "ocsf"]
Json: TypeAlias = dict[str, Any]
_ZONE = ZoneInfo("UTC")
BATCH = "application/cloudevents-batch+json"
NEXT = "Ledger-Next"
POSITION = "Ledger-Position"


def form_of(request: Request, named: Form | None) -> Form:
    """The form that a request asks for: by `format`, else by what it accepts."""
    if named is not None:
        return named
    return "cloudevents" if BATCH in request.headers.get("accept", "") else "facts"


def rows_of(house: House, entries: Iterable[Entry | Quarantined], form: Form) -> Iterator[Json]:
    """Some facts in a form, in their order; what a correction carries is an OCSF event of its own."""
    for entry in entries:
        if form == "cloudevents":
            yield cloud_event(entry, house.settings.address)
        elif form == "facts":
            yield followed(entry)
        elif isinstance(entry, Quarantined):
            yield ocsf_unread(entry.position, entry.type, entry.reason)
        else:
            yield from map(ocsf_event, _log_rows(house, entry))


def _log_rows(house: House, entry: Entry) -> Iterable[Json]:
    """A fact as the log shows it, by itself: with the names that it brings along, else by ids."""
    record = Record(tuple(lines_of(entry, 0)), house.ledger.catalogues, {})
    return log_rows(record.lines, record, Sentences(Names(record), record, _ZONE))


def written_page(request: Request, house: House, page: FeedPage, form: Form) -> Response:
    """A page of the feed; where to go on is in its body, where that has room, and in its headers always."""
    rows = list(rows_of(house, page.entries, form))
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
    answer = {"events" if form == "ocsf" else "facts": rows, "next": page.next, "position": page.position}
    return Response(canonical.write(answer) + b"\n", 200, headers, MEDIA_TYPE)
