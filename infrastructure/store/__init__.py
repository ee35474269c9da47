"""The append-only store: rows in, rows in their final order out. It knows nothing of what the rows mean."""

from infrastructure.store.errors import (
    FactExists,
    LedgerUnavailable,
    NotSettled,
    OutcomeUnknown,
    OutOfOrder,
    StoreError,
    SubjectErased,
    VersionConflict,
)
from infrastructure.store.importing import Duplicate, Existing, Import, ImportSession, Late
from infrastructure.store.migrating import migrate
from infrastructure.store.retiring import Retirement
from infrastructure.store.rows import Appended, NewRow, Row
from infrastructure.store.sequencer import Sequencer
from infrastructure.store.sequencing import Lag, OpenTransaction
from infrastructure.store.store import Store
from infrastructure.store.watcher import Watcher

__all__ = [
    "Appended",
    "Duplicate",
    "Existing",
    "FactExists",
    "Import",
    "ImportSession",
    "Lag",
    "Late",
    "LedgerUnavailable",
    "NewRow",
    "NotSettled",
    "OpenTransaction",
    "OutOfOrder",
    "OutcomeUnknown",
    "Retirement",
    "Row",
    "Sequencer",
    "Store",
    "StoreError",
    "SubjectErased",
    "VersionConflict",
    "Watcher",
    "migrate",
]
