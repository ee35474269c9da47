"""What the environment may say, read once: where the database is, where the embedded one lives, which keys correct."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infrastructure.embedded import EmbeddedServerError, default_home

DATABASE_URL = "ACCESSLEDGER_DATABASE_URL"
HOME = "ACCESSLEDGER_HOME"
CORRECTING_KEYS = "ACCESSLEDGER_CORRECTING_KEYS"
KEYS_URL = "ACCESSLEDGER_KEYS_URL"
KEYS_WRAP = "ACCESSLEDGER_KEYS_WRAP"
_STARTED_BY_UV = "UV"


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` None means the embedded server in `home`."""

    database_url: str | None
    home: Path
    program: str = "accessledger"
    """How the person who started this starts it again."""

    correcting_keys: frozenset[str] = frozenset()
    """Ids of API keys and systems whose scopes hold `correct`."""

    keys_url: str | None = None
    """The database of the keys of personal fields; None means one of their own in the embedded server, or the ledger's
    where that is not embedded."""

    keys_file: Path | None = None
    """The file of the wrapping key, where that is not in `home`."""

    @property
    def keys_wrap(self) -> Path:
        """The file of the wrapping key."""
        return self.keys_file if self.keys_file is not None else self.home / "wrapping.key"


def read_settings(environment: Mapping[str, str] | None = None, *, database_url: str | None = None) -> Settings:
    """The settings of the environment; what the command line says comes first."""
    found = os.environ if environment is None else environment
    keys = found.get(CORRECTING_KEYS, "")
    return Settings(
        database_url=database_url or found.get(DATABASE_URL) or None,
        home=_home(found[HOME]) if found.get(HOME) else default_home(),
        program="uv run accessledger" if _STARTED_BY_UV in found else "accessledger",
        correcting_keys=frozenset(key.strip() for key in keys.split(",") if key.strip()),
        keys_url=found.get(KEYS_URL) or None,
        keys_file=Path(found[KEYS_WRAP]).expanduser() if found.get(KEYS_WRAP) else None,
    )


def _home(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise EmbeddedServerError(
            f"{HOME} is {text!r}, and there is no such user on this computer; choose another folder by {HOME}."
        ) from None
