"""Where a sealed ledger of the tests lies: its database, the database of its keys, and its data folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from infrastructure.http.lanes import connections_needed
from infrastructure.settings import Settings
from infrastructure.wiring import Application, open_ledger
from tests.infrastructure.store.servers import Server

_numbers = count(1)


@dataclass(frozen=True)
class Places:
    """The databases of a server, and a folder."""

    server: Server
    database: str
    keys: str
    home: Path

    @property
    def settings(self) -> Settings:
        return Settings(self.server.url(self.database), self.home, keys_url=self.server.url(self.keys))

    @contextmanager
    def opened(self) -> Iterator[Application]:
        """The ledger, as every command opens it."""
        with open_ledger(self.settings, connections=connections_needed()) as ledger:
            yield ledger

    def copy(self, home: Path) -> "Places":
        """Another ledger with the same facts and keys, and a list of erasures of its own."""
        number = next(_numbers)
        copied = Places(self.server, f"sealed_{number}", f"sealed_keys_{number}", home)
        for name, template in ((copied.database, self.database), (copied.keys, self.keys)):
            self.server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        home.mkdir(parents=True, exist_ok=True)
        if (self.home / "wrapping.key").exists():
            shutil.copy2(self.home / "wrapping.key", home / "wrapping.key")
        return copied

    def drop(self) -> None:
        for name in (self.database, self.keys):
            self.server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
