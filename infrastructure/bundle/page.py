"""The page of a bundle, for a person to read and to print: what is disputed, where both clocks differ, and why.

It is made of what the check recomputes and of nothing else, so that a check can make it once more and compare.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from domain.catalogue import Catalogue
from domain.instants import read_date, read_instant
from infrastructure.bundle.markup import Markup, element, several, table, text
from projections.explanation import GENERATION_NAMES, OUTCOMES
from projections.moments import day, moment
from projections.seat_words import grouped

Answer: TypeAlias = Mapping[str, Any]

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a;
  background: #fff }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid #bbb }
th { font-weight: 600 } tbody th { font-weight: 400 }
.differs { background: #fff3c4; font-weight: 600; padding: 0 .3rem }
.why { margin: .2rem 0 .8rem; padding-left: 1.2rem } small { color: #444 }
pre { background: #f2f2f2; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere }
@media print { body { margin: 0; max-width: none } tr, li { break-inside: avoid } }
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page is made of: what the manifest says, the answers, the signed note, the catalogue for its words."""

    manifest: Answer
    answers: Answer
    note: str | None
    catalogue: Catalogue

    @property
    def zone(self) -> ZoneInfo:
        """The location's time zone, in which the page tells every time."""
        return ZoneInfo(self.manifest["zone"])

    def moment(self, instant: str) -> str:
        """An instant on the clocks of the location."""
        return moment(read_instant(instant), self.zone)


def page(shown: Shown) -> bytes:
    """The whole page, in UTF-8."""
    manifest = shown.manifest
    title = f"Evidence of the seats of {shown.answers['name']}, {_days(manifest['from'], manifest['to'])}"
    style = Markup(STYLE)
    policy = f"default-src 'none'; style-src '{_digest(STYLE)}'; form-action 'none'; base-uri 'none'"
    head = several(
        (
            Markup('<meta charset="utf-8">'),
            Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", title),
            element("style", style),
        )
    )
    body = several((element("h1", title), *_parts(shown)))
    whole = element("html", head, element("body", element("main", body)), lang="en")
    return f"<!doctype html>\n{whole}\n".encode()


def _parts(shown: Shown) -> Iterator[Markup]:
    yield from _summary(shown)
    yield from _billed(shown)
    yield from _differences(shown)
    yield _calendar(shown)
    yield from _explained(shown)
    yield _lists(shown)
    yield from _how_to_check(shown)


def _summary(shown: Shown) -> Iterator[Markup]:
    manifest, days = shown.manifest, shown.answers["days"]
    differ = sum(_counts(row["then"]) != _counts(row["now"]) for row in days)
    then, now = (sum(row[side]["billable"] for row in days) for side in ("then", "now"))
    known = manifest["known"] or manifest["answered_at"]
    yield element(
        "p",
        f"Location {manifest['location']}. Every time is told on its clocks ({manifest['zone']}). ",
        f"Asked on {shown.moment(manifest['answered_at'])}; “now” means as known on {shown.moment(known)}.",
    )
    numbers = "the counts are the same by both clocks on every day."
    if differ:
        numbers = f"the counts differ on {differ}."
    yield element(
        "p",
        f"Of {len(days)} {'day' if len(days) == 1 else 'days'}, {numbers} ",
        f"Billable seats, added up over the days: {then} as known at each day's end, {now} as known now.",
    )


def _billed(shown: Shown) -> Iterator[Markup]:
    charges = shown.answers["charges"]
    if not charges:
        return
    yield element("h2", "What was charged")
    heads = ("Charge", "Billed", "As known when it was charged", "As known now")
    yield table("Charges of these days", heads, (_charge(shown, row) for row in charges))


def _charge(shown: Shown, row: Answer) -> Iterable[object]:
    billed = row["billed"]
    amount = f", {billed['amount']} {billed['currency'] or ''}".rstrip() if billed["amount"] is not None else ""
    yield f"{row['charge']}, {shown.moment(row['effective_at'])}"
    yield f"{billed['billable']} billable, {billed['free']} free{amount}"
    for side in (row["as_known_then"], row["as_known_now"]):
        said = f"{side['billable']} billable, {side['free']} free"
        yield said if side["agrees"] else element("span", said, kind="differs")


def _differences(shown: Shown) -> Iterator[Markup]:
    yield element("h2", "Where both clocks differ, and why")
    if not shown.answers["differences"]:
        yield element("p", "Nowhere: on each of these days everybody's seat was judged then as it is judged now.")
    for found in shown.answers["differences"]:
        difference = found["difference"]
        before, after = difference["counts"]["before"], difference["counts"]["after"]
        counts = f"{before['billable']} billable as known then, {after['billable']} as known now"
        yield element("h3", f"{_days(found['from'], found['to'])}: {counts}")
        yield several(_difference(shown, row) for row in difference["differences"])


def _difference(shown: Shown, row: Answer) -> Markup:
    then, now = _judged(shown, row["before"]), _judged(shown, row["after"])
    smallest = "" if row["smallest"] else element("small", "A smaller set of facts was not ruled out.")
    said = element("p", element("strong", row["name"]), f": as known then {then}; as known now {now}. Because:")
    facts = element("ul", several(_fact(shown, fact) for fact in row["facts"]), kind="why")
    return several((said, facts, smallest))


def _fact(shown: Shown, fact: Answer) -> Markup:
    actor, device = fact["actor"], fact["device"]
    behalf = f" on behalf of {actor['on_behalf_of']}" if "on_behalf_of" in actor else ""
    by = f"Told on {shown.moment(fact['known_at'])} by {actor['kind']} {actor['id']}{behalf}"
    name = (device or {}).get("name") or (device or {}).get("id")
    source = f", from {name}" if name else ""
    place = (
        f"{by}{source}; it holds from {shown.moment(fact['effective_at'])}. Position {fact['position']}, {fact['id']}."
    )
    return element("li", fact["sentence"], ". ", element("small", place))


def _judged(shown: Shown, side: Answer | None) -> str:
    if side is None:
        return "not on the list"
    words = "; ".join(said for said, _ in grouped(side["reasons"], shown.catalogue))
    return f"{'billable' if side['billable'] else 'free'} ({words})"


def _calendar(shown: Shown) -> Markup:
    heads = ("Day", "As known at its end", "As known now", "Terms")
    return several((element("h2", "Day by day"), table("Counts", heads, (_day(row) for row in shown.answers["days"]))))


def _day(row: Answer) -> Iterable[object]:
    then, now = row["then"], row["now"]
    yield day(read_date(row["date"]))
    yield _said(then)
    yield _said(now) if _counts(then) == _counts(now) else element("span", _said(now), kind="differs")
    names = dict.fromkeys((GENERATION_NAMES[then["terms"]], GENERATION_NAMES[now["terms"]]))
    yield ", now ".join(names)


def _said(side: Answer) -> str:
    bought = "unlimited" if side["available"] is None else f"{side['available']}"
    return f"{side['billable']} billable, {side['free']} free, {bought} bought"


def _counts(side: Answer) -> tuple[Any, ...]:
    return side["billable"], side["free"], side["available"], side["terms"]


def _explained(shown: Shown) -> Iterator[Markup]:
    seat = shown.manifest["seat"]
    if seat is None:
        return
    last = shown.answers["days"][-1]
    yield element("h2", f"The seat {seat} on {day(read_date(last['date']))}")
    for side, title in (("then", "As known at the end of that day"), ("now", "As known now")):
        found = last["explained"][side]
        if found is None:
            yield element("p", f"{title}: nobody of that name is or was on the list.")
            continue
        yield element("p", f"{title}: {found['name']} is {_judged(shown, found)}.")
        yield element("ul", several(_fact(shown, fact) for fact in found["facts"]), kind="why")


def _lists(shown: Shown) -> Markup:
    last = shown.answers["days"][-1]
    title = f"Who was on the list on {day(read_date(last['date']))}"
    tables = (
        table(caption, ("Seat", "Billable", "Why"), (_seat(shown, seat) for seat in last[side]["seats"]))
        for side, caption in (("then", "As known at the end of that day"), ("now", "As known now"))
    )
    return several((element("h2", title), *tables))


def _seat(shown: Shown, seat: Answer) -> Iterable[object]:
    yield f"{seat['name']} ({seat['member'] or seat['account']})"
    yield "billable" if seat["billable"] else "free"
    words = "; ".join(said for said, _ in grouped(seat["reasons"], shown.catalogue))
    yield words or OUTCOMES["no_access"]


def _how_to_check(shown: Shown) -> Iterator[Markup]:
    yield element("h2", "How to check this without trusting whoever gave it to you")
    yield element(
        "p",
        "Take the program and the key of the log from a source of your own, not from this file. ",
        "Then the following, offline, verifies every signature, every fact and every number above:",
    )
    yield element("pre", "accessledger check BUNDLE.zip --key VKEY")
    yield element("p", "README.txt says more, and how to do the same with programs that others wrote.")
    if shown.note is None:
        yield element("p", element("strong", "This bundle is not signed."), " Nobody vouches for what it says.")
        return
    yield element("p", "The signed checkpoint of the log, to compare with one that you hold or were shown elsewhere:")
    yield element("pre", Markup("\n".join(text(line) for line in shown.note.split("\n"))))


def _days(first: str, last: str) -> str:
    one, other = day(read_date(first)), day(read_date(last))
    return one if one == other else f"{one} to {other}"


def _digest(style: str) -> str:
    return f"sha256-{base64.b64encode(sha256(style.encode()).digest()).decode()}"
