"""What goes with an export: what was asked, at which basis, how much came of it, its digest, who took it and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from domain import canonical
from domain.instants import write_instant
from infrastructure.door.caller import Caller
from infrastructure.exports.forms import FormatName


@dataclass
class Exported:
    """An export: the file at its beginning, and all that is known of it."""

    location: str
    format: FormatName
    filter: Mapping[str, str]
    types: frozenset[str] | None
    file: BinaryIO
    name: str = ""
    basis: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    size: int = 0
    sha256: str = ""
    fact: str = ""
    at: datetime | None = None

    @property
    def about(self) -> str:
        """What the fact says of the question."""
        found = {"filter": self.filter, **{key: self.basis[key] for key in ("on", "known", "position")}}
        return canonical.write({**found, "sha256": self.sha256}).decode()


def manifest_of(exported: Exported, caller: Caller) -> Mapping[str, Any]:
    """The manifest of an export. `sha256` is that of the file as it is in the archive or on the wire."""
    return {
        "question": "log",
        "location": exported.location,
        "filter": exported.filter,
        "types_seen": sorted(exported.types) if exported.types is not None else None,
        "on": exported.basis["on"],
        "known": exported.basis["known"],
        "position": exported.basis["position"],
        "order": "newest first",
        "format": exported.format,
        "file": exported.name,
        "rows": exported.rows,
        "bytes": exported.size,
        "sha256": exported.sha256,
        "exported_by": caller.actor.said(),
        "exported_at": write_instant(exported.at) if exported.at is not None else None,
        "fact": exported.fact,
        **({"retired": exported.basis["retired"]} if "retired" in exported.basis else {}),
    }


def written_manifest(exported: Exported, caller: Caller) -> bytes:
    """The manifest as a file."""
    return canonical.write(manifest_of(exported, caller)) + b"\n"
