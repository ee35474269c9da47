"""What was verified is written down: the next verification goes on from it, and a missing one is noticed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from infrastructure.verification.evidence import EvidenceVerified, Standing

_SQL = statements("verification")
OVERDUE = timedelta(hours=36)
"""A ledger is verified once a day; after that long somebody should look why it was not."""


@dataclass(frozen=True, slots=True)
class Last:
    """The last verification: when, how far, for how long, what it found; how old it and the last whole one are."""

    at: datetime
    whole: bool
    position: int
    size: int
    seconds: float
    broken: tuple[str, ...]
    age: timedelta
    age_of_whole: timedelta | None

    @property
    def overdue(self) -> bool:
        """Whether the next one is missing."""
        return self.age > OVERDUE

    def sentence(self) -> str:
        """How it is, for people."""
        when = f"{self.at:%Y-%m-%d %H:%M} UTC"
        if self.broken:
            return f"The verification of {when} found {len(self.broken)} faults, first: {self.broken[0]}"
        if self.overdue:
            return f"The last verification was that of {when}, and none came since; run `accessledger verify`."
        return f"Verified up to position {self.position:,} on {when}: nothing is broken."


def last_sound(store: Store) -> Standing | None:
    """Where the last verification that found nothing came to; None if there was none."""
    found = store.connections.read(_SQL["last_sound"])
    return Standing(*found[0]) if found else None


def last(store: Store) -> Last | None:
    """The last verification, whatever it found; None if there was none."""
    found = store.connections.read(_SQL["latest"])
    if not found:
        return None
    at, whole, position, size, seconds, broken, age, age_of_whole = found[0]
    return Last(
        at,
        whole,
        position,
        size,
        seconds,
        tuple(broken),
        timedelta(seconds=age),
        None if age_of_whole is None else timedelta(seconds=age_of_whole),
    )


def never(store: Store) -> timedelta:
    """For how long there is a ledger without any verification; zero for one that has just been made."""
    ((age,),) = store.connections.read(_SQL["age"])
    return timedelta(seconds=age or 0.0)


def remember(store: Store, found: EvidenceVerified, broken: list[str], *, whole: bool, seconds: float) -> None:
    """Write down what a verification came to, with the sentences of what is broken."""
    asked = {
        "whole": whole,
        "position": found.position,
        "size": found.size,
        "root": found.root,
        "signed": found.signed,
        "notes": found.notes,
        "seconds": seconds,
        "broken": broken,
    }
    with store.connections.take() as connection:
        connection.execute(_SQL["remember"], asked)
