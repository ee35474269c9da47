"""The subscriptions of a ledger: who is told of which facts, from which position on."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from domain.facts.reading import FACT_TYPES
from domain.instants import write_instant
from infrastructure.door.caller import Places
from infrastructure.door.veil import Veil, of_webhook
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections
from infrastructure.webhooks.addresses import read_target
from infrastructure.webhooks.rules import Rules
from infrastructure.webhooks.signing import new_secret

State: TypeAlias = Literal["waiting", "delivered", "dead"]
OPERATOR = "operator"
"""Whose subscriptions are those made on the command line."""

_SQL = statements("webhooks")
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription as it is listed: everything but its secret."""

    id: str
    url: str
    types: tuple[str, ...] | None
    """Types of facts; None: all."""

    places: Places
    position: int
    """Up to where facts have become deliveries."""

    owner: str
    made_at: datetime
    waiting: int
    dead: int

    def written(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "url": self.url,
            "types": list(self.types) if self.types is not None else None,
            "everywhere": self.places.everywhere,
            "locations": sorted(self.places.locations),
            "chains": sorted(self.places.chains),
            "position": self.position,
            "owner": self.owner,
            "made_at": write_instant(self.made_at),
            "waiting": self.waiting,
            "dead": self.dead,
        }


class Subscriptions:
    """The subscriptions of a ledger; safe to share between threads."""

    def __init__(self, connections: Connections, rules: Rules) -> None:
        self._connections = connections
        self._veil = Veil(connections)
        self._rules = rules

    def add(
        self,
        url: str,
        places: Places,
        *,
        owner: str = OPERATOR,
        types: Sequence[str] | None = None,
        after: int | None = None,
    ) -> tuple[str, str]:
        """Tell a URL of the facts of some places, after a position (else from now on). Return the id and the secret.

        AddressError when nothing may be sent there, ValueError for a type that there is not.
        """
        read_target(url, self._rules)
        for kind in types or ():
            if kind not in FACT_TYPES:
                raise ValueError(f"{kind!r} is not a type of fact.")
        name, secret = secrets.token_hex(8), new_secret()
        veiled = self._veil.over(of_webhook(name), secret)
        with self._connections.take() as connection:
            connection.execute(
                _SQL["add"],
                {
                    "id": name,
                    "url": url,
                    "secret": veiled,
                    "types": sorted(set(types)) if types else None,
                    "everywhere": places.everywhere,
                    "locations": sorted(places.locations),
                    "chains": sorted(places.chains),
                    "position": after,
                    "owner": owner,
                },
            )
        return name, secret

    def listed(self, *, owner: str | None = None, name: str | None = None) -> list[Subscription]:
        """Return the subscriptions, of one owner or by one id if asked, the oldest first."""
        rows = self._connections.read(_SQL["list"], {"owner": owner, "id": name})
        return [
            Subscription(
                name,
                url,
                tuple(types) if types is not None else None,
                Places(everywhere, frozenset(locations), frozenset(chains)),
                *rest,
            )
            for name, url, types, everywhere, locations, chains, *rest in rows
        ]

    def remove(self, name: str) -> bool:
        """End a subscription at once, and what waits for it; False when there is none such."""
        with self._connections.take() as connection, connection.transaction():
            found = connection.execute(_SQL["remove"], (name,)).fetchone() is not None
            connection.execute(_SQL["drop_waiting"], (name,))
        return found

    def replay(self, name: str, after: int) -> bool:
        """Tell everything after a position again, what is dead and what was delivered; False when there is none such.

        Each message has the id that it had, so that a receiver can tell what it has heard before.
        """
        with self._connections.take() as connection:
            return connection.execute(_SQL["replay"], {"id": name, "position": after}).fetchone() is not None

    def deliveries(
        self, name: str, *, state: State | None = None, before: int | None = None, limit: int = SHOWN
    ) -> list[dict[str, Any]]:
        """Return what was delivered or is to be, the newest position first, each with its attempts, as JSON."""
        asked = {"id": name, "state": state, "before": before, "limit": limit}
        return [
            {
                "message": message_id(name, position),
                "position": position,
                "state": found,
                "attempts": attempts,
                "made_at": write_instant(made_at),
                "due_at": write_instant(due_at) if found == "waiting" else None,
                "finished_at": write_instant(finished_at) if finished_at is not None else None,
                "tries": tries,
            }
            for position, found, attempts, made_at, due_at, finished_at, tries in self._connections.read(
                _SQL["deliveries"], asked
            )
        ]


def message_id(subscription: str, position: int) -> str:
    """The id of a message: the same however often it is sent."""
    return f"msg_{subscription}_{position}"
