"""Who a request comes from: its key or its session; with the device that the request tells of."""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from domain.facts import Device
from domain.limits import NAME_LENGTH, TEXT_LENGTH
from infrastructure.door.caller import Caller
from infrastructure.door.devices import HINTS
from infrastructure.http.cookies import called
from infrastructure.http.house import House, Housed
from infrastructure.http.problems import ProblemError

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="accessledger"'}


async def caller_of(request: Request, house: Housed) -> Caller:
    """The caller of an API request. ProblemError 401 when nobody can be made out."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and text:
        found = await house.lanes.questions.run(lambda: house.keys.caller(text.strip()))
        if found is not None:
            return replace(found, device=device_of(request, house))
        raise ProblemError(401, "unknown_key", "This key is not known, or no longer.", _CHALLENGE)
    visitor = await signed_in(request, house)
    if visitor is None:
        raise ProblemError(401, "not_signed_in", "Send a key as `Authorization: Bearer ...`, or sign in.", _CHALLENGE)
    return visitor


async def signed_in(request: Request, house: House) -> Caller | None:
    """The person whose session the request carries, else the auditor whose link; None when neither, or no longer."""
    token = request.cookies.get(session_cookie(house))
    if not token:
        return await _by_link(request, house)
    found = await house.lanes.questions.run(lambda: house.sessions.caller(token))
    if found is None or found.device is None:
        return None
    seen = device_of(request, house)
    device = Device(id=found.device.id, ip=seen.ip, user_agent=seen.user_agent, session=found.device.session)
    return replace(found, device=device)


async def _by_link(request: Request, house: House) -> Caller | None:
    token = request.cookies.get(called(house, "link"))
    found = await house.lanes.questions.run(lambda: house.door.links.caller(token)) if token else None
    return replace(found, device=device_of(request, house)) if found is not None else None


def session_cookie(house: House) -> str:
    """What the cookie of a session is called; the prefix keeps other hosts and plain connections from setting it."""
    return called(house, "session")


async def visitor_of(request: Request, house: Housed) -> Caller:
    """The person who looks at a page; who has not signed in is led to the door, and back afterwards."""
    found = await signed_in(request, house)
    if found is None:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise ProblemError(
            303, "not_signed_in", "Sign in first.", {"Location": f"/sign-in?next={quote(here, safe='')}"}
        )
    return found


Called = Annotated[Caller, Depends(caller_of)]
Visiting = Annotated[Caller, Depends(visitor_of)]


def device_of(request: Request, house: House) -> Device:
    """The device of a request: its id by our signed cookie, the rest as it says, which are claims."""
    agent = request.headers.get("user-agent", "")[:TEXT_LENGTH]
    cookie = request.cookies.get(called(house, "device"))
    known = house.door.devices.read(cookie) if cookie else None
    return Device(id=known, ip=address_of(request, house), user_agent=agent or None)


def hints_of(request: Request) -> dict[str, str]:
    """What the browser tells of its device because it was asked to; claims as well."""
    found = ((name, request.headers.get(name, "").strip('" ')[:NAME_LENGTH]) for name in HINTS)
    return {name: value for name, value in found if value}


def address_of(request: Request, house: House) -> str | None:
    """Where a request comes from: what a listed proxy says, else where the connection comes from."""
    address = request.client.host if request.client is not None else None
    # A proxy may add a line of its own beside one that the caller has sent: all lines count, in their order.
    lines = ",".join(request.headers.getlist("x-forwarded-for"))
    forwarded = [part.strip() for part in lines.split(",") if part.strip()]
    # From the right: each listed proxy is believed about the one before it, and nobody else.
    while forwarded and address is not None and _is_listed(address, house.settings.proxies):
        address = forwarded.pop()
    try:
        return str(ip_address(address)) if address is not None else None
    except ValueError:
        return None


def _is_listed(address: str, proxies: tuple[str, ...]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in ip_network(proxy, strict=False) for proxy in proxies)
