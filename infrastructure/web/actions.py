"""Gives the commands of forms to the desk, with actor and device of the session; and tells what came of them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from domain.authority import NEEDED
from domain.entries import Entry
from domain.facts import CommandRefused, InvalidFactError
from domain.refusals import Code
from infrastructure.basis import Answer
from infrastructure.desk import Outcome
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import Topic
from infrastructure.http.house import House
from infrastructure.http.problems import ProblemError
from infrastructure.mapper import entry_of
from infrastructure.store import StoreError
from infrastructure.web.actions_fields import READERS, text

_TIMES = ("on", "known", "position")
ERASING = frozenset({"erase", "ask_erasure", "refuse_erasure", "allow_erasure"})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a command came to nothing, as the page shows it."""

    sentence: str
    facts: Sequence[Answer] = ()
    """The facts in the way, whole."""

    command: str = ""
    filled: Mapping[str, str] | None = None
    """What was typed, so that nobody types it twice."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a form came to."""

    id: str
    position: int | None = None
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a command did, as the ledger tells it."""

    sentences: Sequence[Answer]
    refusals: Sequence[str]


def new_id() -> str:
    """The id of a command that a form will give: sent twice, it is done once."""
    return str(uuid4())


def looks_back(request: Request) -> bool:
    """Whether the page is about a moment that is over: nothing can be done there."""
    return any(request.query_params.get(name) for name in _TIMES)


def allowed(house: House, caller: Caller, location: str) -> frozenset[str]:
    """The commands that the caller has the right for now. What else a command asks for is for the desk to say."""
    if caller.account is None:
        return frozenset()
    users = house.room.access(caller, location, Asking(), account=caller.account)["users"]
    held = {right["right"] for user in users for right in user["rights"] if right["effective"]}
    return frozenset(name for name in READERS.keys() | {"edit_rights"} if NEEDED[name] in held)


def give(house: House, caller: Caller, location: str, form: FormData) -> Given:
    """The command of a form, given to the desk. ProblemError 403 when the caller may not; NotFoundError as the room."""
    name = text(form, "command") or ""
    reader = READERS.get(name)
    if reader is None:
        raise ProblemError(422, "invalid", f"There is no action {name!r} here; go back and reload the page.")
    catalogue = house.ledger.books().seating(location).cut.catalogue
    return submit(house, caller, location, form, name, reader(form, catalogue))


def submit(house: House, caller: Caller, location: str, form: FormData, name: str, data: Mapping[str, Any]) -> Given:
    """The same, for data that was read. What was typed comes back with a refusal."""
    number = text(form, "id") or ""
    try:
        outcome = decided(house, caller, location, number, name, data)
    except InvalidFactError as error:
        return Given(number, refused=_refused(form, name, f"That cannot be done: {error}."))
    if outcome.refusal is not None:
        return Given(number, refused=refusal_of(house, caller, location, outcome, form))
    position = None
    with suppress(StoreError):  # it is stored; where it stands, the next page need not wait for
        position = max(house.ledger.store.wait_for_facts([UUID(entry.fact.id) for entry in outcome.entries]))
    return Given(number, position)


def decided(
    house: House,
    caller: Caller,
    location: str,
    number: str,
    name: str,
    data: Mapping[str, Any],
    *,
    dry_run: bool = False,
) -> Outcome:
    """What the desk says; who gives the command and from which device follows from the session alone.

    InvalidFactError when it is no command, NotFoundError where it names a place that is not the caller's to know of.
    """
    sent = {"command": name, "location": location, "data": dict(data)}
    if "account" in data and name in ERASING:
        del sent["location"]  # an account is erased everywhere
    return house.commanding.submit(caller, house.commanding.given(caller, sent, number=number), dry_run=dry_run)


def refusal_of(house: House, caller: Caller, location: str, outcome: Outcome, form: FormData) -> Refused:
    """The refusal with the facts in the way. ProblemError 403 where the caller lacks the right."""
    refusal = outcome.refusal
    assert refusal is not None
    seen = house.room.sight(caller, location)  # who may not know of the place hears nothing else of it
    if refusal.code is Code.FORBIDDEN:
        raise ProblemError(403, "forbidden", f"{refusal.sentence} Ask an owner, or somebody who looks after access.")
    facts: Sequence[Answer] = ()
    if refusal.standing and refusal.location == location and seen.topics & {Topic.SEATS, Topic.ACCESS, Topic.ROSTER}:
        facts = list(house.room.cited(caller, location, refusal.standing, Asking()).values())
    return replace(_refused(form, outcome.command.command, refusal.sentence), facts=facts)


def _refused(form: FormData, name: str, sentence: str) -> Refused:
    typed = {key: value for key, value in form.items() if isinstance(value, str) and key not in {"csrf", "id"}}
    return Refused(sentence, command=name, filled=typed)


def led_back(path: str, given: Given, **more: str) -> Response:
    """Back to a page that shows what was done."""
    query = {**more, "done": given.id}
    if given.position is not None:
        query["at_least"] = str(given.position)
    return RedirectResponse(f"{path}?{urlencode(query)}", 303)


def told(house: House, caller: Caller, location: str, done: str | None, asking: Asking) -> Told | None:
    """What the caller's own command of that id did, here and elsewhere; None when there is none such."""
    try:
        rows = house.ledger.store.find_command(UUID(done or ""))
    except ValueError:
        return None
    entries = [entry for row in rows if isinstance(entry := entry_of(row), Entry)]
    own = [entry.fact for entry in entries if entry.fact.actor == caller.actor]
    if not own:
        return None
    here = [fact.id for fact in own if fact.location == location and not isinstance(fact.data, CommandRefused)]
    sentences = list(house.room.cited(caller, location, here, asking).values())
    elsewhere = sorted({fact.location for fact in own if fact.location is not None and fact.location != location})
    refusals = [str(fact.data.sentence) for fact in own if isinstance(fact.data, CommandRefused)]
    done_in = [f"Done in {place}." for place in elsewhere if not _refused_in(own, place)]
    return Told(sentences, [*refusals, *done_in])


def _refused_in(facts: Sequence[Any], place: str) -> bool:
    return all(isinstance(fact.data, CommandRefused) for fact in facts if fact.location == place)
