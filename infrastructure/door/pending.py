"""Sign-ins under way: the password was right, the second step is still to come; kept by the server, for minutes."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from infrastructure.door.veil import Veil, of_account
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

LASTS = timedelta(minutes=15)

_SQL = statements("people")
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in under way."""

    id: str
    account: str
    device: str
    next: str
    """Where the person wanted to go."""

    @property
    def holder(self) -> str:
        """Whom a code or a challenge is asked of."""
        return f"pending:{self.id}"


class Waiting:
    """The sign-ins under way of a ledger; safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._veil = Veil(connections)

    def begin(self, account: str, device: str, then: str) -> str:
        """Begin a sign-in on a device and return its token, which only the person's browser keeps."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        veiled = self._veil.over(of_account(account), then)
        with self._connections.take() as connection:
            connection.execute(_SQL["sweep_pending"])
            connection.execute(
                _SQL["begin_pending"],
                {
                    "id": secrets.token_hex(8),
                    "sha256": _digest(token),
                    "account": account,
                    "device": device,
                    "next": veiled,
                    "lasts": LASTS,
                },
            )
        return token

    def find(self, token: str) -> Pending | None:
        """The sign-in that a token goes with; None when it is over."""
        found = self._connections.read(_SQL["pending"], (_digest(token),))
        if not found:
            return None
        name, account, device, then = found[0]
        return Pending(name, account, device, self._veil.under(of_account(account), then) or "/")

    def end(self, pending: Pending) -> bool:
        """End a sign-in; False when it was over: of two answers at the same moment one counts."""
        with self._connections.take() as connection:
            return connection.execute(_SQL["end_pending"], (pending.id,)).fetchone() is not None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
