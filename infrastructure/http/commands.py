"""Commands over HTTP: one, or a change of several; each is decided by the desk, and sent again it is done once."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response

from domain import canonical
from domain.facts import InvalidFactError
from domain.refusals import Code
from infrastructure.desk import ConflictError, Outcome
from infrastructure.door.caller import Caller
from infrastructure.door.commanding import Given, NotYoursToSayError
from infrastructure.http.answers import MEDIA_TYPE
from infrastructure.http.bodies import json_body
from infrastructure.http.coming_in import Called
from infrastructure.http.house import House, Housed
from infrastructure.http.idempotency import REPLAYED, id_of, key_of, without_mark
from infrastructure.http.problems import ProblemError, problem_of
from infrastructure.outcomes import outcome_written
from infrastructure.store import NotSettled, StoreError

router = APIRouter(prefix="/v1", tags=["commands"])
DryRun = Annotated[bool, Query(description="Say what would be appended and what it does to the seats, no more.")]

AT_ONCE = 100
"""Commands of one change."""

_SEVERAL = frozenset({"commands", "change"})
_NO_STORE = {"Cache-Control": "no-store"}
_STATUS: Mapping[str, int] = {
    Code.FORBIDDEN.value: 403,
    Code.NOT_FOUND.value: 404,
    **dict.fromkeys(
        (
            Code.INVALID.value,
            Code.UNKNOWN_ROLE.value,
            Code.UNKNOWN_RIGHT.value,
            Code.SCOPE_REQUIRED.value,
            Code.NOT_FOR_ROLE.value,
            Code.CONFIRMATION_REQUIRED.value,
            Code.REASON_REQUIRED.value,
            Code.ID_REUSED.value,
        ),
        422,
    ),
}
_OTHERS = 409
"""What stands against it is a state of the ledger, which can change."""


@router.post("/commands")
async def commands(request: Request, house: Housed, caller: Called, *, dry_run: DryRun = False) -> Response:
    """Give one command, `{"command", "location", "data", ...}`, or several, `{"commands": [...], "change": ...}`.

    One command is atomic: all its facts are appended, or none and the refusal. Several are one change, given one after
    the other, each on what those before it left. They are NOT atomic together: each has an outcome of its own, and a
    refused one neither takes back those before it nor stops those after it. But if one of them cannot be read, or is
    not for this credential to give, nothing of the request is done. A dry run judges each by itself.

    Answered with 200; with 207 when some of several were refused; one that is refused with 403, 404, 409 or 422. Sent
    again with the same `id` or `Idempotency-Key` and the same body it is done once and answered alike; with another
    body it is refused as `id_reused`. `position` is what a question can wait for by `at_least`.
    """
    body = await json_body(request)
    _check_same_site(request, caller)
    if not isinstance(body, dict):
        raise ProblemError(422, "invalid", "The body is one command, or an object with `commands`.")
    key = key_of(request)
    lane = house.lanes.questions if dry_run else house.lanes.commands
    if "commands" in body:
        return await lane.run(lambda: _several(house, caller, body, key, dry_run=dry_run))
    return await lane.run(lambda: _one(house, caller, body, key, dry_run=dry_run))


def _check_same_site(request: Request, caller: Caller) -> None:
    """A browser says from which site it was asked; another site gives no commands in a person's name."""
    if caller.account is not None and request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise ProblemError(403, "forbidden", "Another site may not give commands in your name.")


def _one(house: House, caller: Caller, body: Mapping[str, Any], key: str | None, *, dry_run: bool) -> Response:
    number = id_of(caller, key) if key is not None else str(uuid4())
    given = _given(house, caller, body, number)
    outcome = _submitted(house, caller, given, dry_run=dry_run)
    answer, status = _told(house, outcome, dry_run=dry_run)
    if status != 200:
        raise _refused(answer, status)
    replayed = REPLAYED if outcome.repeated else {}
    return _answered(answer, 200, replayed)


def _several(house: House, caller: Caller, body: Mapping[str, Any], key: str | None, *, dry_run: bool) -> Response:
    whole = body if key is not None else None
    sent = _sent(body)
    numbers = [id_of(caller, key, place) if key is not None else str(uuid4()) for place in range(len(sent))]
    numbers = [str(each.get("id", number)) for each, number in zip(sent, numbers, strict=True)]
    change = body.get("change", numbers[0])
    pieces = []
    for place, (each, number) in enumerate(zip(sent, numbers, strict=True)):
        pieces.append(_given(house, caller, {"change": change, **each}, number, whole=whole, place=place))
    outcomes: list[dict[str, Any]] = []
    repeated = True
    for given in pieces:
        outcome = _submitted(house, caller, given, dry_run=dry_run)
        answer, status = _told(house, outcome, dry_run=dry_run)
        if key is not None and answer.get("refused") == Code.ID_REUSED.value:
            raise _refused(answer, status)
        outcomes.append({**answer, "status": status})
        repeated = repeated and outcome.repeated
    position = max((answer["position"] or 0 for answer in outcomes), default=0)
    all_well = all(answer["status"] == 200 for answer in outcomes)
    answer = {"change": change, "position": position, "outcomes": outcomes}
    return _answered(answer, 200 if all_well else 207, REPLAYED if repeated else {})


def _sent(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The commands of a change. ProblemError 422 when they are none, or too many."""
    sent = body["commands"]
    if not isinstance(sent, list) or not 0 < len(sent) <= AT_ONCE:
        raise ProblemError(422, "invalid", f"`commands` is a list of 1 to {AT_ONCE} commands.")
    unknown = sorted(body.keys() - _SEVERAL)
    if unknown:
        raise ProblemError(422, "invalid", f"`{unknown[0]}` stands in each command, not beside `commands`.")
    for place, each in enumerate(sent):
        if not isinstance(each, dict):
            raise ProblemError(422, "invalid", f"`commands.{place}`: a command is a JSON object.")
    return sent


def _given(
    house: House,
    caller: Caller,
    sent: Mapping[str, Any],
    number: str,
    *,
    whole: object = None,
    place: int | None = None,
) -> Given:
    where = "" if place is None else f"`commands.{place}`: "
    try:
        return house.commanding.given(caller, sent, number=number, whole=whole)
    except NotYoursToSayError as error:
        raise ProblemError(422, "actor_from_credential", f"{where}{error}") from None
    except InvalidFactError as error:
        raise ProblemError(422, "invalid", f"{where}{error}") from None


def _submitted(house: House, caller: Caller, given: Given, *, dry_run: bool) -> Outcome:
    """What the desk made of it; when it could not be stored, the problem tells the id to send it again with."""
    try:
        return house.commanding.submit(caller, given, dry_run=dry_run)
    except (ConflictError, StoreError) as error:
        problem = problem_of(error)
        problem.more = {**problem.more, "id": given.command.id}
        raise problem from error


def _told(house: House, outcome: Outcome, *, dry_run: bool) -> tuple[dict[str, Any], int]:
    """An outcome as it is told, and its status."""
    ledger = house.ledger
    try:
        answer = outcome_written(ledger, outcome, dry_run=dry_run)
    except NotSettled:
        # Stored for good; only its place is not yet known, because somebody holds a transaction open.
        answer = {**outcome_written(ledger, outcome, dry_run=dry_run, settled=False), "settled": False}
    if "position" not in answer:
        answer["position"] = ledger.store.last_position()
    refused = answer.get("refused")
    if refused is None:
        return without_mark(answer), 200
    return without_mark(answer), _STATUS.get(refused, _OTHERS)


def _refused(answer: Mapping[str, Any], status: int) -> ProblemError:
    """A refused command as a problem: its code, its sentence, and the facts that stand in the way."""
    told = {name: value for name, value in answer.items() if name not in {"refused", "sentence"}}
    return ProblemError(status, answer["refused"], answer["sentence"], more=told)


def _answered(answer: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    return Response(canonical.write(answer) + b"\n", status, {**_NO_STORE, **headers}, MEDIA_TYPE)
