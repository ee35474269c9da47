"""Where a process begins, as `python -m infrastructure.cli`: loading the program takes half a second."""

import signal
from typing import NoReturn


def main() -> NoReturn:
    """The command line. Whoever interrupts it while it is still loading sees no traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from infrastructure.cli.main import main as command_line  # noqa: PLC0415 - what takes the time

    signal.signal(signal.SIGINT, signal.default_int_handler)
    command_line()


if __name__ == "__main__":
    main()
