"""What an operator sets about coming in: how letters are sent, and a provider of identities."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

SMTP = "ACCESSLEDGER_SMTP_URL"
SENDER = "ACCESSLEDGER_MAIL_FROM"
ISSUER = "ACCESSLEDGER_OIDC_ISSUER"
CLIENT = "ACCESSLEDGER_OIDC_CLIENT_ID"
CLIENT_SECRET = "ACCESSLEDGER_OIDC_CLIENT_SECRET"  # noqa: S105 - a name
CLAIM = "ACCESSLEDGER_OIDC_CLAIM"
USUAL_CLAIM = "sub"
"""What a provider never gives to a second person; a name or an address can pass on."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of identities, as OpenID Connect has it."""

    issuer: str
    client: str
    secret: str | None = None
    claim: str = USUAL_CLAIM
    """The claim that names the account of the ledger."""


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """How people can come in here."""

    smtp: str | None = None
    """Where letters are handed in (`smtp://user:password@host:587`); without it there are no codes by letter."""

    sender: str | None = None
    provider: Provider | None = None


def read_door_settings(environment: Mapping[str, str] | None = None) -> DoorSettings:
    """The settings of the environment. ValueError with a sentence when one cannot be; it repeats no secret."""
    found = os.environ if environment is None else environment
    smtp = found.get(SMTP) or None
    if smtp is not None and (urlsplit(smtp).scheme not in {"smtp", "smtps"} or not urlsplit(smtp).hostname):
        raise ValueError(f"{SMTP} is not an address of a mail server; write it like smtp://user:password@host:587.")
    return DoorSettings(smtp, found.get(SENDER) or None, _provider(found))


def _provider(found: Mapping[str, str]) -> Provider | None:
    issuer, client = found.get(ISSUER), found.get(CLIENT)
    if not issuer and not client:
        return None
    if not issuer or not client:
        raise ValueError(f"A provider of identities needs both {ISSUER} and {CLIENT}.")
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError(f"{ISSUER} is {issuer!r}; give an address that begins with https://.")
    return Provider(issuer.rstrip("/"), client, found.get(CLIENT_SECRET) or None, found.get(CLAIM) or USUAL_CLAIM)
