"""The server's settings, as options of its command line: they hold whatever a file in the cluster says."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import psutil

from infrastructure.embedded.errors import EmbeddedServerError
from infrastructure.embedded.places import Places
from infrastructure.embedded.sockets import PORT

LEAST, MOST = 128, 512
"""Megabytes of pages that the server keeps by itself."""


def pages_kept(memory: int) -> str:
    """A sixteenth of the machine's memory (bytes), within bounds: a page at hand costs a hundredth of one read."""
    return f"{min(max(memory // 16 // 2**20, LEAST), MOST)}MB"


DEFAULTS = {
    "jit": "off",
    "log_destination": "stderr",
    # Nothing of what a statement was given comes into the log: no parameters, no values of a row that is refused, and
    # no statement, though ours have no values in them.
    "log_error_verbosity": "terse",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "max_connections": "100",
    "max_prepared_transactions": "0",
    "shared_buffers": pages_kept(psutil.virtual_memory().total),
    "timezone": "UTC",
}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def command_line(places: Places, socket_folder: Path, settings: Mapping[str, str]) -> str:
    """The options for `pg_ctl -o`, quoted for the shell that pg_ctl starts the server with."""
    fixed = {
        "cluster_name": places.mark,
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
    }
    for name in settings:
        if not NAME.fullmatch(name):
            raise EmbeddedServerError(f"{name!r} is not the name of a PostgreSQL setting; correct it.")
        if name.lower() in fixed:
            raise EmbeddedServerError(f"The setting {name} is the embedded server's own; leave it out.")
    options = DEFAULTS | {name.lower(): value for name, value in settings.items()} | fixed
    return shlex.join([word for name, value in options.items() for word in ("-c", f"{name}={value}")])


def careless(settings: Mapping[str, str]) -> bool:
    """Whether the settings say that data need not survive a power cut, as in tests."""
    return settings.get("fsync", "on").lower() in {"off", "false", "no", "0"}
