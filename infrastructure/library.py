"""The ledger behind the eventsourcing library's seams: its event store, notification log and subscriptions read facts.

The library's own mapper imports whatever module a stored topic names and sets state without looking at it. This one
knows the contract's types and no other, and hands what it cannot read on as quarantined.
"""

from dataclasses import dataclass
from datetime import datetime

from eventsourcing.persistence import EventStore, JSONTranscoder, Mapper, StoredEvent

from domain.entries import Entry, Quarantined, from_bytes, to_bytes
from domain.facts import InvalidFactError
from infrastructure.mapper import new_row
from infrastructure.store import NewRow, Row, Store
from infrastructure.store.recorder import StoreApplicationRecorder

_SEAM = b"\n"
"""Between body and personal fields; canonical JSON has no line break of its own."""


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """An entry as the library passes it around: its stream, its version there (0: an observation), the entry."""

    originator_id: str
    originator_version: int
    entry: Entry | Quarantined


class EntryMapper(Mapper[str]):
    """Between entries and the library's stored events; topics are the contract's type names, never module paths."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: LedgerEvent) -> StoredEvent:  # type: ignore[override] # entries are ours
        """The stored event of an entry. ValueError for a quarantined one: it is stored already."""
        if isinstance(domain_event.entry, Quarantined):
            raise ValueError("A quarantined row cannot be stored again; it is in the ledger as it is.")  # noqa: TRY004
        body, personal = to_bytes(domain_event.entry)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.entry.fact.type,
            state=_joined(body, personal),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> LedgerEvent:
        """The entry of a stored event, or what is quarantined; never an error, so that a follower goes on."""
        body, personal = _parted(stored_event.state)
        entry: Entry | Quarantined
        try:
            entry = from_bytes(body, personal, getattr(stored_event, "id", None))
        except InvalidFactError as error:
            entry = Quarantined(getattr(stored_event, "id", None), "", stored_event.topic, str(error))
        return LedgerEvent(str(stored_event.originator_id), stored_event.originator_version, entry)


def ledger_recorder(store: Store) -> StoreApplicationRecorder:
    """The library's recorder over the ledger: its notifications are the facts in their final order."""
    return StoreApplicationRecorder(store, make_row=_row, read_state=_state, gaps=False)


def ledger_event_store(store: Store) -> EventStore[str]:
    """The library's event store over the ledger: `get` a stream, `put` the next entries of one."""
    return EventStore(EntryMapper(), ledger_recorder(store))


def _row(event: StoredEvent, _now: datetime) -> NewRow:
    body, personal = _parted(event.state)
    return new_row(from_bytes(body, personal, None), event.originator_version)


def _state(row: Row) -> bytes:
    return _joined(row.body, row.personal)


def _joined(body: bytes, personal: bytes | None) -> bytes:
    return body if personal is None else body + _SEAM + personal


def _parted(state: bytes) -> tuple[bytes, bytes | None]:
    body, seam, personal = state.partition(_SEAM)
    return body, personal if seam else None
