"""Reads the named statements of a .sql file that lies beside this module."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_NAME = re.compile(r"^-- name: ([a-z_0-9]+)$", re.MULTILINE)


@cache
def statements(file: str) -> Mapping[str, bytes]:
    """Return the statements of `<file>.sql` by name, as bytes for psycopg.

    A statement starts at a line `-- name: some_name` and ends at the next such line or at the end of the file.
    Raises FileNotFoundError when there is no such file, ValueError when a name comes twice.
    """
    text = files("infrastructure.postgres").joinpath(f"{file}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    found: dict[str, bytes] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in found:
            raise ValueError(f"{file}.sql names the statement {name} twice; give one of them another name.")
        found[name] = body.strip().encode()
    return MappingProxyType(found)
