"""The envelope of a fact, and the correction, which carries a whole fact inside (facts.md, sections 2 and 3)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import InstanceOf, SkipValidation

from domain.facts.form import Data, FactId, Identifier, Instant, Name, Record, Text, record


@record
class Actor(Record):
    """Who did it; for support and systems also on whose behalf."""

    kind: Literal["person", "system", "api_key", "support"]
    id: Identifier
    on_behalf_of: Identifier | None = None


@record
class Device(Record):
    """What it was done from, as the request said: claims, except for the id."""

    id: Identifier | None = None
    ip: Name | None = None
    user_agent: Text | None = None
    session: Name | None = None


@record
class Fact(Record):
    """One immutable event. `recorded_at` and `effective_at` are in UTC (the known and the effective axis)."""

    id: FactId
    type: str
    location: Identifier | None = None
    recorded_at: Instant
    effective_at: Instant
    actor: Actor
    device: Device | None = None
    change: Name
    caused_by: FactId | None = None
    reason: Text | None = None
    source: Name | None = None
    data: Annotated[InstanceOf[Data], SkipValidation]


@record
class Correction(Data):
    """The only way to say something about the past; the old fact stays in the ledger."""

    nulls: ClassVar = frozenset({"corrects", "fact"})
    kind: Literal["void", "replace", "late"]
    corrects: FactId | None = None
    fact: Annotated[Fact | None, SkipValidation] = None
