"""What became of the wish to forget somebody: asked for, held, done; and what makes up a person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.facts import ErasureAllowed, ErasureAsked, ErasureRefused, PersonErased
from domain.ledger import Line


def client_subject(location: str, client: str) -> str:
    """What those of a client of a location go by."""
    return f"client:{location}/{client}"


@dataclass(frozen=True, slots=True)
class Person:
    """One person, as far as the ledger knows which of its records are this person's."""

    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By location, every one in which the account was ever given access, the members that it was ever linked to.

    A member whom another account is linked to now is somebody else by now, and is left out.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    """By subject the key that still opens something of it."""

    besides: tuple[str, ...] = ()
    """Subjects of what lies beside the facts and goes with the account: devices that are nobody else's."""

    beside: Mapping[str, int] = field(default_factory=dict)
    """How many of what lies beside the facts: sessions, devices and the like."""

    known: bool = False
    """Whether anything at all is held: a fact, a key, something beside the facts."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whose erasure a fact of one stream is about."""

    account: str | None = None
    member: str | None = None
    client: str | None = None

    def is_meant(self, data: ErasureAsked | ErasureRefused | ErasureAllowed | PersonErased) -> bool:
        """Whether a fact is about this one: a member's goes by the member, whoever is linked."""
        if self.member is not None:
            return data.member == self.member
        return (data.account, data.member, data.client) == (self.account, None, self.client)

    @property
    def name(self) -> str:
        """The id, as a sentence says it."""
        return self.member or self.account or self.client or ""


@dataclass(frozen=True, slots=True)
class Wish:
    """That somebody asked: the fact, on which basis, and when it falls due if nothing holds it."""

    fact: str
    at: datetime
    basis: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """What an erasure waits for."""

    fact: str
    ground: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """That it was done."""

    fact: str
    at: datetime
    basis: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """Where the erasure of one stands. A wish and a hold end when it is done; afterwards it may be asked for again."""

    wish: Wish | None = None
    hold: Hold | None = None
    done: Done | None = None

    def held_at(self, at: datetime) -> bool:
        """Whether it may not be done at a moment."""
        return self.hold is not None and at < self.hold.until

    @property
    def due(self) -> datetime | None:
        """When it is done by itself; None when nobody asked."""
        if self.wish is None:
            return None
        return max(self.wish.due, self.hold.until) if self.hold is not None else self.wish.due


def erasure_of(lines: Iterable[Line], whom: Whom) -> Erasure:
    """Where the erasure of one stands after some lines, in order; what a correction carries says nothing about it."""
    found = Erasure()
    for line in lines:
        data, fact = line.fact.data, line.fact
        if line.carrier is not None or not isinstance(
            data, ErasureAsked | ErasureRefused | ErasureAllowed | PersonErased
        ):
            continue
        if not whom.is_meant(data):
            continue
        match data:
            case ErasureAsked():
                found = replace(found, wish=Wish(fact.id, fact.recorded_at, data.basis, data.due))
            case ErasureRefused():
                found = replace(found, hold=Hold(fact.id, data.ground, data.until))
            case ErasureAllowed():
                found = replace(found, hold=None)
            case PersonErased():
                found = Erasure(done=Done(fact.id, fact.recorded_at, data.basis))
    return found


def with_keys(person: Person, subjects: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Some subjects, those with a key first; and these keys, in the same order."""
    opened = [subject for subject in subjects if subject in person.keys]
    others = [subject for subject in subjects if subject not in person.keys]
    return (*opened, *others), tuple(person.keys[subject] for subject in opened)


def keys_of(data: PersonErased) -> Mapping[str, str]:
    """By subject the key that an erasure destroys."""
    return dict(zip(data.subjects, data.keys, strict=False))
