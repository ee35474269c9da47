"""The cookies of this server: what they are called, and that no script and no other site can use them."""

from typing import Literal, TypeAlias

from fastapi import Response

from infrastructure.http.house import House

CookieName: TypeAlias = Literal["session", "device", "pending", "link"]


def called(house: House, name: CookieName) -> str:
    """What a cookie is called; the prefix keeps other hosts and plain connections from setting it."""
    return f"__Host-{name}" if house.settings.secure else name


def put(response: Response, house: House, name: CookieName, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie: for so many seconds, or for as long as the browser runs."""
    response.set_cookie(
        called(house, name),
        value,
        max_age=seconds,
        path="/",
        secure=house.settings.secure,
        httponly=True,
        samesite="lax",
    )


def take_away(response: Response, house: House, name: CookieName) -> None:
    """Have the browser forget a cookie."""
    response.delete_cookie(called(house, name), path="/", secure=house.settings.secure, httponly=True, samesite="lax")
