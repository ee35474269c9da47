"""Writes down who looked at a log and who was refused a look, as facts beside all others."""

import threading
import time
from collections import OrderedDict
from datetime import datetime
from typing import Any
from uuid import uuid4

from domain.entries import Entry, Stamp
from domain.facts import CommandRefused, Data, DataExported, Fact, LogViewed
from domain.limits import TEXT_LENGTH
from infrastructure.devices import common_name
from infrastructure.door.caller import Caller
from infrastructure.door.permissions import ForbiddenError
from infrastructure.mapper import new_row
from infrastructure.store import OutOfOrder, Store

QUIET = 300.0
"""Seconds in which the same look by the same caller is one fact: turning pages is one reading."""

_REMEMBERED = 10_000
_TRIES = 100
_PAUSE = 0.02


class Noting:
    """The notes of a ledger that is being read; safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: OrderedDict[tuple[Any, ...], float] = OrderedDict()
        self._lock = threading.Lock()

    def viewed(self, caller: Caller, location: str | None, wanted: dict[str, str]) -> None:
        """Append a LogViewed, once in a while for the same look. That the log is read is no reason to read it again."""
        if self._is_new((caller.actor.id, caller.credential, location, tuple(sorted(wanted.items())))):
            self._append(caller, location, LogViewed(filter=wanted))

    def refused(self, caller: Caller, location: str | None, question: str, error: ForbiddenError) -> None:
        """Append a CommandRefused for a question that was not the caller's to ask."""
        sentence = str(error)[:TEXT_LENGTH]
        self._append(caller, location, CommandRefused(command=f"read_{question}", code="forbidden", sentence=sentence))

    def denied(self, caller: Caller, command: str, sentence: str) -> None:
        """Append a CommandRefused for a command that did not come as far as the desk; it belongs to no location."""
        self._append(caller, None, CommandRefused(command=command, code="forbidden", sentence=sentence[:TEXT_LENGTH]))

    def exported(self, caller: Caller, location: str | None, data: DataExported, reason: str) -> tuple[str, datetime]:
        """Append that data leaves the ledger, with what it was that was asked; the fact's id and its time."""
        return self._append(caller, location, data, reason[:TEXT_LENGTH])

    def _append(
        self, caller: Caller, location: str | None, data: Data, reason: str | None = None
    ) -> tuple[str, datetime]:
        name = str(uuid4())
        agent = caller.device.user_agent if caller.device is not None else None
        stamp = Stamp(device_name=common_name(agent) if agent else None)
        tries = 0
        while True:
            at, tries = self._store.now(), tries + 1
            fact = Fact(
                id=name,
                type=type(data).__name__,
                location=location,
                recorded_at=at,
                effective_at=at,
                actor=caller.actor,
                device=caller.device if caller.actor.kind != "system" else None,
                change=name,
                reason=reason,
                data=data,
            )
            try:
                self._store.gather([new_row(Entry(fact, stamp), None)])
            except OutOfOrder:
                # Another machine's clock was a little ahead; the next look at the clock is later.
                if tries == _TRIES:
                    raise
                time.sleep(_PAUSE)
                continue
            return name, at

    def _is_new(self, look: tuple[Any, ...]) -> bool:
        moment = time.monotonic()
        with self._lock:
            last = self._seen.get(look)
            if last is not None and moment - last < QUIET:
                return False
            self._seen[look] = moment
            self._seen.move_to_end(look)
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return True
