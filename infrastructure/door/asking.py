"""What every question brings along: both times, and the position to answer from or to wait for."""

from dataclasses import dataclass

from infrastructure.basis import Moment


@dataclass(frozen=True, slots=True)
class Asking:
    """A basis as a caller names it; what is left out is now, everything known now, and the last settled position."""

    on: Moment = None
    known: Moment = None
    position: int | None = None
    at_least: int | None = None
    """Wait until the ledger has come to this position: one that a command has answered with."""
