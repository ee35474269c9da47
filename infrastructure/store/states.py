"""The SQLSTATEs that the store tells apart: the ledger's own, raised by its functions, and some of PostgreSQL's."""

from enum import StrEnum


class State(StrEnum):
    """Why a statement was refused; the ledger's own are named in migration 0003."""

    VERSION_CONFLICT = "LD001"
    """Other appends came first; the detail is the streams as JSON."""

    IDS_IN_USE = "LD002"
    """The detail is the fact ids."""

    OUT_OF_ORDER = "LD003"
    """Recorded before the last row of the stream, which is the detail."""

    STREAMS_BUSY = "LD004"
    """Somebody else is appending to streams, which are the detail as JSON, and this append was not to wait."""

    NO_GENERATION = "LD005"
    """The ledger is new, or woke up in another cluster: begin a generation and try again."""

    STAGED_ROWS_LOST = "LD006"
    """The database restarted in the middle of an import."""

    NOT_SETTLED = "LD007"
    """Rows that are to be retired have no final position yet (migration 0007)."""

    WARNING = "01000"
    UNIQUE_VIOLATION = "23505"
    SERIALIZATION_FAILURE = "40001"
    DEADLOCK = "40P01"
    INSUFFICIENT_RESOURCES = "53000"
    DISK_FULL = "53100"
    OUT_OF_MEMORY = "53200"
    TOO_MANY_CONNECTIONS = "53300"
    LOCK_NOT_AVAILABLE = "55P03"
    QUERY_CANCELED = "57014"
