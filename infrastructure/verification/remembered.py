"""What was verified is written down: the next verification goes on from it, and a missing one is noticed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from infrastructure.verification.evidence import EvidenceVerified, Standing

_SQL = statements("verification")
DAILY, WEEKLY = timedelta(hours=23, minutes=30), timedelta(days=7)
"""How often what came is verified, and how often everything is."""

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

    @property
    def whole_is_due(self) -> bool:
        """Whether the next one should begin from nothing; one that found something is not built upon."""
        return bool(self.broken) or self.age_of_whole is None or self.age_of_whole >= WEEKLY

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


def is_due(store: Store) -> bool:
    """Whether somebody should verify now: a day after the last time, or after there came to be a ledger."""
    found = last(store)
    return (found.age if found is not None else _age(store)) >= DAILY


def overdue(store: Store) -> str | None:
    """Why somebody should look at the verifications, as a sentence; None when all is well."""
    found = last(store)
    if found is not None:
        return found.sentence() if found.broken or found.overdue else None
    if _age(store) <= OVERDUE:
        return None
    return "This ledger was never verified; run `accessledger verify`, or let `accessledger serve` do it daily."


def _age(store: Store) -> timedelta:
    """For how long there has been a ledger here; zero for one that has just been made."""
    ((age,),) = store.connections.read(_SQL["age"])
    return timedelta(seconds=age or 0.0)


def remember(
    store: Store, settled: int, found: EvidenceVerified, broken: list[str], *, whole: bool, seconds: float
) -> None:
    """Write down what a verification up to a position came to, with the sentences of what is broken."""
    asked = {
        "whole": whole,
        "settled": settled,
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
