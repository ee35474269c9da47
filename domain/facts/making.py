"""Facts made of parts that were checked already, as the quick readings make them."""

from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Literal, TypeAlias, cast

from domain.facts.envelope import Actor, Device, Fact
from domain.facts.form import Data, Record
from domain.facts.quick import NotQuickError
from domain.limits import EARLIEST_YEAR, LATEST_YEAR

_ActorKind: TypeAlias = Literal["person", "system", "api_key", "support"]


class FactInMaking(Record):
    """A fact whose fields are set one by one, and which then becomes a fact: a frozen one takes three times as long."""

    __slots__ = tuple(field.name for field in fields(Fact))
    id: str
    type: str
    location: str | None
    recorded_at: datetime
    effective_at: datetime
    actor: Actor
    device: Device | None
    change: str
    caused_by: str | None
    reason: str | None
    source: str | None
    data: Data

    def done(self) -> Fact:
        """The fact; nothing changes it from now on."""
        fact = cast("Fact", self)
        self.__class__ = Fact  # type: ignore[assignment]
        return fact


class DeviceInMaking(Record):
    """The same for a device."""

    __slots__ = tuple(field.name for field in fields(Device))
    id: str | None
    ip: str | None
    user_agent: str | None
    session: str | None

    def done(self) -> Device:
        """The device; nothing changes it from now on."""
        device = cast("Device", self)
        self.__class__ = Device  # type: ignore[assignment]
        return device


@lru_cache(maxsize=8192)
def actor_of(kind: str, actor: str, on_behalf_of: str | None) -> Actor:
    """One object for the same actor."""
    return Actor(kind=cast("_ActorKind", kind), id=actor, on_behalf_of=on_behalf_of)


def instant_of(text: str) -> datetime:
    """The instant that a text of the written shape names. ValueError when there is none in the ledger's years."""
    found = datetime.fromisoformat(text)
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        raise NotQuickError
    return found
