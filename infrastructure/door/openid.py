"""Signing in through a provider of identities by OpenID Connect: authorization code, PKCE, state and nonce."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from infrastructure.door.challenges import Challenges
from infrastructure.door.people import ACCOUNT
from infrastructure.door.settings import Provider

BACK = "/sign-in/openid/back"
"""Where the provider sends people back to; it has to be told at the provider."""

_PURPOSE = "openid"
_PATIENCE = 10.0
_LEEWAY = 60
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""By a key of the provider's alone: with a shared secret, or none at all, anybody could sign."""

_WRONG = (httpx.HTTPError, AuthlibBaseError, JoseError, KeyError, TypeError, ValueError)
_CHANNELS = {"otp": "totp", "hwk": "passkey", "swk": "passkey", "fido": "passkey"}


class OpenIdError(Exception):
    """Nobody came of it; the sentence is for the person, `why` for the ledger."""

    def __init__(self, why: str) -> None:
        super().__init__("The sign-in through your provider did not come about. Begin again.")
        self.why = why


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom the provider has identified, by which second step if it tells, and where they wanted to go."""

    account: str
    channel: str | None
    next: str


class OpenId:
    """A provider as this server asks it; safe to share between threads."""

    def __init__(self, provider: Provider, challenges: Challenges, address: str, clock: Callable[[], datetime]) -> None:
        self._provider = provider
        self._challenges = challenges
        self._back = f"{address}{BACK}"
        self._clock = clock

    @property
    def issuer(self) -> str:
        """Who the provider is."""
        return self._provider.issuer

    def begin(self, device: str, then: str) -> str:
        """The address at the provider to which the person is sent. OpenIdError when the provider cannot be asked."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        kept = {"nonce": nonce, "verifier": verifier, "device": device, "next": then}
        try:
            with httpx.Client(timeout=_PATIENCE) as client:
                endpoint = self._metadata(client)["authorization_endpoint"]
        except _WRONG as error:
            raise OpenIdError("the provider could not be asked") from error
        self._challenges.hold(_holder(state), _PURPOSE, json.dumps(kept).encode(), tries=1)
        address: str = prepare_grant_uri(
            endpoint,
            self._provider.client,
            "code",
            redirect_uri=self._back,
            scope="openid",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    def finish(self, device: str | None, state: str, code: str) -> Identified:
        """Whom the provider's answer identifies. OpenIdError when the answer is not to what this device asked."""
        value = self._challenges.attempt(_holder(state), _PURPOSE)
        kept = json.loads(value) if value is not None else None
        if kept is None or kept["device"] != device:
            raise OpenIdError("an answer to nothing that this device asked")
        try:
            claims = self._claims(code, kept)
        except _WRONG as error:
            raise OpenIdError("the provider's answer was not accepted") from error
        account = claims.get(self._provider.claim)
        if not isinstance(account, str) or not ACCOUNT.fullmatch(account):
            raise OpenIdError(f"the claim {self._provider.claim} names no account")
        methods = claims.get("amr") or []
        channel = next((_CHANNELS[each] for each in methods if each in _CHANNELS), None)
        return Identified(account, channel, kept["next"])

    def _claims(self, code: str, kept: Mapping[str, str]) -> Mapping[str, Any]:
        """The claims of the id token, checked."""
        provider = self._provider
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=self._back,
            code=code,
            code_verifier=kept["verifier"],
            client_id=None if provider.secret else provider.client,
        )
        with httpx.Client(timeout=_PATIENCE) as client:
            metadata = self._metadata(client)
            answer = client.post(
                metadata["token_endpoint"],
                content=body,
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                auth=httpx.BasicAuth(provider.client, provider.secret) if provider.secret else httpx.USE_CLIENT_DEFAULT,
            )
            given = answer.raise_for_status().json()
            keys = KeySet.import_key_set(client.get(metadata["jwks_uri"]).raise_for_status().json())
        token = jwt.decode(given["id_token"], keys, algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client},
            },
            params={
                "nonce": kept["nonce"],
                "client_id": provider.client,
                "access_token": given.get("access_token"),
            },
        )
        claims.validate(now=int(self._clock().timestamp()), leeway=_LEEWAY)
        return dict(claims)

    def _metadata(self, client: httpx.Client) -> dict[str, Any]:
        # Asked each time: a provider that has moved or changed its keys is met at once, for two short requests.
        found = client.get(f"{self._provider.issuer}/.well-known/openid-configuration").raise_for_status().json()
        if found["issuer"].rstrip("/") != self._provider.issuer:
            raise ValueError("the provider calls itself otherwise")
        return dict(found)


def _holder(state: str) -> str:
    return f"openid:{hashlib.sha256(state.encode()).hexdigest()}"
