"""A settled entry as a CloudEvent 1.0, in its JSON form."""

from typing import Any

from domain.entries import Entry, Quarantined
from projections.followed import followed

TYPE_PREFIX = "accessledger."
_DIGITS = 20
_WHOM = ("account", "member", "subscription", "entity_id")


def cloud_event(entry: Entry | Quarantined, source: str) -> dict[str, Any]:
    """The event of a fact; `source` is the address of the ledger. Source and id together are unique.

    `sequence` orders as text does, and `data` is a row of the feed.
    """
    name, kind = (entry.fact_id, "Quarantined") if isinstance(entry, Quarantined) else (entry.fact.id, entry.fact.type)
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": name,
        "source": f"{source}/v1/facts",
        "type": TYPE_PREFIX + kind,
        "datacontenttype": "application/json",
        "sequence": f"{entry.position or 0:0{_DIGITS}}",
        "data": followed(entry),
    }
    if isinstance(entry, Entry):
        event["time"] = event["data"]["fact"]["recorded_at"]
        subject = _subject(entry)
        if subject is not None:
            event["subject"] = subject
        if entry.fact.location is not None:
            event["partitionkey"] = entry.fact.location
    return event


def _subject(entry: Entry) -> str | None:
    """Whom or what the fact is about, within its location."""
    data = entry.fact.data
    return next((str(named) for name in _WHOM if (named := getattr(data, name, None)) is not None), None)
