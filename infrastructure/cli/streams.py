"""The three standard streams, whatever state they come in: closed, or of an encoding that lacks some characters."""

import os
import sys
from io import TextIOWrapper


def open_streams() -> None:
    """Put the null device in the place of closed outputs; write as escapes what the encoding lacks.

    A closed standard input stays None, for commands that read it to say so.
    """
    # The lowest free number is given out first: a file must not become standard output by being opened.
    while (spare := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(spare)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def let_go_of_output() -> None:
    """Nobody reads our output any more: what is still buffered goes nowhere, without complaint."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
