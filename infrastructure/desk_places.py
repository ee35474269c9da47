"""Which places a command is given to, and the stream that says what there is to decide on in each."""

from collections.abc import Sequence

from domain.commands import Command, CopyRights, DeleteUser, OfChannel, OfPerson, PublishTerms
from domain.entries import TERMS
from domain.erasures import Person


def places_of(command: Command, person: Person | None) -> Sequence[str | None]:
    """Every location that a command is given to; None is what belongs to none."""
    request = command.data
    if isinstance(request, OfPerson) and request.account is not None:
        return [None, *(person.members if person is not None else ())]
    if isinstance(request, DeleteUser | CopyRights) and request.locations:
        return list(dict.fromkeys(request.locations))
    if isinstance(request, CopyRights) and command.location is None:
        return [request.copied_from.location]
    if isinstance(request, OfChannel | PublishTerms):
        # How an account signs in, and the terms, belong to no location, whatever the envelope names.
        return [None]
    return [command.location]


def stream_at(place: str | None, command: Command) -> str:
    """The stream of a place."""
    if place is not None:
        return f"location:{place}"
    return f"account:{command.data.account}" if isinstance(command.data, OfChannel | OfPerson) else TERMS
