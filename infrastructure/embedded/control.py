"""One cluster's server, from absent to answering and back; every step here is taken under start.lock."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infrastructure.embedded import health
from infrastructure.embedded.account import Account
from infrastructure.embedded.cluster import ensure_cluster
from infrastructure.embedded.errors import EmbeddedServerError
from infrastructure.embedded.health import Answer
from infrastructure.embedded.logfile import last_lines, open_log
from infrastructure.embedded.options import careless, command_line
from infrastructure.embedded.places import Places
from infrastructure.embedded.processes import PidFile, end_all, live_postmaster
from infrastructure.embedded.programs import Outcome, run
from infrastructure.embedded.sockets import SOCKET, discard, ensure_socket_folder, sweep

PATIENCE = 60.0  # seconds for a server that says it is preparing
SILENCE = 20.0  # seconds for one that says nothing


@dataclass(frozen=True, slots=True)
class Control:
    """The means to start and stop one cluster's server."""

    places: Places
    binaries: Path
    version: str
    account: Account
    settings: Mapping[str, str]

    def ensure_running(self) -> Path:
        """Adopt a server that answers, replace one that does not; returns its socket folder."""
        began = time.monotonic()
        silent_since: float | None = None
        while (said := live_postmaster(self.places)) is not None:
            asked = time.monotonic()
            answer = self._ask(said)
            if answer in {Answer.READY, Answer.EMPTY} and said.socket_folder:
                return self._with_database(said.socket_folder, answer)
            now = time.monotonic()
            silent_since = None if answer is Answer.PREPARING else silent_since or asked
            if answer is None:
                self.stop()
                break
            if silent_since is not None and now - silent_since > SILENCE:
                self._clear(said.socket_folder)
                break
            if now - began > PATIENCE:
                raise EmbeddedServerError(
                    f"The database server (process {said.pid}) is still preparing itself, perhaps recovering from a"
                    f" crash; try again in a minute and look at {self.places.log}."
                )
            time.sleep(0.05)
        return self._start()

    def stop(self) -> None:
        """Stop the server in order; if it will not, end it: its log keeps what was committed."""
        said = live_postmaster(self.places)
        for mode, seconds in (("fast", 60), ("immediate", 10)) if said else ():
            words = ("stop", "-D", str(self.places.cluster), "-w", "-m", mode, "-t", str(seconds))
            if self._pg_ctl(*words, timeout=seconds + 30).status == 0:
                break
        self._clear(said.socket_folder if said else None)

    def _start(self) -> Path:
        self._clear(None)
        sync = not careless(self.settings)
        ensure_cluster(self.places, self.binaries, self.version, self.account, sync=sync)
        socket_folder = ensure_socket_folder(self.places, self.account)
        sweep(socket_folder)
        options = command_line(self.places, socket_folder, self.settings)
        since = open_log(self.places, self.account)
        words = ("start", "-D", str(self.places.cluster), "-l", str(self.places.log), "-w", "-t", "60", "-o", options)
        outcome = self._pg_ctl(*words, timeout=90)
        answer = health.ask(str(socket_folder)) if outcome.status == 0 else Answer.SILENT
        if answer in {Answer.READY, Answer.EMPTY}:
            return self._with_database(socket_folder, answer)
        raise EmbeddedServerError(
            f"The database server did not start; mend what the end of {self.places.log} complains of and try again:\n"
            + (last_lines(self.places, since) or outcome.last_words)
        )

    def _ask(self, said: PidFile) -> Answer | None:
        """What the server answers; None if its socket is gone, so that nobody can ever ask it again."""
        if not said.status.startswith("ready") or said.socket_folder is None:
            return Answer.PREPARING
        if not os.path.lexists(said.socket_folder / SOCKET):
            return None if live_postmaster(self.places) == said else Answer.PREPARING
        return health.ask(str(said.socket_folder))

    def _with_database(self, socket_folder: Path, answer: Answer) -> Path:
        if answer is Answer.EMPTY:
            health.create_database(str(socket_folder))
        return socket_folder

    def _clear(self, socket_folder: Path | None) -> None:
        """End what is left of a server, and only then remove the files by which it said that it runs."""
        end_all(self.places.cluster, self.places.mark)
        self.places.pid_file.unlink(missing_ok=True)
        if socket_folder is not None:
            sweep(socket_folder)
            discard(socket_folder)

    def _pg_ctl(self, *words: str, timeout: float) -> Outcome:
        folder = self.places.cluster
        return run(self.binaries / "pg_ctl", *words, account=self.account, folder=folder, timeout=timeout)
