"""The deliveries of a ledger's webhooks, as the worker sees them: laid down, claimed, and what came of each try."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from infrastructure.door.veil import Veil, of_webhook
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

_SQL = statements("webhooks")
LEASE = timedelta(minutes=5)
"""How long what a worker has claimed is its own; then the worker is taken for dead."""

RUN = 20
"""Deliveries of a subscription that a worker claims at a time; their tries fit into the lease."""

KEPT = timedelta(days=30)
"""How long the log of what is over is kept."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is this worker's to try."""

    subscription: str
    position: int
    attempts: int
    """Tries, with this one."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: the status of the answer, or why there was none."""

    status: int | None
    error: str | None
    milliseconds: int

    @property
    def heard(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


class Deliveries:
    """What is to be delivered; safe to share between threads and processes."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._veil = Veil(connections)

    def lay(self, subscription: str, after: int, following: int, positions: Sequence[int]) -> None:
        """Lay down facts for a subscription that stands at `after`, and move it on; nothing if others did already."""
        asked = {"id": subscription, "after": after, "next": following, "positions": list(positions)}
        with self._connections.take() as connection:
            connection.execute(_SQL["lay"], asked)

    def claim(self) -> list[Claimed]:
        """Take what is due, in order of position; nobody else gets it until the lease is over."""
        with self._connections.take() as connection:
            rows = connection.execute(_SQL["claim"], {"run": RUN, "lease": LEASE}).fetchall()
        secrets = self._veil.all_under([(of_webhook(row[0]), row[4]) for row in rows])
        claimed = [
            Claimed(subscription, position, attempts, url, secret or "")
            for (subscription, position, attempts, url, _), secret in zip(rows, secrets, strict=True)
        ]
        return sorted(claimed, key=lambda each: (each.subscription, each.position))

    def moment(self) -> int:
        """The database's clock, in seconds since 1970."""
        return int(self._connections.read(_SQL["moment"])[0][0])

    def finish(self, claimed: Claimed, tried: Tried, *, pause: float | None) -> None:
        """Write down what came of a try; `pause` seconds until the next, None when there is none."""
        which = {"subscription": claimed.subscription, "position": claimed.position}
        attempt = {
            **which,
            "number": claimed.attempts,
            "status": tried.status,
            "error": tried.error,
            "milliseconds": tried.milliseconds,
        }
        with self._connections.take() as connection, connection.transaction():
            connection.execute(_SQL["attempted"], attempt)
            if tried.heard or pause is None:
                connection.execute(_SQL["delivered" if tried.heard else "dead"], which)
            else:
                connection.execute(_SQL["again"], {**which, "pause": timedelta(seconds=pause)})

    def release(self, claimed: Sequence[Claimed]) -> None:
        """Give back what was claimed of one subscription and not tried."""
        if claimed:
            asked = {"subscription": claimed[0].subscription, "positions": [each.position for each in claimed]}
            with self._connections.take() as connection:
                connection.execute(_SQL["release"], asked)

    def forget(self) -> None:
        """Drop some of what has been over for long."""
        with self._connections.take() as connection:
            connection.execute(_SQL["forget"], {"kept": KEPT})
