"""A folder that only its owner writes: who could write there could put back what was signed some time ago."""

import os
import stat
from pathlib import Path

from infrastructure.signing.keyfiles import KeyFileError


def own_folder(path: Path) -> Path:
    """The folder, made for its owner alone if it is missing. KeyFileError when others own it or may write there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.stat()
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
        raise KeyFileError(
            f"{path} is a folder that others own or may write in; give it to the user that runs this program (chown),"
            " and let nobody else write there (chmod 700)"
        )
    return path
