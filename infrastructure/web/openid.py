"""The way to a provider of identities and back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from infrastructure.door.attesting import NOBODY
from infrastructure.door.limits import PER_ADDRESS, TooManyError, network
from infrastructure.door.openid import BACK, OpenId, OpenIdError
from infrastructure.http.coming_in import device_of
from infrastructure.http.cookies import put
from infrastructure.http.house import House, Housed
from infrastructure.http.problems import ProblemError
from infrastructure.web.sign_in import Next, safe_next

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Query(max_length=4_000)]


@router.get("/sign-in/openid")
async def leave(request: Request, house: Housed, next: Next = "/") -> Response:  # noqa: A002 - the query's name
    """Send the person to the provider."""
    provider, device = _provider(house), device_of(request, house)
    if device.id is None:
        return RedirectResponse("/sign-in", 303)
    name, then = device.id, safe_next(next)
    try:
        await house.lanes.sign_ins.run(
            lambda: house.door.sign_ins.limits.check("provider", network(device.ip), PER_ADDRESS)
        )
        address = await house.lanes.sign_ins.run(lambda: provider.begin(name, then))
    except TooManyError as error:
        raise ProblemError(429, "too_many", str(error)) from None
    except OpenIdError:
        raise ProblemError(
            503, "provider_away", "Your provider cannot be reached at the moment; try again in a minute."
        ) from None
    return RedirectResponse(address, 303)


@router.get(BACK)
async def back(request: Request, house: Housed, state: Part = "", code: Part = "") -> Response:
    """The provider's answer: a session, or a refusal that is a fact."""
    provider, device = _provider(house), device_of(request, house)

    def arrived() -> tuple[str, str]:
        try:
            found = provider.finish(device.id, state, code)
        except OpenIdError as error:
            house.door.attesting.refused(NOBODY, device, error.why)
            raise
        why = f"through {provider.issuer}"
        return house.door.sign_ins.welcome(found.account, device, found.channel, why), found.next

    if device.id is None:
        raise ProblemError(
            403, "no_device", "Your browser has not kept our cookie. Allow cookies here and begin again."
        )
    try:
        await house.lanes.sign_ins.run(
            lambda: house.door.sign_ins.limits.check("provider", network(device.ip), PER_ADDRESS)
        )
        token, then = await house.lanes.sign_ins.run(arrived)
    except TooManyError as error:
        raise ProblemError(429, "too_many", str(error)) from None
    except OpenIdError as error:
        raise ProblemError(403, "not_identified", str(error)) from None
    response = RedirectResponse(then, 303)
    put(response, house, "session", token)
    return response


def _provider(house: House) -> OpenId:
    if house.door.openid is None:
        raise ProblemError(404, "not_found", "There is no provider to sign in through here.")
    return house.door.openid
