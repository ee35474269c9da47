"""What a question answers with, as JSON Schema: the keys that are always there, each of its type; more may be added."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from domain.limits import LARGEST_INTEGER

Schema: TypeAlias = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER}
YES_OR_NO: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
FACT_ID: Schema = {"type": "string", "format": "uuid"}
ANYTHING: Schema = {"type": "object"}


def perhaps(schema: Schema) -> Schema:
    """Either that or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def rows(schema: Schema) -> Schema:
    """A list of such."""
    return {"type": "array", "items": schema}


def of(**keys: Schema) -> Schema:
    """An object that has these keys, and may have others."""
    return {"type": "object", "properties": keys, "required": sorted(keys)}


def _at_one_point(**keys: Schema) -> Schema:
    return of(on=INSTANT, known=INSTANT, position=COUNT, **keys)


def _of_location(**keys: Schema) -> Schema:
    return _at_one_point(location=TEXT, **keys)


TERMS: Schema = {"enum": ["service_providers", "client_interaction", "access_rights"]}
_REASON = of(code=TEXT)
_REASON_WITH_FACTS = of(code=TEXT, because=rows(FACT_ID))
_WHO = {"member": perhaps(TEXT), "account": perhaps(TEXT)}
_COUNTS = {"available": perhaps(COUNT), "billable": COUNT, "free": COUNT}
_SEAT = of(**_WHO, name=TEXT, billable=YES_OR_NO, reasons=rows(_REASON_WITH_FACTS))
_SIDE = perhaps(of(billable=YES_OR_NO, reasons=rows(_REASON)))
_DIFFERENCE = of(**_WHO, name=TEXT, before=_SIDE, after=_SIDE, facts=rows(of(id=TEXT)))
_SUMMED = of(terms=TERMS, subscription=perhaps(TEXT), **_COUNTS)
_POINT = of(on=INSTANT, known=INSTANT)
_PAGE = {"on": perhaps(INSTANT), "known": INSTANT, "position": COUNT, "earlier": perhaps(COUNT)}
_FACT = of(
    id=FACT_ID, type=TEXT, recorded_at=INSTANT, effective_at=INSTANT, actor=of(kind=TEXT, id=TEXT), data=ANYTHING
)
_COMMAND_DONE = of(command=TEXT, id=FACT_ID, position=perhaps(COUNT))

ANSWERS: Mapping[str, Schema] = {
    "/v1/locations/{location}/seats": _of_location(
        subscription=perhaps(of(id=TEXT, terms=TERMS, starts_at=INSTANT, ends_at=INSTANT, lapsed=YES_OR_NO)),
        **_COUNTS,
        over=COUNT,
        seats=rows(_SEAT),
        former=rows(of(**_WHO, reason=_REASON_WITH_FACTS)),
    ),
    "/v1/locations/{location}/seats/{seat}/explanation": _of_location(
        **_WHO, name=perhaps(TEXT), billable=YES_OR_NO, terms=TERMS, rules=rows(of(rule=TEXT, holds=YES_OR_NO))
    ),
    "/v1/locations/{location}/access": _of_location(
        users=rows(of(account=TEXT, member=perhaps(TEXT), name=TEXT, role=perhaps(TEXT), rights=rows(of(right=TEXT))))
    ),
    "/v1/locations/{location}/roster": _of_location(
        people=rows(of(**_WHO, name=TEXT, state=TEXT, access=TEXT, role=perhaps(TEXT), on_schedule=YES_OR_NO))
    ),
    "/v1/locations/{location}/charges": _of_location(
        charges=rows(
            of(
                fact=FACT_ID,
                charge=TEXT,
                billed=of(billable=COUNT, free=COUNT),
                as_known_then=ANYTHING,
                as_known_now=ANYTHING,
            )
        )
    ),
    "/v1/locations/{location}/diff": of(
        location=TEXT, one=_POINT, other=_POINT, position=COUNT, differences=rows(_DIFFERENCE)
    ),
    "/v1/locations/{location}/days": of(
        **{"from": DAY, "to": DAY},
        location=TEXT,
        known=INSTANT,
        position=COUNT,
        seat_days=COUNT,
        days=rows(of(date=DAY, on=INSTANT, terms=TERMS, **_COUNTS, over=COUNT, changes=rows(_DIFFERENCE))),
    ),
    "/v1/locations/{location}/history": of(
        **_PAGE, changes=rows(of(change=TEXT, recorded_at=INSTANT, actor=ANYTHING, sentence=TEXT, facts=rows(ANYTHING)))
    ),
    "/v1/locations/{location}/log": of(
        **_PAGE,
        log=rows(of(id=FACT_ID, type=TEXT, position=COUNT, recorded_at=INSTANT, actor=ANYTHING, action=TEXT)),
    ),
    "/v1/chains/{chain}/seats": _at_one_point(
        chain=TEXT, totals=ANYTHING, locations=rows(of(location=TEXT, chain=perhaps(TEXT), **_COUNTS, over=COUNT))
    ),
}
"""What each question answers with; the path is that of its route."""

FEED = of(facts=rows(of(position=COUNT)), next=COUNT, position=COUNT)
EVENTS = rows(of(specversion={"const": "1.0"}, id=TEXT, source=TEXT, type=TEXT, data=ANYTHING))
DONE: Schema = {
    "anyOf": [
        {**_COMMAND_DONE, "properties": {**_COMMAND_DONE["properties"], "appended": rows(_FACT)}},
        of(change=TEXT, position=COUNT, outcomes=rows(of(command=TEXT, id=FACT_ID, status=COUNT))),
    ]
}
IMPORTED = of(appended=COUNT, already=COUNT, refused=COUNT, position=COUNT)
