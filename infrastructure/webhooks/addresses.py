"""Where webhooks may go: https to public addresses, and never by a name that leads back into one's own network."""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from infrastructure.webhooks.rules import Rules

_LENGTH = 2_000
_TRANSLATED = ip_network("64:ff9b::/96")
"""Behind these IPv6 addresses lies any IPv4 address, private ones too."""


class AddressError(ValueError):
    """Nothing is sent there; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.secure else 80
        return host if self.port == usual else f"{host}:{self.port}"


def read_target(url: str, rules: Rules) -> Target:
    """The target of a URL. AddressError when the rules forbid it, as far as can be seen without looking names up."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressError("This is not a URL; write it like https://example.com/hooks.") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or len(url) > _LENGTH or not _is_plain(url):
        raise AddressError("This is not a URL of a web server; write it like https://example.com/hooks.")
    if parts.scheme == "http" and not rules.plain:
        raise AddressError("Facts are about people and go over https only; the operator may allow http.")
    if parts.username is not None or parts.fragment:
        raise AddressError("Leave user name, password and fragment out of the URL; receivers check the signature.")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(secure, parts.hostname, port if port is not None else 443 if secure else 80, path)
    try:
        literal = ip_address(target.host)
    except ValueError:
        return target
    _check_address(literal, rules)
    return target


def resolved(target: Target, rules: Rules) -> str:
    """The address to connect to. AddressError when the name leads nowhere, or to where nothing may be sent.

    It is connected to by this very address: a name that is looked up again could lead elsewhere.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressError(f"The name {target.host} leads to no address.") from None
    addresses = [str(place[4][0]).partition("%")[0] for place in found]
    for address in addresses:
        _check_address(ip_address(address), rules)
    return addresses[0]


def _check_address(address: IPv4Address | IPv6Address, rules: Rules) -> None:
    if rules.private:
        return
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    seen = inner if inner is not None else address
    if not seen.is_global or seen.is_multicast or seen in _TRANSLATED:
        raise AddressError("This leads to a private address; the operator may allow those.")


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url
