"""Hands bundles out: to whoever may see the bill, as often as one may take it away."""

from collections.abc import Callable
from datetime import datetime, timedelta

from infrastructure.bundle.bundling import Bundle, Bundling
from infrastructure.bundle.reading import Asked, Signed
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import ForbiddenError, Topic
from infrastructure.door.room import ReadingRoom
from projections.filters import Filter
from projections.paging import Page

BUNDLES_AN_HOUR = 20
"""Bundles for one actor in an hour."""

_HOUR = timedelta(hours=1)
_LOOKED_AT = 1_000


class TooManyError(Exception):
    """More bundles than one may take; the sentence says what to do."""


class HandingOut:
    """Bundles of one ledger, for callers."""

    def __init__(self, room: ReadingRoom, bundling: Bundling, clock: Callable[[], datetime]) -> None:
        self._room = room
        self._bundling = bundling
        self._clock = clock

    @property
    def signs(self) -> bool:
        """Whether there is a signer, without which nobody could check a bundle."""
        return self._bundling.signs

    def bundle(self, caller: Caller, asked: Asked, since: Signed | None = None) -> Bundle:
        """The bundle that was asked for. ForbiddenError (written down) and NotFoundError as for the bill.

        TooManyError beyond what one may take; NoBundleError, NotSignedError and SpoiltBundleError as Bundling has them.
        """
        if caller.account is None and "export" not in caller.scopes:
            raise ForbiddenError("This key does not have the scope export; ask for one that has.")
        self._room.check(caller, asked.location, Topic.SEATS)
        self._check_quota(caller, asked)
        return self._bundling.bundle(caller, asked, since=since)

    def _check_quota(self, caller: Caller, asked: Asked) -> None:
        since, kind = self._clock() - _HOUR, asked.said().partition(" ")[0]
        taken = Filter(actor=caller.actor.id, types=frozenset({"DataExported"}), since=since)
        rows = self._room.books(Asking()).log(None, taken, page=Page(_LOOKED_AT))["log"]
        if sum(str(row["target"]["id"]).startswith(kind) for row in rows) >= BUNDLES_AN_HOUR:
            raise TooManyError(f"One may take {BUNDLES_AN_HOUR} bundles an hour; wait, or ask for more days at once.")
