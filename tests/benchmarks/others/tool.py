"""What a tool that keeps history is asked: to write a change, who could do what at a moment, and who did what."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from tests.benchmarks.others.changes import Change

State: TypeAlias = Mapping[str, tuple[str, frozenset[str]]]
"""Role and rights of everybody of a location who has access, by account."""

Did: TypeAlias = tuple[str, str, str]
"""Who changed what from a device: actor, location, account."""


class Tool(Protocol):
    """One tool over one database; its methods are called by several threads."""

    def write(self, change: Change) -> None:
        """Store one change durably, with who made it and from which device, in a transaction of its own."""

    def leave(self) -> None:
        """Called by a thread that writes no more."""

    def settle(self) -> None:
        """Do what has to be done before questions are answered, where that is not part of the write."""

    def moment(self) -> object:
        """The present, to ask about when it is past; between two writes."""

    def state(self, location: str, moment: object) -> State:
        """Role and rights of everybody in a location at a moment."""

    def from_device(self, device: str) -> Sequence[Did]:
        """Who changed what from a device, oldest first."""

    def close(self) -> None:
        """Let go of the database."""
