"""Carries out what falls due, by whoever looks next: a server in the background, or a command."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid5

import psycopg

from domain.instants import write_instant
from infrastructure.desk import ConflictError, Desk, Outcome
from infrastructure.erasing.erasures import Erasures, Found
from infrastructure.erasing.remembered import Remembered
from infrastructure.store import StoreError

PAUSE = 60.0
"""Seconds after which a server looks again."""

SYSTEM: Mapping[str, str] = {"kind": "system", "id": "erasures"}
"""Who carries out what falls due, and what has to be done again."""

_OURS = UUID("5b0f6f0e-3f4c-5a53-9a6e-0d3b4b8f6a21")
_LOG = logging.getLogger(__name__)


def carry_out_due(
    desk: Desk, erasures: Erasures, at: datetime, *, dry_run: bool = False
) -> list[tuple[Found, Outcome]]:
    """Erase everybody whose erasure has fallen due; what another place still holds waits, and nothing is said of it.

    Several may do this at once: an erasure is one command, whoever gives it.
    """
    done = []
    for found in erasures.due(at):
        wish = found.erasure.wish
        assert wish is not None
        number = uuid5(_OURS, f"{wish.fact} {found.erasure.due} {at.date()}")
        whom = {"account": found.whom.account, "member": found.whom.member, "client": found.whom.client}
        raw = _command(number, found.location, whom, wish.basis)
        outcome = desk.submit(raw, dry_run=True)
        if outcome.refusal is None and not dry_run:
            outcome = desk.submit(raw)
        if outcome.refusal is None:
            done.append((found, outcome))
    return done


def record_again(desk: Desk, lost: Sequence[Remembered]) -> list[Outcome]:
    """Say again in the ledger what a restored backup of it does not know, so that it shows who is erased and why."""
    done = []
    for each in lost:
        if each.account is not None and each.location is not None:
            continue  # said with the account
        number = uuid5(_OURS, f"again {each.fact}")
        whom = {"account": each.account, "member": each.member, "client": each.client}
        raw = _command(number, each.location, whom, f"{each.basis} (done on {write_instant(each.at)}, said again)")
        if desk.submit(raw, dry_run=True).refusal is None:
            done.append(desk.submit(raw))
    return done


def _command(number: UUID, location: str | None, whom: Mapping[str, str | None], basis: str) -> dict[str, Any]:
    named = {name: value for name, value in whom.items() if value is not None}
    raw: dict[str, Any] = {"command": "erase", "id": str(number), "actor": SYSTEM, "data": {**named, "basis": basis}}
    return raw if location is None else {**raw, "location": location}


class Attendant:
    """A thread that carries out what falls due, from start to stop; also a context manager."""

    def __init__(self, desk: Desk, erasures: Erasures, clock: Callable[[], datetime], *, pause: float = PAUSE) -> None:
        self._desk = desk
        self._erasures = erasures
        self._clock = clock
        self._pause = pause
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="erasures", daemon=True)

    def start(self) -> None:
        """Begin; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being carried out, and wait for that."""
        self._stopped.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        complaint = ""
        while not self._stopped.is_set():
            try:
                for found, _ in carry_out_due(self._desk, self._erasures, self._clock()):
                    _LOG.info("The erasure of %s fell due and is carried out.", found.whom.name)
                complaint = ""
            except (StoreError, ConflictError, psycopg.Error) as error:
                if str(error) != complaint:
                    complaint = str(error)
                    _LOG.warning("Erasures that fall due wait: %s", complaint)
            self._stopped.wait(self._pause)
