"""The locations that somebody may see: those where they are a user, and those of what they look through."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infrastructure.basis import Answer
from infrastructure.books import Books, NotFoundError
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import Topic
from infrastructure.http.house import House
from infrastructure.kept import log_keys as keys
from infrastructure.postgres.statements import statements
from projections.seats import seats

_SQL = statements("home")
_GIVEN = keys.kinds_of({"UserInvited", "AccessGranted"})


@dataclass(frozen=True, slots=True)
class Place:
    """A location as it is listed."""

    location: str
    name: str
    chain: str | None
    seats: Answer | None
    """The answer to `seats`, where that may be seen."""

    topics: frozenset[Topic]


@dataclass(frozen=True, slots=True)
class Invitation:
    """A place that somebody is invited to."""

    location: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Places:
    """Everything that a start page lists."""

    places: Sequence[Place]
    invitations: Sequence[Invitation]
    chains: Sequence[str]


def places_of(house: House, caller: Caller, asking: Asking) -> Places:
    """All places of a caller, by name, with invitations that wait."""
    books = house.room.books(asking)
    named = set(caller.places.locations) | _of_chains(books, caller.places.chains)
    if caller.places.everywhere:
        named.update(books.locations())
    elif caller.account is not None:
        named.update(given_in(house, caller.account, books))
    places = [place for location in sorted(named) if (place := _place(house, caller, location, books)) is not None]
    chains = {place.chain for place in places if place.chain is not None} | caller.places.chains
    return Places(
        sorted(places, key=lambda place: (place.name, place.location)),
        _invitations(caller, sorted(named), books),
        sorted(chains),
    )


def given_in(house: House, account: str, books: Books) -> Iterable[str]:
    """Locations in which an account was ever given access; all there are where that is not kept so far."""
    ledger = house.ledger
    if ledger.kept.position() < books.position:
        return books.locations()
    listed = [keys.account_key(account) ^ keys.MASKS[kind] for kind in _GIVEN]
    asked = {"keys": listed, "end": keys.place_of(books.position + 1)}
    return [location for (location,) in ledger.store.connections.read(_SQL["given_in"], asked, prepare=False)]


def _of_chains(books: Books, chains: Iterable[str]) -> set[str]:
    return {row["location"] for chain in chains for row in books.fleet(chain=chain)["locations"]}


def _place(house: House, caller: Caller, location: str, books: Books) -> Place | None:
    """The place as the caller may see it; None when it is none of theirs."""
    try:
        seen = house.room.sight(caller, location)
    except NotFoundError:
        return None
    seating = books.seating(location)
    place = seating.team.place
    return Place(
        location,
        place.name if place is not None else location,
        place.chain if place is not None else None,
        seats(seating) if Topic.SEATS in seen.topics else None,
        seen.topics,
    )


def _invitations(caller: Caller, locations: Iterable[str], books: Books) -> Sequence[Invitation]:
    if caller.account is None:
        return ()
    found = []
    for location in locations:
        team = books.seating(location).team
        user = team.active_user(caller.account)
        if user is not None and user.invitation is not None:
            found.append(Invitation(location, team.place.name if team.place is not None else location, user.role))
    return found
