"""Webhooks over HTTP: who is told of which facts, what came of it, and telling again."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from domain import canonical
from domain.facts.form import Form, Identifier
from domain.limits import LARGEST_INTEGER
from infrastructure.books import NotFoundError
from infrastructure.door.caller import Caller, Places
from infrastructure.door.permissions import ForbiddenError
from infrastructure.http.answers import MEDIA_TYPE
from infrastructure.http.bodies import json_body
from infrastructure.http.coming_in import Called
from infrastructure.http.house import House, Housed
from infrastructure.http.problems import ProblemError
from infrastructure.webhooks.addresses import AddressError
from infrastructure.webhooks.subscriptions import State, Subscription

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
Name = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
Position = Annotated[int, Query(ge=0, le=LARGEST_INTEGER)]
Before = Annotated[int | None, Query(ge=0, le=LARGEST_INTEGER)]
Rows = Annotated[int, Query(ge=1, le=1000)]

AT_MOST = 100
"""Subscriptions of one owner."""


class Wanted(Form):
    """What a new subscription asks for; places that are left out are those of the key."""

    url: str
    types: list[str] | None = None
    locations: list[Identifier] | None = None
    chains: list[Identifier] | None = None
    after: Annotated[int, Field(ge=0, le=LARGEST_INTEGER)] | None = None


def _told(**keys: str) -> dict[str, Any]:
    """How an answer with such keys is described."""
    schema = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in keys.items()},
        "required": sorted(keys),
    }
    return {"description": "Done.", "content": {MEDIA_TYPE: {"schema": schema}}}


_BODY = {"required": True, "content": {MEDIA_TYPE: {"schema": Wanted.model_json_schema()}}}
_MADE = {"id": "string", "url": "string", "secret": "string", "position": "integer"}
_ONE = {"id": "string", "url": "string", "position": "integer", "waiting": "integer", "dead": "integer"}


@router.get("", responses={200: _told(webhooks="array")})
async def listed(house: Housed, caller: Called) -> Response:
    """The subscriptions: all of them for a key that is good everywhere, else those made with this system's keys."""
    owner = _owner(caller)
    found = await house.lanes.questions.run(lambda: house.webhooks.listed(owner=owner))
    return _answered({"webhooks": [each.written() for each in found]})


@router.post("", status_code=201, openapi_extra={"requestBody": _BODY}, responses={201: _told(**_MADE)})
async def added(request: Request, house: Housed, caller: Called) -> Response:
    """Subscribe: `{"url", "types", "locations", "chains", "after"}`. The secret is in this answer and in no other."""
    _check_may_operate(caller)
    wanted = _wanted(await json_body(request))
    places = _places(caller, wanted)

    def add() -> dict[str, Any]:
        owner = _owned_by(caller)
        if len(house.webhooks.listed(owner=owner)) >= AT_MOST:
            raise ProblemError(409, "too_many", f"There are {AT_MOST} subscriptions already; remove one first.")
        try:
            name, secret = house.webhooks.add(wanted.url, places, owner=owner, types=wanted.types, after=wanted.after)
        except (AddressError, ValueError) as error:
            raise ProblemError(422, "invalid", str(error)) from None
        (made,) = house.webhooks.listed(name=name)
        return {**made.written(), "secret": secret}

    return _answered(await house.lanes.commands.run(add), 201)


@router.delete("/{name}", status_code=204)
async def removed(house: Housed, caller: Called, name: Name) -> Response:
    """End a subscription, with all that waits for it."""

    def remove() -> None:
        house.webhooks.remove(_found(house, caller, name).id)

    await house.lanes.commands.run(remove)
    return Response(status_code=204)


@router.post("/{name}/replay", responses={200: _told(**_ONE)})
async def replayed(house: Housed, caller: Called, name: Name, after: Position) -> Response:
    """Tell everything after a position again, each message under the id that it had."""

    def replay() -> Subscription:
        house.webhooks.replay(_found(house, caller, name).id, after)
        return _found(house, caller, name)

    return _answered((await house.lanes.commands.run(replay)).written())


@router.get("/{name}/deliveries", responses={200: _told(deliveries="array")})
async def deliveries(
    house: Housed, caller: Called, name: Name, state: State | None = None, before: Before = None, limit: Rows = 100
) -> Response:
    """What was delivered, waits or is dead, the newest first, with each try; older ones by `before` a position."""

    def ask() -> list[dict[str, Any]]:
        found = _found(house, caller, name)
        return house.webhooks.deliveries(found.id, state=state, before=before, limit=limit)

    return _answered({"deliveries": await house.lanes.questions.run(ask)})


def _check_may_operate(caller: Caller) -> None:
    if "operate" not in caller.scopes:
        raise ForbiddenError("Webhooks are for keys with the scope operate.")


def _owned_by(caller: Caller) -> str:
    return f"{caller.actor.kind}:{caller.actor.id}"


def _owner(caller: Caller) -> str | None:
    """Whose subscriptions the caller may see; None: everybody's."""
    _check_may_operate(caller)
    return None if caller.places.everywhere else _owned_by(caller)


def _found(house: House, caller: Caller, name: str) -> Subscription:
    """A subscription of the caller's. NotFoundError for those of others, too."""
    found = house.webhooks.listed(owner=_owner(caller), name=name)
    if not found:
        raise NotFoundError(f"There is no webhook {name}.")
    return found[0]


def _wanted(body: object) -> Wanted:
    try:
        return Wanted.model_validate(body)
    except ValueError:
        raise ProblemError(
            422, "invalid", "A webhook is `url`, and if you like `types`, `locations`, `chains` (lists) and `after`."
        ) from None


def _places(caller: Caller, wanted: Wanted) -> Places:
    """The places of a subscription; none that the key does not reach."""
    if wanted.locations is None and wanted.chains is None:
        return caller.places
    asked = Places(locations=frozenset(wanted.locations or ()), chains=frozenset(wanted.chains or ()))
    if not caller.places.everywhere:
        strange = (asked.locations - caller.places.locations) | (asked.chains - caller.places.chains)
        if strange:
            raise ForbiddenError(f"This key is not made for {', '.join(sorted(strange)[:5])}; name places that it is.")
    return asked


def _answered(answer: dict[str, Any], status: int = 200) -> Response:
    return Response(canonical.write(answer) + b"\n", status, {"Cache-Control": "no-store"}, MEDIA_TYPE)
