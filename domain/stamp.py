"""What the ledger itself says about a fact, kept with it and hashed with it."""

from typing import Any

from domain.facts.form import FactId, Instant, Name, Record, record
from domain.instants import write_instant


@record
class Imported(Record):
    """When and by whom a fact of an earlier history was brought in (facts.md, section 4)."""

    at: Instant
    by: Name


@record
class Commanded(Record):
    """Which command brought a fact about, and the SHA-256 of the command as it was sent."""

    id: FactId
    sha256: Name


@record
class Stamp(Record):
    """The stamp of one entry."""

    form: int = 1
    imported: Imported | None = None
    command: Commanded | None = None
    device_name: Name | None = None
    vouched_by: Name | None = None
    """The credential of the system that stood for actor and device, where they are people whom it serves."""


def written_stamp(stamp: Stamp, form: int) -> dict[str, Any]:
    """The JSON object of a stamp, its keys in order; `form` is the one in which the fact is written beside it."""
    out: dict[str, Any] = {}
    if stamp.command is not None:
        out["command"] = {"id": stamp.command.id, "sha256": stamp.command.sha256}
    if stamp.device_name is not None:
        out["device_name"] = stamp.device_name
    out["form"] = form
    if stamp.imported is not None:
        out["imported"] = {"at": write_instant(stamp.imported.at), "by": stamp.imported.by}
    if stamp.vouched_by is not None:
        out["vouched_by"] = stamp.vouched_by
    return out
