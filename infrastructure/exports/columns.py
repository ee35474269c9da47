"""The columns of a log as a table: one row of the log as one flat row of texts."""

from collections.abc import Mapping
from typing import Any

from domain import canonical

COLUMNS: tuple[str, ...] = (
    "position",
    "recorded_at",
    "effective_at",
    "action",
    "type",
    "outcome",
    "location",
    "actor_kind",
    "actor_id",
    "actor_on_behalf_of",
    "actor_name",
    "device_id",
    "device_name",
    "device_ip",
    "device_user_agent",
    "device_session",
    "target_kind",
    "target_id",
    "target_name",
    "before",
    "after",
    "reason",
    "id",
    "change",
    "caused_by",
    "source",
    "imported_at",
    "imported_by",
    "left_out_by",
    "carried_by",
    "vouched_by",
)
"""Their names, in order; `position` is a number, the others are texts, `before` and `after` are JSON."""

_PARTS = ("actor", "device", "target")


def flat(row: Mapping[str, Any]) -> tuple[int | str | None, ...]:
    """A row of the log by its columns; None where it has nothing to say."""
    said: dict[str, Any] = {key: value for key, value in row.items() if key not in _PARTS}
    for part in _PARTS:
        said.update({f"{part}_{key}": value for key, value in (row[part] or {}).items()})
    return tuple(_cell(said.get(name)) for name in COLUMNS)


def _cell(value: Any) -> int | str | None:
    if value is None or isinstance(value, int | str):
        return value
    return canonical.write(value).decode()
