"""Links for auditors from outside: whoever opens one reads, in named places, until a time or until it is taken back."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.facts import Actor
from domain.limits import NAME_LENGTH
from infrastructure.door.caller import Caller, Places
from infrastructure.door.veil import Veil, of_link
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

ERASED = "erased"
"""For whom a link was, when that was erased."""

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
        self._veil = Veil(connections)

    def make(self, name: str, places: Places, lasts: timedelta) -> tuple[str, str]:
        """Make a link for somebody. Return its id and its token, which nobody keeps."""
        made, token = secrets.token_hex(6), secrets.token_urlsafe(_TOKEN_BYTES)
        veiled = self._veil.over(of_link(made), name[:NAME_LENGTH])
        with self._connections.take() as connection:
            connection.execute(
                _SQL["make_link"],
                {
                    "id": made,
                    "sha256": _digest(token),
                    "name": veiled,
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
        names = self._veil.all_under([(of_link(row[0]), row[1]) for row in rows])
        return [
            Link(made, name or ERASED, Places(locations=frozenset(locations), chains=frozenset(chains)), *times)
            for (made, _, locations, chains, *times), name in zip(rows, names, strict=True)
        ]

    def revoke(self, made: str) -> bool:
        """End a link at once; False when there is no such link that still works."""
        with self._connections.take() as connection:
            return connection.execute(_SQL["revoke_link"], (made,)).fetchone() is not None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
