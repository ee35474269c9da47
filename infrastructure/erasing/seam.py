"""What the desk asks of whoever carries erasures out."""

from collections.abc import Sequence
from typing import Protocol

from domain.commands import OfPerson
from domain.erasures import Person
from domain.facts import Fact


class Erasing(Protocol):
    """What an erasure needs beside the facts of the places that it is given to."""

    def person(self, location: str | None, request: OfPerson) -> Person:
        """Whom it is about."""

    def carry_out(self, erased: Sequence[Fact]) -> None:
        """Destroy what facts say is destroyed; done twice it does nothing more."""
