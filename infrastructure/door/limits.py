"""How often somebody may try: per account and per address, counted in the database, so that all servers count alike."""

from datetime import timedelta
from ipaddress import ip_address

from infrastructure.door.veil import Veil
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 60
LETTERS = 5
"""Tries for one account, tries from one address, and letters to one person, in a window."""

_SQL = statements("people")
_NETWORK_BITS = 64


class TooManyError(Exception):
    """Too many tries; the sentence says when to come back. `first` is the one that went over the limit."""

    def __init__(self, *, first: bool) -> None:
        super().__init__("Too many tries. Wait a quarter of an hour, then try again.")
        self.first = first


class Limits:
    """Counts tries; safe to share between threads and processes."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._veil = Veil(connections)

    def check(self, kind: str, about: str, most: int) -> None:
        """Count a try, before anything is looked at. TooManyError when it is one too many."""
        asked = {"about": self._index(kind, about), "window": WINDOW}
        with self._connections.take() as connection:
            # Counted first and looked at then: of two at the same moment both see each other.
            connection.execute(_SQL["note_attempt"], asked)
            ((count,),) = connection.execute(_SQL["count_attempts"], asked).fetchall()
            if count == 1:
                connection.execute(_SQL["sweep_attempts"])
        if count > most:
            raise TooManyError(first=count == most + 1)

    def forgive(self, kind: str, about: str) -> None:
        """Forget the tries of somebody who has shown who they are."""
        with self._connections.take() as connection:
            connection.execute(_SQL["forgive_attempts"], (self._index(kind, about),))

    def _index(self, kind: str, about: str) -> bytes:
        # People type passwords into the wrong field: what was typed is not kept, nor what could be tried out.
        return self._veil.index(f"{kind} {about}")


def network(address: str | None) -> str:
    """What of an address is limited together: all of an IPv4 address, the network of an IPv6 one."""
    if address is None:
        return ""
    found = ip_address(address)
    if found.version == 4:
        return str(found)
    return str(int(found) >> _NETWORK_BITS)
