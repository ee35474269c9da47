"""A settled entry as followers of the ledger get it: its position, the fact in the interchange form, and its stamp."""

from typing import Any

from domain.entries import Entry, Quarantined
from domain.facts import written
from domain.stamp import written_stamp


def followed(entry: Entry | Quarantined) -> dict[str, Any]:
    """One row of the feed. What the program cannot read is passed on as quarantined, never dropped."""
    if isinstance(entry, Quarantined):
        return {
            "position": entry.position,
            "quarantined": {"id": entry.fact_id, "type": entry.type, "reason": entry.reason},
        }
    return {"position": entry.position, "fact": written(entry.fact), "stamp": stamp_followed(entry)}


def stamp_followed(entry: Entry) -> dict[str, Any]:
    """What the ledger itself says of a fact. In which form its bytes lie is nobody else's concern."""
    stamp = written_stamp(entry.stamp, entry.stamp.form)
    del stamp["form"]
    return stamp
