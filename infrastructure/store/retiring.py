"""Retires observations: the table of a year is detached, kept and written down, and can be taken back."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from infrastructure.postgres.statements import statements
from infrastructure.store.errors import LedgerUnavailable, NotSettled, StoreError
from infrastructure.store.sequencing import Sequencing
from infrastructure.store.states import State

_SQL = statements("retiring")
_NOW = statements("read")["now"]
# Others are let through between two tries, for longer than a try may keep them waiting.
_BETWEEN_TRIES = 1.0
_AGAIN = (State.LOCK_NOT_AVAILABLE, State.DEADLOCK, State.NOT_SETTLED)


@dataclass(frozen=True, slots=True)
class Retirement:
    """What was retired: a year's table, the range of its recorded_at, its rows, and the positions they lie between."""

    id: int
    partition: str
    starts: datetime
    ends: datetime
    facts: int
    first_position: int | None
    last_position: int | None
    retired_at: datetime
    restored_at: datetime | None


class Retiring(Sequencing):
    """The side of the store for what is kept and not read any more."""

    def retire(self, before: datetime, *, patience: float = 60.0) -> list[Retirement]:
        """Detach the observations of all years that ended before an instant, and return what was written down of each.

        Their tables are kept; their positions and fact ids stay taken; questions go on without them. Appends and
        readers wait half a second at most; where that is not enough it is tried again, for `patience` seconds.

        Raises ValueError when `before` is not past, NotSettled when some of them have no final position yet,
        LedgerUnavailable when others were at work all the time; what was retired until then stays so.
        """
        if before > self.connections.read(_NOW)[0][0]:
            raise ValueError("Only what is past can be retired; name an earlier instant.")
        retired: list[Retirement] = []
        while found := self._patiently("retire", before, patience):
            retired.append(Retirement(*found))
        return retired

    def restore(self, partition: str, *, patience: float = 60.0) -> None:
        """Take a retired table back, so that it is read again.

        Raises StoreError when it is not retired, LedgerUnavailable when others were at work all the time.
        """
        if self._patiently("restore", partition, patience) != (True,):
            raise StoreError(f"{partition} is not retired; retirements() names the tables that are.")

    def retirements(self) -> list[Retirement]:
        """Return all that was ever retired, in that order; what was taken back since says so."""
        return [Retirement(*record) for record in self.connections.read(_SQL["retirements"])]

    def _patiently(self, name: str, what: datetime | str, patience: float) -> tuple[Any, ...] | None:
        end = time.monotonic() + patience
        while True:
            # What is retired must have its positions: nobody gives them any later.
            self.sequence()
            try:
                with self.connections.take(own=True) as connection:
                    connection.execute(_SQL["settings"])
                    return connection.execute(_SQL[name], (what,)).fetchone()
            except psycopg.Error as error:
                if error.sqlstate not in _AGAIN:
                    raise
                if time.monotonic() + _BETWEEN_TRIES > end:
                    raise _given_up(error) from error
                time.sleep(_BETWEEN_TRIES)


def _given_up(error: psycopg.Error) -> StoreError:
    if error.sqlstate == State.NOT_SETTLED:
        return NotSettled(
            f"{error.diag.message_primary} An open transaction holds them back: end it, then retire them."
        )
    return LedgerUnavailable(
        "Others read or import without a pause. Nothing was changed by this try; try again when they are done."
    )
