"""The pages at the door: account and password, the second step, a first password, and the way out."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from domain.facts import Actor, Device
from infrastructure.door.apps import written_for_apps
from infrastructure.door.caller import Caller
from infrastructure.door.devices import HINTS
from infrastructure.door.devices import LASTS as DEVICE_LASTS
from infrastructure.door.letters import LetterError
from infrastructure.door.limits import TooManyError
from infrastructure.door.passwords import SHORTEST, WeakPasswordError
from infrastructure.door.pending import Pending
from infrastructure.door.sign_ins import OVER, Arrived, SignInError
from infrastructure.http.coming_in import Visiting, device_of, hints_of, signed_in
from infrastructure.http.cookies import called, put, take_away
from infrastructure.http.house import House, Housed
from infrastructure.http.problems import ProblemError
from infrastructure.web.forms import form_of
from infrastructure.web.rendering import form_token, page

router = APIRouter(include_in_schema=False)

_NEXT_LENGTH = 2_000
_TOKEN_LENGTH = 100
Next = Annotated[str, Query(max_length=_NEXT_LENGTH)]
Token = Annotated[str, Path(max_length=_TOKEN_LENGTH)]


@router.get("/sign-in")
async def sign_in(request: Request, house: Housed, next: Next = "/") -> Response:  # noqa: A002 - the query's name
    """The form for account and password."""
    there = await signed_in(request, house)
    if there is not None and there.account is not None:
        return RedirectResponse(safe_next(next), 303)
    return await _at_the_door(request, house, "sign_in.html", next=safe_next(next), error=None, name="")


@router.post("/sign-in")
async def begin(request: Request, house: Housed) -> Response:
    """Account and password: on to the second step, or back to the form with a sentence."""
    visitor = _visitor(request, house)
    form = await form_of(request, house, visitor)
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    then = safe_next(str(form.get("next", "/")))
    device = _device(visitor)
    try:
        token = await house.lanes.sign_ins.run(lambda: house.door.sign_ins.password(name, password, device, then))
    except (SignInError, TooManyError, LetterError) as error:
        return await _at_the_door(
            request, house, "sign_in.html", status=_status(error), next=then, error=str(error), name=name
        )
    return _to_second_step(house, token)


@router.get("/sign-in/step")
async def second_step(request: Request, house: Housed) -> Response:
    """What the second step is, by what the person has set up."""
    return await _step_page(request, house, await _pending(request, house))


@router.post("/sign-in/step/send")
async def send(request: Request, house: Housed) -> Response:
    """Send a code by letter, or another one."""
    visitor = _visitor(request, house)
    await form_of(request, house, visitor)
    pending = await _pending(request, house)
    try:
        await house.lanes.sign_ins.run(lambda: house.door.sign_ins.send_code(pending, _device(visitor)))
    except (SignInError, TooManyError, LetterError) as error:
        return await _step_page(request, house, pending, error)
    return RedirectResponse("/sign-in/step?sent=yes", 303)


@router.post("/sign-in/step/{way}")
async def answer(request: Request, house: Housed, way: str) -> Response:
    """The answer to the second step: a code by letter, of an app, of a new app, or what a passkey signed."""
    visitor = _visitor(request, house)
    given = str((await form_of(request, house, visitor)).get("answer", ""))
    pending, sign_ins, device = await _pending(request, house), house.door.sign_ins, _device(visitor)
    ways: dict[str, Callable[[Pending, str, Device], Arrived]] = {
        "email": sign_ins.code,
        "totp": sign_ins.app,
        "new-app": sign_ins.new_app,
        "passkey": sign_ins.passkey,
    }
    if way not in ways:
        raise ProblemError(404, "not_found", "There is no such second step.")
    before = request.cookies.get(called(house, "session"))
    try:
        arrived = await house.lanes.sign_ins.run(lambda: ways[way](pending, given, device))
    except (SignInError, TooManyError) as error:
        return await _step_page(request, house, pending, error)
    if before is not None:
        await house.lanes.sign_ins.run(lambda: _end(house, before))
    response = RedirectResponse(arrived.next, 303)
    put(response, house, "session", arrived.token)
    take_away(response, house, "pending")
    return response


@router.get("/set-up/{token}")
async def set_up(request: Request, house: Housed, token: Token) -> Response:
    """The form for a first password, or for a new one after a reset; opening it uses nothing up."""
    account = await house.lanes.sign_ins.run(lambda: house.door.people.of_link(token))
    if account is None:
        raise ProblemError(410, "link_over", "This link is used or too old. Ask whoever sent it for a new one.")
    return await _at_the_door(request, house, "set_up.html", account=account, shortest=SHORTEST, error=None)


@router.post("/set-up/{token}")
async def set_password(request: Request, house: Housed, token: Token) -> Response:
    """Set the password and go on to the second step."""
    visitor = _visitor(request, house)
    form = await form_of(request, house, visitor)
    people, device = house.door.people, _device(visitor)
    password = str(form.get("password", ""))
    try:
        _check_same(password, str(form.get("again", "")))
        account = await house.lanes.sign_ins.run(lambda: people.set_password(token, password))
    except WeakPasswordError as error:
        known = await house.lanes.sign_ins.run(lambda: people.of_link(token))
        return await _at_the_door(
            request, house, "set_up.html", status=422, account=known or "", shortest=SHORTEST, error=str(error)
        )
    person = await house.lanes.sign_ins.run(lambda: people.find(account)) if account is not None else None
    if person is None:
        raise ProblemError(410, "link_over", "This link is used or too old. Ask whoever sent it for a new one.")
    try:
        begun = await house.lanes.sign_ins.run(lambda: house.door.sign_ins.begin(person, device, "/"))
    except (LetterError, TooManyError) as error:
        return await _at_the_door(
            request, house, "sign_in.html", status=_status(error), next="/", error=str(error), name=person.account
        )
    return _to_second_step(house, begun)


@router.post("/sign-out")
async def sign_out(request: Request, house: Housed, caller: Visiting) -> Response:
    """End the session."""
    await form_of(request, house, caller)
    device, account = caller.device, caller.account
    if device is not None and device.session is not None and account is not None:
        session = device.session
        await house.lanes.sign_ins.run(lambda: house.door.sign_ins.leave(account, device, session))
    response = RedirectResponse("/sign-in", 303)
    take_away(response, house, "session")
    return response


def safe_next(wanted: str) -> str:
    """A path of this very server; anything else is its first page: nobody is led away by a sign-in."""
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or not wanted.isprintable():
        return "/"
    return quote(wanted, safe="/?&=%:;,+@!$'()*~-._#[]")


async def _at_the_door(
    request: Request, house: House, template: str, *, status: int = 200, **shown: object
) -> Response:
    """A page for somebody who is not in yet; their browser gets the name of a device, if it has none."""
    device = device_of(request, house)
    name = device.id or house.door.devices.new()
    agent, hints = device.user_agent, hints_of(request)
    await house.lanes.sign_ins.run(lambda: house.door.devices.see(name, agent, hints))
    token = form_token(house.secret, _as_visitor(Device(id=name)))
    provider = house.door.openid.issuer if house.door.openid is not None else None
    response = page(request, template, None, status=status, token=token, provider=provider, **shown)
    put(response, house, "device", house.door.devices.signed(name), seconds=int(DEVICE_LASTS.total_seconds()))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Accept-CH"] = ", ".join(HINTS)
    return response


async def _step_page(
    request: Request, house: House, pending: Pending, error: SignInError | TooManyError | LetterError | None = None
) -> Response:
    door = house.door

    def looked_up() -> dict[str, object]:
        channels = door.sign_ins.channels(pending)
        secret = door.apps.offer(pending.holder) if door.sign_ins.must_set_up(pending) else None
        asked = door.passkeys.ask(pending.holder, pending.account) if "passkey" in channels else None
        uri = written_for_apps(secret, pending.account) if secret is not None else None
        return {"channels": channels, "secret": secret, "uri": uri, "asked": asked}

    shown = await house.lanes.sign_ins.run(looked_up)
    sent = "sent" in request.query_params or shown["channels"] == ("email",)
    said = str(error) if error is not None else None
    status = 200 if error is None else _status(error)
    return await _at_the_door(request, house, "second_step.html", status=status, sent=sent, error=said, **shown)


async def _pending(request: Request, house: House) -> Pending:
    """The sign-in under way; who has none is led to its beginning."""
    token = request.cookies.get(called(house, "pending"))
    found = await house.lanes.sign_ins.run(lambda: house.door.waiting.find(token)) if token else None
    if found is None:
        raise ProblemError(303, "sign_in_over", OVER, {"Location": "/sign-in"})
    return found


def _visitor(request: Request, house: House) -> Caller:
    """Whoever is not in yet, by the device that the door has named. ProblemError 403 when it has not."""
    device = device_of(request, house)
    if device.id is None:
        raise ProblemError(
            403, "no_device", "Your browser has not kept our cookie. Allow cookies here, reload the page and try again."
        )
    return _as_visitor(device)


def _check_same(password: str, again: str) -> None:
    if password != again:
        raise WeakPasswordError("The two passwords differ. Type the same one twice.")


def _as_visitor(device: Device) -> Caller:
    return Caller(actor=Actor(kind="person", id="visitor"), credential=f"device:{device.id}", device=device)


def _device(visitor: Caller) -> Device:
    assert visitor.device is not None
    return visitor.device


def _end(house: House, token: str) -> None:
    found = house.sessions.caller(token)
    if found is not None and found.device is not None and found.account is not None and found.device.session:
        house.sessions.end(found.account, found.device.session)


def _to_second_step(house: House, token: str) -> Response:
    response = RedirectResponse("/sign-in/step", 303)
    put(response, house, "pending", token)
    return response


def _status(error: Exception) -> int:
    return 429 if isinstance(error, TooManyError) else 503 if isinstance(error, LetterError) else 403
