"""The auditor's kit: files that check a bundle's proofs with programs of others, and how to use them."""

from collections.abc import Mapping
from importlib.resources import files

_NAMES = ("README", "verify.sh", "verify.go", "notes.go")


def kit_files() -> Mapping[str, bytes]:
    """Every file of the kit by name, as it ships."""
    folder = files("infrastructure") / "evidence" / "kit"
    return {name: (folder / name).read_bytes() for name in _NAMES}
