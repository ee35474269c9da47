"""Links for auditors from outside: whoever opens one reads, in named places, until a time or until it is taken back."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.facts import Actor
from domain.limits import NAME_LENGTH
from infrastructure.door.caller import Caller, Places
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

CREDENTIAL = "link:"
"""What the credential of a link begins with."""

_SQL = statements("devices")
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is listed: everything but its secret."""

    id: str
    name: str
    places: Places
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class Links:
    """The links of a ledger; safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def make(self, name: str, places: Places, lasts: timedelta) -> tuple[str, str]:
        """Make a link for somebody. Return its id and its token, which nobody keeps."""
        made, token = secrets.token_hex(6), secrets.token_urlsafe(_TOKEN_BYTES)
        with self._connections.take() as connection:
            connection.execute(
                _SQL["make_link"],
                {
                    "id": made,
                    "sha256": _digest(token),
                    "name": name[:NAME_LENGTH],
                    "locations": sorted(places.locations),
                    "chains": sorted(places.chains),
                    "lasts": lasts,
                },
            )
        return made, token

    def caller(self, token: str) -> Caller | None:
        """Return who comes by a link; None when there is no such link, or no longer."""
        found = self._connections.read(_SQL["link"], (_digest(token),))
        if not found:
            return None
        made, locations, chains = found[0]
        return Caller(
            actor=Actor(kind="api_key", id=f"link-{made}"),
            credential=f"{CREDENTIAL}{made}",
            scopes=frozenset({"read"}),
            places=Places(locations=frozenset(locations), chains=frozenset(chains)),
        )

    def list(self) -> list[Link]:
        """Return every link there ever was, the oldest first."""
        rows = self._connections.read(_SQL["links"])
        return [
            Link(made, name, Places(locations=frozenset(locations), chains=frozenset(chains)), *times)
            for made, name, locations, chains, *times in rows
        ]

    def revoke(self, made: str) -> bool:
        """End a link at once; False when there is no such link that still works."""
        with self._connections.take() as connection:
            return connection.execute(_SQL["revoke_link"], (made,)).fetchone() is not None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
