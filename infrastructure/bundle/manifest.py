"""The manifest of a bundle: what was asked, what the answers rest on, and the digest of every file."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from domain import canonical
from domain.instants import write_instant
from infrastructure.bundle.layout import FORMAT, MANIFEST
from infrastructure.bundle.own import Own
from infrastructure.bundle.reading import Asked
from infrastructure.bundle.recounting import Recount


def about(
    asked: Asked, export: str, basis: tuple[datetime, int], recount: Recount, own: Own, *, signed: bool
) -> dict[str, Any]:
    """What a manifest says, less the digests of the files."""
    versions = recount.catalogues_used()
    return {
        "answered_at": write_instant(basis[0]),
        "catalogues": {str(version): own.catalogues[version].sha256 for version in versions},
        "export": export,
        "format": FORMAT,
        "from": asked.first.isoformat(),
        "known": write_instant(asked.known) if asked.known is not None else None,
        "location": asked.location,
        "position": basis[1],
        "program": own.program,
        "seat": asked.seat,
        "signed": signed,
        "terms": {"sha256": own.terms, "used": recount.terms_used()},
        "to": asked.last.isoformat(),
        "zone": recount.zone.key,
    }


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of every file but the manifest itself."""
    return {name: sha256(content).hexdigest() for name, content in files.items() if name != MANIFEST}


def written(content: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """The manifest as a file."""
    return canonical.write({**content, "files": digests(files)}) + b"\n"
