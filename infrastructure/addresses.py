"""Where in the world an address is, by an operator's own database (.mmdb); nothing is asked of anybody else."""

from pathlib import Path
from typing import Any


class AddressBook:
    """Looks addresses up in a database of the MaxMind form; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open the file. ValueError with a sentence when it cannot be read, or what reads it is not installed."""
        try:
            import maxminddb  # noqa: PLC0415 - the extra `places`: wanted by few
        except ImportError:
            raise ValueError("To show places, install accessledger with the extra `places` (maxminddb).") from None
        try:
            self._reader: Any = maxminddb.open_database(str(path))
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            raise ValueError(f"{path} is no database of addresses that can be read: {error}.") from None

    def place(self, address: str) -> str | None:
        """Return the city and the country of an address, as far as the database knows; None when it knows nothing."""
        try:
            found = self._reader.get(address)
        except ValueError:
            return None
        names = [_name(found, key) for key in ("city", "country")] if isinstance(found, dict) else []
        return ", ".join(name for name in names if name) or None


def _name(found: dict[str, Any], key: str) -> str | None:
    part = found.get(key)
    names = part.get("names") if isinstance(part, dict) else None
    name = names.get("en") if isinstance(names, dict) else None
    return name if isinstance(name, str) else None
