"""Facts about forgetting a person: asked for, refused for a time, let go, done. Nothing in them is personal."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.facts.form import Data, FactId, FreeObject, Identifier, Instant, Name, Text, as_tuple, record
from domain.limits import KEYS_COUNT

Names = Annotated[tuple[Name, ...], BeforeValidator(as_tuple), Field(max_length=KEYS_COUNT)]


@record
class ErasureAsked(Data):
    """What is held about a person is to be erased, on that legal basis; by itself when it falls due."""

    account: Identifier | None = None
    member: Identifier | None = None
    client: Name | None = None
    basis: Text
    due: Instant


@record
class ErasureRefused(Data):
    """An erasure waits, because the law or a dispute asks for it; at the end of the term it falls due."""

    account: Identifier | None = None
    member: Identifier | None = None
    client: Name | None = None
    ground: Text
    until: Instant


@record
class ErasureAllowed(Data):
    """Nothing stands in the way of an erasure any more."""

    account: Identifier | None = None
    member: Identifier | None = None
    client: Name | None = None
    ground: Text


@record
class PersonErased(Data):
    """The keys of these subjects are destroyed from here on, and so is what lay beside the facts."""

    account: Identifier | None = None
    member: Identifier | None = None
    client: Name | None = None
    basis: Text
    asked: FactId | None = None
    """The fact that asked for it, where one did before."""

    subjects: Names
    keys: Names
    """The ids of the keys of the first so many subjects; the others had none. What they opened is gone with them."""

    removed: FreeObject | None = None
    """How many of what lay beside the facts: sessions, devices and the like."""
