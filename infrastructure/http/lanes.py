"""How much work of each kind runs at a time, in threads, and how much may wait; the rest is told to come back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread

from infrastructure.http.problems import ProblemError, unavailable

T = TypeVar("T")

_LOOK = 1.0
"""Seconds after which somebody who waits for an answer looks whether the database is still there."""


def _never() -> bool:
    return False


@dataclass
class Lane:
    """A bounded number of threads with a bounded queue before them."""

    name: str
    wide: int
    waiting: int
    is_away: Callable[[], bool] = _never
    """Whether the database is known to be away: then nothing is begun, and nobody waits any longer."""

    _limiter: CapacityLimiter | None = None
    _left: set[asyncio.Task[Any]] = field(default_factory=set)

    async def run(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread.

        ProblemError 503 when too much waits already, or while the database is away: better told at once than late.
        Work that has begun goes on in its thread, which nobody else gets before it has ended.
        """
        if self._limiter is None:
            self._limiter = CapacityLimiter(self.wide)
        if self._limiter.statistics().tasks_waiting >= self.waiting:
            raise ProblemError(
                503, "busy", f"Too many {self.name} at the moment; try again in a second.", {"Retry-After": "1"}
            )
        if self.is_away():
            raise unavailable()
        task = asyncio.ensure_future(self._done(work, self._limiter))
        self._left.add(task)
        task.add_done_callback(self._over)
        while not task.done():
            await asyncio.wait({task}, timeout=_LOOK)
            if not task.done() and self.is_away():
                raise unavailable()
        return task.result()

    async def _done(self, work: Callable[[], T], limiter: CapacityLimiter) -> T:
        """What the work comes to; what waited until the database was away is not begun."""

        def begun() -> T:
            if self.is_away():
                raise unavailable()
            return work()

        # The end of the server cancels this, and does not wait for a database that hangs.
        return await to_thread.run_sync(begun, limiter=limiter, abandon_on_cancel=True)

    def _over(self, task: asyncio.Task[Any]) -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # where nobody waits any more, nobody asks for it either

    def load(self) -> tuple[int, int]:
        """How many run and how many wait."""
        if self._limiter is None:
            return 0, 0
        found = self._limiter.statistics()
        return found.borrowed_tokens, found.tasks_waiting


class Lanes:
    """One lane for each kind of work, so that exports cannot hold up questions, nor questions commands."""

    def __init__(self, is_away: Callable[[], bool] = _never) -> None:
        self.commands = Lane("commands", 32, 512, is_away)
        self.questions = Lane("questions", 8, 128, is_away)
        self.exports = Lane("exports", 2, 8, is_away)
        self.sign_ins = Lane("sign-ins", 2, 32, is_away)

    def all(self) -> tuple[Lane, ...]:
        """Every lane."""
        return self.commands, self.questions, self.exports, self.sign_ins


_BESIDE = 16
"""Connections for what runs beside the lanes: sequencer, follower, watchers, the pulse, the tide, streams."""


def connections_needed() -> int:
    """How many connections a server takes at most: with fewer, a full lane would wait for the others."""
    return sum(lane.wide for lane in Lanes().all()) + _BESIDE
