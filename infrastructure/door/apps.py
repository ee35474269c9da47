"""Authenticator apps: a secret that both sides have, six digits for each half minute, none of them good twice."""

import hmac
from collections.abc import Callable
from datetime import datetime

import pyotp

from infrastructure.door.challenges import Challenges
from infrastructure.door.second_steps import SecondSteps
from infrastructure.door.veil import PROGRAM, Veil, of_account
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

PURPOSE = "totp"
ISSUER = "Access ledger"

_SQL = statements("people")
_SECONDS = 30
_DRIFT = (-1, 0, 1)
"""Half minutes that a phone's clock may be off."""


class Apps:
    """Sets up authenticator apps and checks their codes; safe to share between threads."""

    def __init__(
        self,
        connections: Connections,
        challenges: Challenges,
        steps: SecondSteps,
        clock: Callable[[], datetime],
    ) -> None:
        self._connections = connections
        self._veil = Veil(connections)
        self._challenges = challenges
        self._steps = steps
        self._clock = clock

    def offer(self, holder: str) -> str:
        """A secret for a new app, the same one as long as it is not confirmed: pages can be loaded again."""
        held = self._challenges.held(holder, PURPOSE)
        offered = self._offered(held)
        if offered is not None:
            return offered
        secret = pyotp.random_base32()
        veiled = self._veil.over(PROGRAM, secret)
        assert veiled is not None
        self._challenges.hold(holder, PURPOSE, veiled.encode())
        return secret

    def confirm(self, holder: str, account: str, code: str) -> bool:
        """Set the app up when its code shows that it has the secret."""
        held = self._challenges.attempt(holder, PURPOSE)
        secret = self._offered(held)
        at = self._step_of(secret, code) if secret is not None else None
        if held is None or at is None or not self._challenges.answered(holder, PURPOSE, held):
            return False
        self._steps.add(account, "totp", secret=secret, last_used=at)
        return True

    def check(self, account: str, code: str) -> bool:
        """Whether this is a code of the person's app that was not used before, nor one after it."""
        found = self._connections.read(_SQL["app"], (account,))
        secret = self._veil.under(of_account(account), found[0][0]) if found else None
        at = self._step_of(secret, code) if secret is not None else None
        if at is None:
            return False
        with self._connections.take() as connection:
            return connection.execute(_SQL["use_app"], {"account": account, "at": at}).fetchone() is not None

    def _offered(self, held: bytes | None) -> str | None:
        return self._veil.under(PROGRAM, held.decode()) if held is not None else None

    def _step_of(self, secret: str, code: str) -> int | None:
        """The half minute whose code this is, of those around now."""
        app = pyotp.TOTP(secret)
        now = int(self._clock().timestamp()) // _SECONDS
        given = "".join(code.split()).encode()
        found = None
        for drift in _DRIFT:
            if hmac.compare_digest(app.generate_otp(now + drift).encode(), given):
                found = now + drift
        return found


def written_for_apps(secret: str, account: str) -> str:
    """The secret as apps take it: an otpauth address."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)
