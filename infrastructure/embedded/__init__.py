"""The embedded PostgreSQL server: a thin launcher over initdb and pg_ctl, with users counted by kernel locks."""

import sys

if sys.platform == "win32":
    raise ImportError("The embedded server runs on Linux and macOS only; give the address of a PostgreSQL server.")

from infrastructure.embedded.errors import EmbeddedServerError
from infrastructure.embedded.places import default_home
from infrastructure.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer", "EmbeddedServerError", "default_home"]
