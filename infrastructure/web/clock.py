"""The time control of a page: both clocks as texts, the sentence of the banner, and the links around a point."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request

from infrastructure.basis import Answer
from infrastructure.http.answers import permalink

_TIMES = frozenset({"on", "known", "position", "at_least", "cursor", "q"})


@dataclass(frozen=True, slots=True)
class Clock:
    """What the time control shows."""

    on_text: str
    known_text: str
    past: bool
    sentence: str
    kept: tuple[tuple[str, str], ...]
    """The other parts of the query, which a change of time keeps."""

    asked: str
    """The times as a query to put behind another page of the place; empty for now."""

    now_href: str
    permalink: str
    previous_href: str
    next_href: str


def clock_of(request: Request, answer: Answer, root: str, tab: str) -> Clock:
    """The time control for an answer; its basis makes the permalink. `root` and `tab` say which page steps on."""
    query = request.query_params
    on, known = query.get("on", ""), query.get("known", "")
    kept = tuple((key, value) for key, value in query.multi_items() if key not in _TIMES)
    parts = [f"as it was on {on}" if on else "", f"as we knew it on {known}" if known else ""]
    times = [(key, text) for key, text in (("on", on), ("known", known)) if text]
    point = [(key, str(answer[key])) for key in ("on", "known") if answer.get(key) is not None]
    now_href = f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path
    return Clock(
        on_text=on,
        known_text=known,
        past=bool(on or known),
        sentence=" and ".join(part for part in parts if part),
        kept=kept,
        asked=f"?{urlencode(times)}" if times else "",
        now_href=now_href,
        permalink=permalink(request, answer),
        previous_href=f"{root}/step?{urlencode([('to', 'previous'), ('tab', tab), *(point if known else point[:1])])}",
        next_href=f"{root}/step?{urlencode([('to', 'next'), ('tab', tab), *(point if known else point[:1])])}",
    )
