"""One's own page: second steps, and the sessions that are open, which can be ended from here."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from infrastructure.devices import device_name
from infrastructure.door import passwords
from infrastructure.door.apps import written_for_apps
from infrastructure.door.attesting import Channel
from infrastructure.door.caller import Caller
from infrastructure.door.limits import PER_ACCOUNT, TooManyError
from infrastructure.door.people import PeopleError
from infrastructure.door.sessions import Session
from infrastructure.http.coming_in import Visiting
from infrastructure.http.house import House, Housed
from infrastructure.http.problems import ProblemError
from infrastructure.web.forms import form_of
from infrastructure.web.rendering import page

router = APIRouter(prefix="/account", include_in_schema=False)

_NAME_LENGTH = 60


@router.get("")
async def account(request: Request, house: Housed, caller: Visiting) -> Response:
    """Second steps and sessions."""
    return await _account_page(request, house, caller)


@router.post("/sessions/end")
async def end_session(request: Request, house: Housed, caller: Visiting) -> Response:
    """End one session."""
    form, own = await form_of(request, house, caller), _account(caller)
    name = str(form.get("session", ""))
    await house.lanes.sign_ins.run(lambda: house.sessions.end(own, name))
    return _back()


@router.post("/sessions/end-others")
async def end_others(request: Request, house: Housed, caller: Visiting) -> Response:
    """End all sessions but this one."""
    await form_of(request, house, caller)
    own, session = _account(caller), _session(caller)
    await house.lanes.sign_ins.run(lambda: house.sessions.end_others(own, session))
    return _back()


@router.post("/password")
async def change_password(request: Request, house: Housed, caller: Visiting) -> Response:
    """Set another password, against the present one; all other sessions end."""
    form, own, session = await form_of(request, house, caller), _account(caller), _session(caller)
    present, wanted, again = (str(form.get(name, "")) for name in ("present", "password", "again"))

    def change() -> None:
        _check_local(house, own)
        house.door.sign_ins.limits.check("password", own, PER_ACCOUNT)
        person = house.door.people.find(own)
        if not passwords.fits(present, person.password if person is not None else None):
            raise PeopleError("That is not your present password.")
        if wanted != again:
            raise PeopleError("The two new passwords are not the same; type the new one twice.")
        house.door.people.change_password(own, wanted)
        house.sessions.end_others(own, session)

    try:
        await house.lanes.sign_ins.run(change)
    except (PeopleError, TooManyError, passwords.WeakPasswordError) as error:
        return await _account_page(request, house, caller, str(error))
    return _back()


@router.post("/app")
async def set_up_app(request: Request, house: Housed, caller: Visiting) -> Response:
    """Set up an authenticator app, once its code shows that it has the secret."""
    form, own, device = await form_of(request, house, caller), _account(caller), caller.device
    assert device is not None
    code, door = str(form.get("answer", "")), house.door

    def set_up() -> None:
        _check_local(house, own)
        door.sign_ins.limits.check("step", own, PER_ACCOUNT)
        if not door.apps.confirm(caller.credential, own, code):
            raise PeopleError("That is not the code of this secret. Wait for the next one.")
        door.attesting.enabled(own, device, "totp")

    try:
        await house.lanes.sign_ins.run(set_up)
    except (PeopleError, TooManyError) as error:
        return await _account_page(request, house, caller, str(error))
    return _back()


@router.post("/passkeys")
async def set_up_passkey(request: Request, house: Housed, caller: Visiting) -> Response:
    """Set up a passkey from the browser's answer."""
    form, own, device = await form_of(request, house, caller), _account(caller), caller.device
    assert device is not None
    answer, name = str(form.get("answer", "")), str(form.get("name", ""))[:_NAME_LENGTH]
    if not name and device.user_agent:
        name = device_name(device.user_agent) or ""
    door = house.door

    def set_up() -> None:
        _check_local(house, own)
        door.passkeys.add(caller.credential, own, answer, name or None)
        if "passkey" not in door.steps.of(own):
            door.steps.add(own, "passkey")
            door.attesting.enabled(own, device, "passkey")

    try:
        await house.lanes.sign_ins.run(set_up)
    except PeopleError as error:
        return await _account_page(request, house, caller, str(error))
    return _back()


@router.post("/second-steps/remove")
async def remove(request: Request, house: Housed, caller: Visiting) -> Response:
    """Remove a second step; one always remains."""
    form, own, device = await form_of(request, house, caller), _account(caller), caller.device
    assert device is not None
    given, door = str(form.get("channel", "")), house.door
    channels: dict[str, Channel] = {"email": "email", "totp": "totp", "passkey": "passkey"}
    if given not in channels:
        raise ProblemError(422, "invalid", "There is no such second step.")
    channel = channels[given]

    def take_away() -> None:
        door.steps.check_another(own, channel)
        if channel == "passkey":
            for each in door.passkeys.of(own):
                door.passkeys.drop(own, each.id)
        if door.steps.drop(own, channel):
            door.attesting.disabled(own, device, channel)

    try:
        await house.lanes.sign_ins.run(take_away)
    except PeopleError as error:
        return await _account_page(request, house, caller, str(error))
    return _back()


async def _account_page(request: Request, house: House, caller: Caller, error: str | None = None) -> Response:
    own, session, door = _account(caller), _session(caller), house.door

    def looked_up() -> dict[str, object]:
        local = door.people.find(own) is not None
        channels = door.steps.of(own)
        secret = door.apps.offer(caller.credential) if local and "totp" not in channels else None
        return {
            "local": local,
            "channels": channels,
            "passkeys": door.passkeys.of(own),
            "secret": secret,
            "uri": written_for_apps(secret, own) if secret is not None else None,
            "asked": door.passkeys.offer(caller.credential, own) if local else None,
            "sessions": [_row(each, session) for each in house.sessions.of(own)],
        }

    shown = await house.lanes.sign_ins.run(looked_up)
    status = 200 if error is None else 422
    response = page(request, "account.html", caller, status=status, error=error, **shown)
    response.headers["Cache-Control"] = "no-store"
    return response


def _row(session: Session, here: str) -> dict[str, object]:
    agent = session.device.user_agent
    return {
        "id": session.id,
        "device": (device_name(agent) if agent else None) or session.device.id,
        "address": session.device.ip,
        "made_at": f"{session.made_at:%Y-%m-%d %H:%M} UTC",
        "seen_at": f"{session.seen_at:%Y-%m-%d %H:%M} UTC",
        "here": session.id == here,
    }


def _check_local(house: House, own: str) -> None:
    if house.door.people.find(own) is None:
        raise PeopleError("You sign in elsewhere; second steps are set up there.")


def _account(caller: Caller) -> str:
    if caller.account is None:
        raise ProblemError(403, "no_account", "This page is for people who have signed in.")
    return caller.account


def _session(caller: Caller) -> str:
    return caller.device.session or "" if caller.device is not None else ""


def _back() -> Response:
    return RedirectResponse("/account", 303)
