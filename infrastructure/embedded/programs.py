"""Running a PostgreSQL program: as the server's account, in its own session, sharing nothing with the caller."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infrastructure.embedded.account import Account
from infrastructure.embedded.errors import EmbeddedServerError

KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended and what it said."""

    status: int
    said: str

    @property
    def last_words(self) -> str:
        return " | ".join(line.strip() for line in self.said.splitlines()[-6:] if line.strip())


def run(program: Path, *arguments: str, account: Account, folder: Path, timeout: float) -> Outcome:
    """Run a program to its end with `folder` as its working folder.

    Its words go to a file and not to a pipe: a pipe stays open as long as any grandchild lives. No descriptor of the
    caller is inherited, so neither its pipes nor its locks live on in the server. The environment is nearly empty:
    PG* variables would change the server, and the others are nobody's business there.
    """
    environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    with tempfile.TemporaryFile() as words:
        try:
            ended = subprocess.run(  # noqa: S603 - the program is one of PostgreSQL's, the arguments are a list
                [str(program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                close_fds=True,
                start_new_session=True,
                check=False,
                timeout=timeout,
                cwd=folder,
                env=environment | {"LC_ALL": "C", "TZ": "UTC"},
                umask=0o077,
                user=account.uid if account.borrowed else None,
                group=account.gid if account.borrowed else None,
                extra_groups=[] if account.borrowed else None,
            )
        except subprocess.TimeoutExpired as error:
            raise EmbeddedServerError(
                f"{program.name} did not end within {timeout:.0f} seconds; try again when the machine is less busy."
            ) from error
        words.seek(0)
        return Outcome(ended.returncode, words.read().decode(errors="replace"))
