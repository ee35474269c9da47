"""The page that layouts write on: safe text, instants in local time, one width where there is no terminal."""

import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.instants import read_instant
from projections.plain import one_line

WIDTH_WITHOUT_TERMINAL = 140


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Nobody reads on: for the command line to deal with, as everywhere else."""
        raise BrokenPipeError


class Page:
    """Standard output for one answer; what is stored can neither style it nor move the cursor."""

    def __init__(self, zone: ZoneInfo) -> None:
        """`zone` is the location's: instants are shown in it, named once in the heading."""
        width = None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL
        self.console = _Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)
        self.zone = zone

    def say(self, text: str = "", style: str = "") -> None:
        """One line."""
        self.console.print(safe(text, style))

    def show(self, thing: Table | Text) -> None:
        """A table or a prepared text."""
        self.console.print(thing)

    def time(self, instant: str | datetime, *, seconds: bool = False) -> str:
        """An instant in local time, as people write it."""
        found = (read_instant(instant) if isinstance(instant, str) else instant).astimezone(self.zone)
        clock = found.strftime("%H:%M:%S" if seconds else "%H:%M")
        return f"{found.day} {found.strftime('%B %Y')} {clock}"

    def basis(self, answer: dict[str, Any]) -> str:
        """The point of both times that an answer stands at."""
        on = f"as it was on {self.time(answer['on'])}, " if answer.get("on") else ""
        known = f"as known on {self.time(answer['known'])}" if answer.get("known") else ""
        return f"{on}{known} ({self.zone.key}), ledger position {answer['position']}"


def safe(text: str, style: str = "") -> Text:
    """A text that a terminal shows as it is: no control characters, no hidden direction marks."""
    return Text(one_line(text), style=style)


def columns(*names: str, **options: Any) -> Table:  # options are rich's own
    """A plain table with a heading."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False, **options)
    for name in names:
        table.add_column(name, overflow="fold")
    return table
