"""What several commands share: times as parameters, answers as JSON, an open ledger and its books."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from domain import canonical
from infrastructure.books import Books, Moment, read_moment
from infrastructure.settings import Settings
from infrastructure.wiring import Application, open_ledger

Command = TypeVar("Command", bound=Callable[..., Any])


class MomentType(click.ParamType[Moment]):
    """An instant or a date, as text."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Moment:
        """The moment; wrong usage, with the reason, when there is none."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return] # a default, already a moment
        try:
            return read_moment(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class WordType(click.ParamType[str]):
    """A text that the ledger can look for; bytes that are not UTF-8 are written as escapes, so nothing is found."""

    name = "text"

    def convert(self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None) -> str:
        """The text."""
        return plain_text(str(value))


def plain_text(value: str | os.PathLike[str]) -> str:
    r"""An argument as text: a byte that is not UTF-8 becomes \xff."""
    return os.fsencode(value).decode("utf-8", errors="backslashreplace")


MOMENT = MomentType()
WORD = WordType()
on_option = click.option("--on", type=MOMENT, help="When it held: an instant or a date; now if left out.")
known_option = click.option("--known", type=MOMENT, help="When it was known; everything known now if left out.")
position_option = click.option(
    "--position",
    type=click.IntRange(min=0),
    help="The position to answer from; the last settled one if left out.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="The answer as JSON: same basis, same bytes.")


def basis_options(command: Command) -> Command:
    """The options that every question has: both times, the position, the form of the answer."""
    for option in (json_option, position_option, known_option, on_option):
        command = option(command)
    return command


@contextmanager
def asked(settings: Settings, position: int | None) -> Iterator[tuple[Application, Books]]:
    """A running ledger and its books at a position."""
    with open_ledger(settings) as application:
        yield application, application.books(position)


def give(answer: Mapping[str, Any]) -> None:
    """An answer as JSON on standard output, in the one written form."""
    sys.stdout.buffer.write(canonical.write(answer) + b"\n")
    sys.stdout.buffer.flush()
