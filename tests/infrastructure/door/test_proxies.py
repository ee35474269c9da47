"""Where a request comes from: proxies are believed when they are listed, and nobody else ever."""

import pytest
from fastapi import Request

from infrastructure.http.coming_in import address_of
from infrastructure.http.house import House
from infrastructure.http.settings import ServeSettings
from tests.infrastructure.http.serving import Running

PROXIES = ("10.0.0.0/8", "192.0.2.1")


def asked(house: House, peer: str, *forwarded: str) -> str | None:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return address_of(Request({"type": "http", "client": (peer, 1), "headers": headers}), house)


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.7",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("198.51.100.66, 198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("198.51.100.7, 192.0.2.1, 10.0.0.2",), "198.51.100.7"),
        ("10.0.0.1", ("198.51.100.66", "198.51.100.7"), "198.51.100.7"),
        ("10.0.0.1", ("<script>",), None),
        ("10.0.0.1", (), "10.0.0.1"),
    ],
    ids=[
        "nothing forwarded",
        "forged by a caller",
        "one proxy",
        "forged before a proxy",
        "several proxies",
        "forged in a line of its own",
        "no address",
        "a proxy itself",
    ],
)
def test_the_nearest_address_that_is_no_proxy(
    demo: Running, peer: str, forwarded: tuple[str, ...], found: str | None
) -> None:
    object.__setattr__(demo.house, "settings", ServeSettings(proxies=PROXIES))
    assert asked(demo.house, peer, *forwarded) == found
