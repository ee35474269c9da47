"""Progress on standard error: a bar with rate and time left for a person, silence for a pipe."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class Bar:
    """One bar; `total` None means that the end is not known."""

    def __init__(self, progress: Progress, title: str, total: float | None) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=total, count="")

    def at(self, done: float, count: str = "") -> None:
        """Where it stands, and in words what that is."""
        self._progress.update(self._task, completed=done, count=count)


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
