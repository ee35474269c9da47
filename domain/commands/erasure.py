"""Commands about forgetting a person: an account with all that belongs to it, one member, or one client."""

from typing import Self

from pydantic import model_validator

from domain.commands.form import Request
from domain.facts.form import Identifier, Instant, Name, Text


class OfPerson(Request):
    """A command about a person: exactly one of an account, a member or a client."""

    somewhere = False
    account: Identifier | None = None
    member: Identifier | None = None
    client: Name | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(named is not None for named in (self.account, self.member, self.client)) != 1:
            raise ValueError("name one: an account, a member or a client")
        return self


class AskErasure(OfPerson):
    """Ask for an erasure; without `due` it falls due at once, or after a month when people ask for their own."""

    basis: Text
    due: Instant | None = None


class RefuseErasure(OfPerson):
    """Let an erasure wait until a term, with the ground; a basis where nobody has asked for it before."""

    until: Instant
    ground: Text
    basis: Text | None = None


class AllowErasure(OfPerson):
    """Nothing holds an erasure any more."""

    ground: Text


class Erase(OfPerson):
    """Erase what is held about a person, now, on that legal basis."""

    basis: Text
