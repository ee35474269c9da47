"""Sentences about forgetting a person: asked for, refused for a time, let go, done."""

from typing import TypeAlias, assert_never

from domain import facts
from domain.instants import local_date
from projections.sentences.telling import Telling, counted

ErasureFact: TypeAlias = facts.ErasureAsked | facts.ErasureRefused | facts.ErasureAllowed | facts.PersonErased


def told(telling: Telling, data: ErasureFact) -> str:
    """A fact about an erasure as a sentence."""
    whom = _whom(telling, data)
    match data:
        case facts.ErasureAsked():
            due = telling.day(local_date(data.due, telling.words.zone))
            return f"{telling.who} asked for the erasure of {whom}, due on {due}: {data.basis}"
        case facts.ErasureRefused():
            until = telling.day(local_date(data.until, telling.words.zone))
            return f"{telling.who} refused the erasure of {whom} until {until}: {data.ground}"
        case facts.ErasureAllowed():
            return f"{telling.who} ended the hold on the erasure of {whom}: {data.ground}"
        case facts.PersonErased():
            keys = counted(len(data.keys), "key")
            return f"{telling.who} erased {whom}, {keys} destroyed: {data.basis}"
        case _:
            assert_never(data)


def _whom(telling: Telling, data: ErasureFact) -> str:
    if data.client is not None:
        return f"client {data.client}"
    if data.member is not None:
        return telling.member(data.member)
    return telling.account(data.account or "")
