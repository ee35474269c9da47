"""The page about what is held of a person, and erasing it: asked for, held until a day, done."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from domain.commands import OfPerson, read_command
from domain.erasures import Erasure, Whom
from domain.facts import PersonErased
from domain.instants import write_instant
from domain.refusals import Code
from infrastructure.desk import Outcome
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.erasing.held import Held
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import House, Housed
from infrastructure.http.locations import Location
from infrastructure.http.persons import archive, taken
from infrastructure.http.problems import ProblemError
from infrastructure.web.actions import Given, Refused, led_back, new_id, submit, told
from infrastructure.web.actions_fields import text
from infrastructure.web.forms import form_of
from infrastructure.web.location import location_page
from infrastructure.web.person_view import Person, SeatId, person_of

router = APIRouter(prefix="/locations/{location}/people", include_in_schema=False)

COMMANDS = ("erase", "ask_erasure", "refuse_erasure", "allow_erasure")
"""What the forms of the page give."""

WORD = "Erase"
"""What has to be typed, so that nobody erases by a slip."""


@router.get("/{seat}/erasure")
async def erasure(
    request: Request, house: Housed, caller: Visiting, location: Location, seat: SeatId, done: str = ""
) -> Response:
    """Where it stands, what would be erased, and the forms."""
    return await _shown(request, house, caller, location, seat, done=done[:100])


@router.post("/{seat}/erasure")
async def act(request: Request, house: Housed, caller: Visiting, location: Location, seat: SeatId) -> Response:
    """Ask, let wait, end the hold, or erase; the page says what came of it."""
    form = await form_of(request, house, caller)
    given = await house.lanes.commands.run(lambda: _give(house, caller, location, form))
    if given.refused is not None:
        return await _shown(request, house, caller, location, seat, refused=given.refused)
    return led_back(f"/locations/{location}/people/{seat}/erasure", given)


@router.post("/{seat}/held")
async def held(request: Request, house: Housed, caller: Visiting, location: Location, seat: SeatId) -> Response:
    """Everything that is held, as an archive. ForbiddenError for whom that is not."""
    await form_of(request, house, caller)

    def take() -> tuple[Held, OfPerson]:
        where, whom = _request(location, person_of(house, caller, location, seat, Asking()))
        return taken(house, caller, where, whom), whom

    return archive(*await house.lanes.exports.run(take))


def forgetting_of(house: House, location: str, account: str | None, member: str | None) -> Erasure:
    """Where the erasure of a person of a location stands: of the account where there is one, else of the member."""
    if account is not None:
        found = house.ledger.erasures.of(None, Whom(account=account))
        if found != Erasure() or member is None:
            return found
    return house.ledger.erasures.of(location, Whom(member=member))


async def _shown(
    request: Request,
    house: House,
    caller: Caller,
    location: str,
    seat: str,
    *,
    done: str = "",
    refused: Refused | None = None,
) -> Response:
    def ask() -> dict[str, Any]:
        found = person_of(house, caller, location, seat, Asking())
        preview = _preview(house, caller, location, found)
        may_erase = preview.refusal is None or preview.refusal.code not in {Code.FORBIDDEN, Code.NOT_FOUND}
        is_own = found.account is not None and found.account == caller.account
        kind = "account" if found.account is not None else "member"
        return {
            "answer": found.basis,
            "name": found.name,
            "kind": kind,
            "named": found.account or found.member,
            "forgotten": forgetting_of(house, location, found.account, found.member),
            "may_erase": may_erase,
            "may_take": may_erase or is_own,
            "preview": _lines(preview) if may_erase and preview.refusal is None else (),
            "told": told(house, caller, location, done, Asking()) if done else None,
        }

    found = await house.lanes.questions.run(ask)
    response = location_page(
        request,
        "erasure.html",
        caller,
        found.pop("answer"),
        here="team",
        **found,
        here_is=f"/locations/{location}/people/{seat}",
        refused=refused,
        filled=(refused.filled if refused is not None else None) or {},
        new_id=new_id,
    )
    response.status_code = 200 if refused is None else 409
    return response


def _preview(house: House, caller: Caller, location: str, found: Person) -> Outcome:
    """What erasing would come to now; nothing is written."""
    sent: dict[str, Any] = {"command": "erase", "data": {"basis": "-", **_named(found)}}
    if found.account is None:
        sent["location"] = location
    given = house.commanding.given(caller, sent, number=str(uuid4()))
    return house.commanding.submit(caller, given, dry_run=True)


def _named(found: Person) -> dict[str, str | None]:
    return {"account": found.account} if found.account is not None else {"member": found.member}


def _lines(preview: Outcome) -> Sequence[str]:
    lines = []
    for entry in preview.entries:
        data = entry.fact.data
        assert isinstance(data, PersonErased)
        if data.member is not None:
            lines.append(f"The team member {data.member} in {entry.fact.location}")
        lines += [f"{what.replace('_', ' ').capitalize()}: {count}" for what, count in (data.removed or {}).items()]
    return lines


def _give(house: House, caller: Caller, location: str, form: FormData) -> Given:
    name = text(form, "command") or ""
    if name not in COMMANDS:
        raise ProblemError(422, "invalid", f"There is no action {name!r} here; go back and reload the page.")
    fields = ("account", "member", "basis", "ground")
    data: dict[str, Any] = {key: value for key in fields if (value := text(form, key)) is not None}
    if name == "erase" and text(form, "confirmation") != WORD:
        return _refused(form, name, f"Type the word {WORD} to confirm: what is erased does not come back.")
    if name == "refuse_erasure":
        try:
            day = datetime.strptime(text(form, "until") or "", "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            return _refused(form, name, "Choose the day until which it waits.")
        data["until"] = write_instant(day)
    return submit(house, caller, location, form, name, data)


def _refused(form: FormData, name: str, sentence: str) -> Given:
    typed = {key: value for key, value in form.items() if isinstance(value, str) and key not in {"csrf", "id"}}
    return Given(text(form, "id") or "", refused=Refused(sentence, command=name, filled=typed))


def _request(location: str, found: Person) -> tuple[str | None, OfPerson]:
    where = None if found.account is not None else location
    raw: dict[str, Any] = {"command": "erase", "id": str(uuid4()), "actor": {"kind": "system", "id": "page"}}
    place = {"location": where} if where is not None else {}
    read = read_command({**raw, **place, "data": {**_named(found), "basis": "-"}}).data
    assert isinstance(read, OfPerson)
    return where, read
