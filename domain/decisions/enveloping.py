"""From drafts to facts: the envelope that the command gives them, with ids that follow from the command's own.

Because the ids follow from the command's id, a command sent twice cannot append twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from domain.commands import Command, OfPerson
from domain.decisions.standing import Draft
from domain.facts import CommandRefused, Data, Fact
from domain.refusals import Refusal

NAMED = "location"
"""The detail of a refused command that names a location which is not there; the fact belongs to none then."""

SAID = "sentence"
"""The detail of a refused erasure that says why."""


def fact_id(command: Command, name: str) -> str:
    """The id of one fact of a command, by a name that is unique within the command."""
    return str(uuid5(UUID(command.id), name))


def facts_of(command: Command, drafts: Sequence[Draft], at: datetime) -> list[Fact]:
    """The facts of one location's drafts, recorded at `at`, all of one change."""
    ids = [fact_id(command, f"{draft.location or ''}/{index}") for index, draft in enumerate(drafts)]
    return [
        _fact(
            command,
            draft.data,
            id=ids[index],
            location=draft.location,
            recorded_at=at,
            effective_at=draft.effective_at,
            caused_by=ids[draft.cause] if draft.cause is not None else None,
            reason=draft.reason or command.reason,
        )
        for index, draft in enumerate(drafts)
    ]


def refused_fact(command: Command, refusal: Refusal, location: str | None, at: datetime) -> Fact:
    """The fact that an attempt was refused; `location` only where there is such a location."""
    target = getattr(command.data, "member", None) or getattr(command.data, "account", None)
    # What is said of an erasure names nobody but by ids, and must not be sealed with a key of the one who is erased.
    openly = isinstance(command.data, OfPerson)
    said = {SAID: refusal.sentence[:2000]} if openly else {}
    unknown = {NAMED: refusal.location} if location is None and refusal.location is not None else {}
    data = CommandRefused(
        command=command.command,
        code=refusal.code.value,
        target=target,
        sentence=None if openly else refusal.sentence[:2000],
        standing=list(refusal.standing),
        details={**refusal.details, **unknown, **said} or None,
    )
    return _fact(
        command,
        data,
        id=fact_id(command, f"{refusal.location or ''}/refused"),
        location=location,
        recorded_at=at,
        effective_at=at,
        reason=command.reason,
    )


def _fact(command: Command, data: Data, **envelope: Any) -> Fact:
    return Fact(
        type=type(data).__name__,
        actor=command.actor,
        device=command.device if command.actor.kind != "system" else None,
        change=command.change or command.id,
        data=data,
        **envelope,
    )
