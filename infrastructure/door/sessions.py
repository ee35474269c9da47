"""Sessions of people who have signed in: kept by the server, ended by an end, by absence, or by being taken back."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.facts import Actor, Device
from infrastructure.door.caller import Caller, Places
from infrastructure.door.veil import Veil, of_account
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

LASTS = timedelta(hours=12)
"""How long a session lasts at most; then one signs in again."""

IDLE = timedelta(hours=1)
"""How long somebody may be away."""

_SQL = statements("sessions")
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is open, as its owner sees it."""

    id: str
    device: Device
    made_at: datetime
    seen_at: datetime


class Sessions:
    """The sessions of a ledger's people; safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._veil = Veil(connections)

    def make(self, account: str, device: Device, two_step: str | None = None, *, lasts: timedelta = LASTS) -> str:
        """Begin a session and return its token, which only the person's browser keeps. The device has an id."""
        token, whose = secrets.token_urlsafe(_TOKEN_BYTES), of_account(account)
        address, agent = self._veil.over(whose, device.ip), self._veil.over(whose, device.user_agent)
        with self._connections.take() as connection:
            connection.execute(
                _SQL["make_session"],
                {
                    "id": secrets.token_hex(8),
                    "sha256": _digest(token),
                    "account": account,
                    "two_step": two_step,
                    "device": device.id,
                    "ip": address,
                    "user_agent": agent,
                    "lasts": lasts,
                },
            )
        return token

    def caller(self, token: str) -> Caller | None:
        """Return who comes with a token; None when the session is over.

        What people see follows from their rights; who is an auditor of a chain reads everything of it besides.
        """
        found = self._connections.read(_SQL["session"], {"sha256": _digest(token), "idle": IDLE})
        if not found:
            return None
        name, account, device, chains = found[0]
        return Caller(
            actor=Actor(kind="person", id=account),
            credential=f"session:{name}",
            device=Device(id=device, session=name),
            scopes=frozenset({"read"} if chains else ()),
            places=Places(chains=frozenset(chains)),
        )

    def of(self, account: str) -> list[Session]:
        """Return the sessions of an account that are open, the last used first."""
        rows, whose = self._connections.read(_SQL["sessions"], (account,)), of_account(account)
        shown = self._veil.all_under([(whose, text) for _, _, address, agent, *_ in rows for text in (address, agent)])
        return [
            Session(name, Device(id=device, ip=address, user_agent=agent, session=name), made_at, seen_at)
            for (name, device, _, _, made_at, seen_at), address, agent in zip(
                rows, shown[::2], shown[1::2], strict=True
            )
        ]

    def end(self, account: str, name: str) -> bool:
        """End one session of an account; False when there is none such."""
        with self._connections.take() as connection:
            return connection.execute(_SQL["end_session"], (account, name)).fetchone() is not None

    def end_others(self, account: str, name: str) -> int:
        """End all sessions of an account but one; how many those were."""
        with self._connections.take() as connection:
            return len(connection.execute(_SQL["end_other_sessions"], (account, name)).fetchall())

    def end_all(self, account: str) -> int:
        """End all sessions of an account; how many those were."""
        return self.end_others(account, "")

    def make_auditor(self, account: str, chain: str, expires_at: datetime | None = None) -> None:
        """Let an account read everything of a chain, until then or until taken back."""
        with self._connections.take() as connection:
            connection.execute(_SQL["make_auditor"], (account, chain, expires_at))

    def end_auditor(self, account: str, chain: str) -> bool:
        """Take that back; False when it was not so."""
        with self._connections.take() as connection:
            return connection.execute(_SQL["end_auditor"], (account, chain)).fetchone() is not None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
