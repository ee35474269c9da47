"""Authenticator apps: a secret that both sides have, six digits for each half minute, none of them good twice."""

import hmac
from collections.abc import Callable
from datetime import datetime

import pyotp

from infrastructure.door.challenges import Challenges
from infrastructure.door.second_steps import SecondSteps
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
        self._challenges = challenges
        self._steps = steps
        self._clock = clock

    def offer(self, holder: str) -> str:
        """A secret for a new app, the same one as long as it is not confirmed: pages can be loaded again."""
        held = self._challenges.held(holder, PURPOSE)
        if held is not None:
            return held.decode()
        secret = pyotp.random_base32()
        self._challenges.hold(holder, PURPOSE, secret.encode())
        return secret

    def confirm(self, holder: str, account: str, code: str) -> bool:
        """Set the app up when its code shows that it has the secret."""
        held = self._challenges.attempt(holder, PURPOSE)
        at = self._step_of(held.decode(), code) if held is not None else None
        if held is None or at is None or not self._challenges.answered(holder, PURPOSE, held):
            return False
        self._steps.add(account, "totp", secret=held.decode(), last_used=at)
        return True

    def check(self, account: str, code: str) -> bool:
        """Whether this is a code of the person's app that was not used before, nor one after it."""
        found = self._connections.read(_SQL["app"], (account,))
        at = self._step_of(found[0][0], code) if found else None
        if at is None:
            return False
        with self._connections.take() as connection:
            return connection.execute(_SQL["use_app"], {"account": account, "at": at}).fetchone() is not None

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
