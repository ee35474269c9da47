"""Progress on standard error: a bar with rate and time left for a person, a plain line every few seconds for a pipe."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

BETWEEN_LINES = 5.0
"""Seconds; what takes less than that says nothing to a pipe."""


class Bar:
    """One bar; `total` None means that the end is not known."""

    def __init__(self, progress: Progress, title: str, total: float | None) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=total, count="")
        self._title = title
        self._total = total
        self._begun = self._said = time.monotonic()

    def begin(self, title: str, total: float | None) -> None:
        """Another part of the work, with an end of its own."""
        self._title, self._total, self._begun = title, total, time.monotonic()
        self._progress.reset(self._task, description=title, total=total, count="")

    def at(self, done: float, count: str = "") -> None:
        """Where it stands, and in words what that is."""
        self._progress.update(self._task, completed=done, count=count)
        if self._progress.disable and time.monotonic() - self._said >= BETWEEN_LINES:
            self._said = time.monotonic()
            click.echo(f"{self._title}: {', '.join(filter(None, (count, self._left(done))))}", err=True)

    @property
    def elapsed(self) -> float:
        """Seconds since this part of the work began, never quite none."""
        return max(time.monotonic() - self._begun, 0.001)

    def _left(self, done: float) -> str:
        if not self._total or not done:
            return ""
        left = self.elapsed * (self._total - done) / done
        return f"{min(done / self._total, 1):.0%} done, about {max(left, 0):,.0f} s left"


@contextmanager
def bar(title: str, total: float | None) -> Iterator[Bar]:
    """A bar for the time of a block."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as progress:
        yield Bar(progress, title, total)
