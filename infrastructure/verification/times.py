"""Rows that say they were there before a checkpoint that did not have them: put in later, and dated back."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from domain.instants import read_instant
from infrastructure.postgres.statements import statements
from infrastructure.verification.faults import Faults
from infrastructure.verification.rows import Leaf

_SQL = statements("verification")
LATE = timedelta(minutes=10)
"""How long a fact may wait for its final position: an open transaction of others may hold it up."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_STAMP = b'"stamp":{'
_MOST = 1_000_000


class Times:
    """Compares what rows say of their time with the checkpoints before them."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._before: int | None = None
        self._signed: datetime = _EPOCH
        self._suspicious: dict[int, tuple[datetime, datetime]] = {}
        self._stamps: dict[bytes, datetime | None] = {}

    def signed(self, at: datetime) -> None:
        """What comes from here on was not in a checkpoint of that time."""
        if self._before is None or at > self._signed:
            self._signed = at
            self._before = _microseconds(at - LATE)

    def look(self, leaf: Leaf) -> None:
        """Look at the time of a row: that of its import, where it was imported."""
        if self._before is None or leaf.recorded >= self._before or leaf.body is None:
            return
        known = self._imported_at(leaf.body) or _EPOCH + timedelta(microseconds=leaf.recorded)
        if known < self._signed - LATE and len(self._suspicious) < _MOST:
            self._suspicious[leaf.position] = (known, self._signed)

    def judge(self, connection: psycopg.Connection[Any]) -> None:
        """Name what was dated back. An import stamps its rows when it begins, and they come when it ends."""
        ended: Mapping[int, datetime] = dict(
            connection.execute(_SQL["came_by_import"], {"positions": list(self._suspicious)}).fetchall()
        )
        for position, (known, signed) in sorted(self._suspicious.items()):
            if ended.get(position, known) < signed - LATE:
                self._faults.add(
                    "times",
                    f"The fact at position {position} says it came at {known:%Y-%m-%dT%H:%M:%SZ}, and the checkpoint "
                    f"of {signed:%Y-%m-%dT%H:%M:%SZ} did not have it: it was put in later and dated back.",
                    position,
                )

    def _imported_at(self, body: bytes) -> datetime | None:
        at = body.rfind(_STAMP)
        stamp = body[at + len(_STAMP) - 1 :] if at >= 0 else b""
        if stamp not in self._stamps:
            if len(self._stamps) > 10_000:
                self._stamps.clear()
            self._stamps[stamp] = _read_imported(stamp)
        return self._stamps[stamp]


def _read_imported(stamp: bytes) -> datetime | None:
    try:
        content, _ = json.JSONDecoder().raw_decode(stamp.decode())
        return read_instant(content["imported"]["at"])
    except (ValueError, KeyError, TypeError):
        return None


def _microseconds(at: datetime) -> int:
    passed = at - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
