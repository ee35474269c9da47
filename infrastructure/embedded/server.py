"""One user of an embedded server: the first user starts the server, the last one stops it."""

import atexit
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from infrastructure.embedded import health
from infrastructure.embedded.control import Control
from infrastructure.embedded.equipment import equip
from infrastructure.embedded.errors import EmbeddedServerError, explained
from infrastructure.embedded.locks import FileLock
from infrastructure.embedded.places import DATABASE, Places, prepare_home
from infrastructure.embedded.processes import end_all, live_postmaster

TURN = 240.0  # seconds to wait for others who start or stop the server


class EmbeddedServer:
    """One user of the server of a home folder; several may live in one process and in many."""

    def __init__(self, home: Path, *, binaries: Path | None = None, settings: Mapping[str, str] | None = None) -> None:
        """`settings` count only for the user who starts the server; who finds one running takes it as it is."""
        self._places = Places(home.expanduser().resolve())
        self._binaries = binaries
        self._settings = dict(settings or {})
        self._mutex = threading.RLock()
        self._users = FileLock(self._places.users_lock)
        self._process = os.getpid()
        self._control: Control | None = None
        self._socket_folder: Path | None = None

    def start(self) -> str:
        """Have a running server with its database, and return the URL; may be called again to mend a broken one."""
        self._leave_parent()
        with self._mutex:
            try:
                prepare_home(self._places.home)
                with FileLock(self._places.start_lock) as turn:
                    turn.acquire(timeout=TURN)
                    self._enter()
            except OSError as error:
                raise explained(f"Starting the database in {self._places.home}", error) from error
            except psycopg.Error as error:
                raise EmbeddedServerError(
                    f"The database server runs but refused its database; look at {self._places.log}: {error}"
                ) from error
            atexit.unregister(self._at_exit)
            atexit.register(self._at_exit)
            return self.url()

    def stop(self) -> None:
        """This user is done; the server stops when its last user is done."""
        self._leave_parent()
        with self._mutex:
            if not self._users.held:
                return
            atexit.unregister(self._at_exit)
            try:
                self._leave()
            except OSError as error:
                raise explained(f"Stopping the database in {self._places.home}", error) from error
            finally:
                self._users.release()

    def url(self, database: str = DATABASE) -> str:
        """A libpq URL of a database of the server as it runs now."""
        running = live_postmaster(self._places)
        folder = (running.socket_folder if running else None) or self._socket_folder
        if folder is None:
            raise EmbeddedServerError("The embedded server has no address before it was started; call start() first.")
        return health.url(str(folder), database)

    @property
    def postmaster_pid(self) -> int | None:
        """The server's main process, if it is alive."""
        running = live_postmaster(self._places)
        return running.pid if running else None

    def _enter(self) -> None:
        """Become a user and have the server run, in this order: no user who leaves meanwhile may stop it."""
        entered = not self._users.held
        if entered:
            self._users.acquire(shared=True)
        try:
            self._control = self._control or equip(self._places, self._binaries, self._settings)
            self._socket_folder = self._control.ensure_running()
        except BaseException as error:
            if entered:
                try:
                    if not isinstance(error, (EmbeddedServerError, OSError, psycopg.Error)):
                        self._stop_if_last()  # interrupted: leave nothing running that nobody uses
                finally:
                    self._users.release()
            raise

    def _leave(self) -> None:
        if not self._places.home.is_dir():
            end_all(self._places.cluster, self._places.mark)
            return
        with FileLock(self._places.start_lock) as turn:
            turn.acquire(timeout=TURN)
            self._stop_if_last()

    def _stop_if_last(self) -> None:
        if self._users.alone() and self._control is not None:
            self._control.stop()

    def _leave_parent(self) -> None:
        """In a forked child: the use was the parent's, and so are its end and its lock."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._mutex = threading.RLock()
            self._users.forget()
            self._control = None
            atexit.unregister(self._at_exit)

    def _at_exit(self) -> None:
        with suppress(EmbeddedServerError):
            self.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
