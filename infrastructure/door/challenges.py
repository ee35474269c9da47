"""What was asked of somebody and is answered once: bounded in tries and in time, kept by the server."""

from datetime import timedelta

from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

LASTS = timedelta(minutes=10)
TRIES = 5

_SQL = statements("people")


class Challenges:
    """Questions that wait for their answers, one for each holder and purpose; safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def hold(self, holder: str, purpose: str, value: bytes, *, tries: int = TRIES) -> None:
        """Ask anew; an earlier question of the same purpose is off."""
        with self._connections.take() as connection:
            connection.execute(_SQL["sweep_challenges"])
            connection.execute(
                _SQL["hold_challenge"],
                {"holder": holder, "purpose": purpose, "value": value, "tries": tries, "lasts": LASTS},
            )

    def held(self, holder: str, purpose: str) -> bytes | None:
        """What was asked, without taking a try; None when nothing is, or no longer."""
        found = self._connections.read(_SQL["challenge"], (holder, purpose))
        return bytes(found[0][0]) if found else None

    def attempt(self, holder: str, purpose: str) -> bytes | None:
        """Take one of the tries and return what was asked; None when nothing is, when time or tries are over."""
        with self._connections.take() as connection:
            found = connection.execute(_SQL["try_challenge"], (holder, purpose)).fetchone()
        return bytes(found[0]) if found is not None else None

    def answered(self, holder: str, purpose: str, value: bytes) -> bool:
        """Take the question off once it is answered; False when somebody was quicker: an answer counts once."""
        with self._connections.take() as connection:
            return connection.execute(_SQL["drop_challenge"], (holder, purpose, value)).fetchone() is not None
