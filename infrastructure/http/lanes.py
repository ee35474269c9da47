"""How much work of each kind runs at a time, in threads, and how much may wait; the rest is told to come back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from infrastructure.http.problems import ProblemError

T = TypeVar("T")


@dataclass
class Lane:
    """A bounded number of threads with a bounded queue before them."""

    name: str
    wide: int
    waiting: int
    _limiter: CapacityLimiter | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread. ProblemError 503 when too much waits already: better told at once than late."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(self.wide)
        if self._limiter.statistics().tasks_waiting >= self.waiting:
            raise ProblemError(
                503, "busy", f"Too many {self.name} at the moment; try again in a second.", {"Retry-After": "1"}
            )
        return await to_thread.run_sync(work, limiter=self._limiter)

    def load(self) -> tuple[int, int]:
        """How many run and how many wait."""
        if self._limiter is None:
            return 0, 0
        found = self._limiter.statistics()
        return found.borrowed_tokens, found.tasks_waiting


class Lanes:
    """One lane for each kind of work, so that exports cannot hold up questions, nor questions commands."""

    def __init__(self) -> None:
        self.commands = Lane("commands", 32, 512)
        self.questions = Lane("questions", 8, 128)
        self.exports = Lane("exports", 2, 8)
        self.sign_ins = Lane("sign-ins", 2, 32)

    def all(self) -> tuple[Lane, ...]:
        """Every lane."""
        return self.commands, self.questions, self.exports, self.sign_ins
