"""Commands as a credential may give them: actor and device from it and the request, and only where it is good."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from domain import canonical
from domain.authority import CORRECT, Authority
from domain.commands import CopyRights, Correct, DeleteUser, Observe, OfPerson, OpenLocation, read_command
from domain.commands.reading import Command
from domain.facts import InvalidFactError
from domain.refusals import Code, Refusal
from infrastructure.books import NotFoundError
from infrastructure.desk import Bearer, Desk, Outcome
from infrastructure.door.caller import Caller, Scope
from infrastructure.door.permissions import ForbiddenError
from infrastructure.door.whereabouts import Whereabouts

CREDENTIAL_SAYS = ("actor", "device")
_PASSED_ON = frozenset({"person", "support"})
_TOLD_OF_ANY = frozenset({Code.ID_REUSED})


class NotYoursToSayError(Exception):
    """The body names an actor or a device, and the credential does not stand for anybody else."""


class Notes(Protocol):
    """Where refused attempts are written down that never came to the desk."""

    def denied(self, caller: Caller, command: str, sentence: str) -> None:
        """Somebody gave a command that is not theirs to give."""


@dataclass(frozen=True, slots=True)
class Given:
    """A command that is whole, and who hands it in."""

    raw: Mapping[str, Any]
    command: Command
    bearer: Bearer


class Commanding:
    """Between the door and the desk; safe to share between threads."""

    def __init__(self, desk: Desk, whereabouts: Whereabouts, notes: Notes) -> None:
        self._desk = desk
        self._whereabouts = whereabouts
        self._notes = notes

    def given(self, caller: Caller, sent: Mapping[str, Any], *, number: str, whole: object = None) -> Given:
        """A command as it was sent, with what the credential says of it; `number` is its id where it has none.

        `whole` is all that was sent, where that is more than this command. InvalidFactError when it is no command,
        NotYoursToSayError, ForbiddenError; NotFoundError for a location that the credential is not good for.
        """
        raw: dict[str, Any] = {"id": number, **sent}
        passed_on = [key for key in CREDENTIAL_SAYS if key in sent]
        if "vouch" in caller.scopes and "actor" in sent:
            _check_passed_on(sent["actor"])
        elif passed_on:
            raise NotYoursToSayError(
                f"`{passed_on[0]}` follows from the credential; leave it out. Only a key with the scope vouch passes "
                "on the people whom a system serves, and then their actor and device together."
            )
        else:
            raw.update(_said_by(caller))
        command = read_command(raw)
        self._check(caller, command)
        return Given(raw, command, _bearer(caller, raw, sent if whole is None else whole))

    def submit(self, caller: Caller, given: Given, *, dry_run: bool = False) -> Outcome:
        """Give it to the desk. Of a location that a person may not know of, the answer is that there is none.

        ConflictError, LedgerUnavailable or OutcomeUnknown when it could not be stored: send it again with its id.
        """
        outcome = self._desk.submit(given.raw, dry_run=dry_run, bearer=given.bearer)
        if isinstance(given.command.data, Correct) and not caller.places.everywhere:
            return _without_facts_elsewhere(outcome, given.command.data)
        if caller.account is None or isinstance(given.command.data, OpenLocation):
            return outcome
        if isinstance(given.command.data, OfPerson):
            return _without_places(outcome)
        refusals = tuple(self._veiled(caller, refusal) for refusal in outcome.left_out)
        refusal = outcome.refusal
        if refusal is not None:
            refusal = refusals[0] if refusals else self._veiled(caller, refusal)
        return replace(outcome, left_out=refusals, refusal=refusal)

    def _check(self, caller: Caller, command: Command) -> None:
        try:
            _check_scope(caller, command)
            self._check_places(caller, command)
        except (ForbiddenError, NotFoundError) as error:
            self._notes.denied(caller, command.command, str(error))
            raise

    def _check_places(self, caller: Caller, command: Command) -> None:
        request, actor = command.data, command.actor
        if isinstance(request, CopyRights) and actor.kind == "person":
            source = request.copied_from.location
            if not self._whereabouts.knows(actor.id, source):
                raise NotFoundError(no_location(source))
        if caller.account is not None or caller.places.everywhere:
            return
        named = list(_locations(command))
        if not named:
            raise ForbiddenError("This command belongs to no location; that needs a key that is good everywhere.")
        opened = request.chain if isinstance(request, OpenLocation) else None
        for location in named:
            is_new = opened in caller.places.chains and not self._whereabouts.exists(location)
            if not is_new and not self._whereabouts.covers(caller.places, location):
                raise NotFoundError(no_location(location))

    def _veiled(self, caller: Caller, refusal: Refusal) -> Refusal:
        """The refusal as a person may hear it."""
        location, account = refusal.location, caller.account
        if location is None or account is None or refusal.code in _TOLD_OF_ANY:
            return refusal
        if self._whereabouts.covers(caller.places, location) or self._whereabouts.knows(account, location):
            return refusal
        return Refusal(Code.NOT_FOUND, no_location(location), location=location)


def _without_facts_elsewhere(outcome: Outcome, request: Correct) -> Outcome:
    """The outcome of a correction, for a key of some places: a fact of another place is none that it knows of."""
    refusal, corrects = outcome.refusal, request.corrects
    if refusal is None or corrects is None or refusal.code is not Code.INVALID or corrects not in refusal.standing:
        return outcome
    nowhere = Refusal(Code.NOT_FOUND, f"There is no fact {corrects} in this ledger.", location=refusal.location)
    return replace(outcome, refusal=nowhere, left_out=(nowhere,))


def _without_places(outcome: Outcome) -> Outcome:
    """The outcome of an erasure, for a person: where else somebody is known is not theirs to hear."""
    refusal = outcome.refusal
    if refusal is None or refusal.code is not Code.FORBIDDEN:
        return outcome
    sentence = (
        "This takes the rights to delete users and team members (of a client: to delete clients) in every place "
        "where the person is known."
    )
    unsaid = Refusal(Code.FORBIDDEN, sentence)
    return replace(outcome, refusal=unsaid, left_out=(unsaid,))


def no_location(location: str) -> str:
    """What is said of a location that is not there, or not the caller's to know of."""
    return f"There is no location {location} in this ledger."


def _check_passed_on(actor: object) -> None:
    kind = actor.get("kind") if isinstance(actor, Mapping) else None
    if kind is not None and (not isinstance(kind, str) or kind not in _PASSED_ON):
        raise NotYoursToSayError(
            f"A key stands for people and for support, not for another {kind}; leave `actor` out to act as the key."
        )


def _said_by(caller: Caller) -> dict[str, Any]:
    """The actor and the device of whoever came in."""
    said: dict[str, Any] = {"actor": caller.actor.said()}
    if caller.actor.kind != "system":
        device = caller.device.said() if caller.device is not None else {}
        said["device"] = {"session": caller.credential, **device}
    return said


def _check_scope(caller: Caller, command: Command) -> None:
    if caller.account is not None:
        if isinstance(command.data, Observe):
            raise ForbiddenError("What was seen is told by the system that saw it, with a key.")
        return
    needed: set[Scope] = {"command", "correct"} if command.command == CORRECT else {"command"}
    if isinstance(command.data, OfPerson):
        needed.add("erase")
    missing = sorted(needed - caller.scopes)
    if missing:
        raise ForbiddenError(f"This key does not have the scope {' and '.join(missing)}; ask for one that has.")


def _locations(command: Command) -> Iterable[str]:
    """Every location that a command names."""
    request = command.data
    if command.location is not None:
        yield command.location
    if isinstance(request, DeleteUser | CopyRights):
        yield from request.locations or ()
    if isinstance(request, CopyRights):
        yield request.copied_from.location


def _bearer(caller: Caller, raw: Mapping[str, Any], sent: object) -> Bearer:
    try:
        content = canonical.write({"by": {"id": caller.actor.id, "kind": caller.actor.kind}, "sent": sent})
    except canonical.NotCanonicalError as error:
        raise InvalidFactError("", str(error)) from None
    digest = hashlib.sha256(content).hexdigest()
    if caller.account is not None:
        return Bearer(sent=digest)
    may = frozenset({CORRECT}) if CORRECT in caller.scopes else frozenset()
    vouched_by = caller.credential if raw["actor"] != caller.actor.said() else None
    return Bearer(vouched_by, Authority(may, everything=True), digest)
