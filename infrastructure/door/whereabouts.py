"""Which locations a credential reaches: those it names, and those of its chains, looked up and kept for a moment."""

import threading
import time
from collections import OrderedDict

from infrastructure.books import NotFoundError
from infrastructure.door.caller import Places
from infrastructure.wiring import Application

FRESH = 30.0
"""Seconds after which the chain of a location is looked up again."""

_REMEMBERED = 20_000


class Whereabouts:
    """The chains of locations as they are now; safe to share between threads."""

    def __init__(self, ledger: Application, *, fresh: float = FRESH) -> None:
        self._ledger = ledger
        self._fresh = fresh
        self._chains: OrderedDict[str, tuple[float, str | None]] = OrderedDict()
        self._lock = threading.Lock()

    def covers(self, places: Places, location: str) -> bool:
        """Whether a location is among some places; asked with a chain, the answer may be a moment old."""
        if places.everywhere or location in places.locations:
            return True
        return bool(places.chains) and self.chain(location) in places.chains

    def knows(self, account: str, location: str) -> bool:
        """Whether a person may know that there is such a location: by an access, or an invitation that waits."""
        try:
            return self._ledger.books().seating(location).team.active_user(account) is not None
        except NotFoundError:
            return False

    def exists(self, location: str) -> bool:
        """Whether there is such a location at all."""
        try:
            return self._ledger.books().seating(location).team.place is not None
        except NotFoundError:
            return False

    def chain(self, location: str) -> str | None:
        """The chain that a location is in; None when it is in none, or is none."""
        moment = time.monotonic()
        with self._lock:
            known = self._chains.get(location)
            if known is not None and moment - known[0] < self._fresh:
                return known[1]
        found = self._looked_up(location)
        with self._lock:
            self._chains[location] = (moment, found)
            self._chains.move_to_end(location)
            while len(self._chains) > _REMEMBERED:
                self._chains.popitem(last=False)
        return found

    def _looked_up(self, location: str) -> str | None:
        try:
            place = self._ledger.books().seating(location).team.place
        except NotFoundError:
            return None
        return place.chain if place is not None else None
