"""Keys of systems: 256 bits from the machine's chance, shown once and stored as a hash, with scopes and an end."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.facts import Actor
from infrastructure.door.caller import Caller, Places, Scope
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

PREFIX = "alk_"
"""What a key begins with, so that people and scanners recognise one that lies about."""

_SQL = statements("door")
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed: everything but its secret."""

    id: str
    actor: Actor
    scopes: tuple[Scope, ...]
    places: Places
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Keys:
    """The keys of a ledger; safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def make(
        self, actor: Actor, scopes: Sequence[Scope], places: Places, expires_at: datetime | None = None
    ) -> tuple[str, str]:
        """Make a key for a system, a key of its own name, or support. Return its id and its text, which nobody keeps.

        ValueError when the actor is a person: people sign in.
        """
        if actor.kind == "person":
            raise ValueError("People sign in; a key is for a system, an api_key or support.")
        name = secrets.token_hex(6)
        text = f"{PREFIX}{name}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        with self._connections.take() as connection:
            connection.execute(
                _SQL["make_key"],
                {
                    "id": name,
                    "sha256": _digest(text),
                    "kind": actor.kind,
                    "actor": actor.id,
                    "scopes": sorted(set(scopes)),
                    "everywhere": places.everywhere,
                    "locations": sorted(places.locations),
                    "chains": sorted(places.chains),
                    "expires_at": expires_at,
                },
            )
        return name, text

    def caller(self, text: str) -> Caller | None:
        """Return who comes with a key's text; None when there is no such key, or no longer."""
        if not text.startswith(PREFIX):
            return None
        found = self._connections.read(_SQL["key"], (_digest(text),))
        if not found:
            return None
        name, kind, actor, scopes, *places = found[0]
        return Caller(
            actor=Actor(kind=kind, id=actor),
            credential=f"key:{name}",
            scopes=frozenset(scopes),
            places=_places(*places),
        )

    def list(self) -> list[Key]:
        """Return every key there ever was, the oldest first."""
        return [
            Key(name, Actor(kind=kind, id=actor), tuple(scopes), _places(everywhere, locations, chains), *times)
            for name, kind, actor, scopes, everywhere, locations, chains, *times in self._connections.read(_SQL["keys"])
        ]

    def revoke(self, name: str) -> bool:
        """End a key at once; False when there is no such key that still works."""
        with self._connections.take() as connection:
            return connection.execute(_SQL["revoke_key"], (name,)).fetchone() is not None


def _digest(text: str) -> bytes:
    # A key has 256 bits of chance: there is nothing to guess, and a slow hash would protect nothing.
    return hashlib.sha256(text.encode()).digest()


def _places(everywhere: bool, locations: Sequence[str], chains: Sequence[str]) -> Places:
    return Places(everywhere, frozenset(locations), frozenset(chains))
