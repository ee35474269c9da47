"""What the ledger itself says about a fact, kept with it and hashed with it."""

from domain.facts.form import FactId, Instant, Name, Record, record


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
