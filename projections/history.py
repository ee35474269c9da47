"""Who changed what, when, from which device: one row a change, one sentence a row (answers.md)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from domain.facts import OBSERVATIONS
from domain.instants import write_instant
from domain.ledger import Line, Record
from projections.corrected import corrected_by
from projections.filters import Filter
from projections.names import Names
from projections.origins import Row, actor_of, device_of
from projections.sentences import Sentences

Change: TypeAlias = tuple[str | None, str, str, str, datetime]


def history(record: Record, wanted: Filter, zone: ZoneInfo) -> list[Row]:
    """The changes with at least one fact that is asked for, whole, in the order of the ledger, newest last."""
    by_id = {line.fact.id: line for line in record.lines}
    changes: dict[Change, list[Line]] = {}
    asked: set[Change] = set()
    for line in record.lines:
        if line.fact.type in OBSERVATIONS:
            continue
        change = change_of(line)
        changes.setdefault(change, []).append(line)
        if change not in asked and wanted.matches(line, corrected_by(line, by_id)):
            asked.add(change)
    told = (lines for change, lines in changes.items() if change in asked)
    return rows_of(told, record, Sentences(Names(record), record, zone))


def rows_of(changes: Iterable[Sequence[Line]], record: Record, sentences: Sentences) -> list[Row]:
    """Changes, each with all its lines in a record, as rows of the history."""
    return [_row(lines, record, sentences) for lines in changes]


def change_of(line: Line) -> Change:
    """One user action in one location. What a correction carries belongs to the change of the correction."""
    fact = line.entry.fact
    return (fact.location, fact.change, fact.actor.kind, fact.actor.id, fact.recorded_at)


def _row(lines: Sequence[Line], record: Record, sentences: Sentences) -> Row:
    first = lines[0]
    return {
        "change": first.entry.fact.change,
        "recorded_at": write_instant(first.known_at),
        "location": first.fact.location,
        "actor": actor_of(first, sentences.names),
        "device": device_of(first),
        "sentence": sentences.change(lines),
        "facts": [_fact(line, record, sentences) for line in lines],
    }


def _fact(line: Line, record: Record, sentences: Sentences) -> Row:
    return {
        "id": line.fact.id,
        "type": line.fact.type,
        "position": line.entry.position,
        "effective_at": write_instant(line.fact.effective_at),
        "sentence": sentences.sentence(line),
        "left_out_by": record.left_out.get(line.fact.id),
        "carried_by": line.carrier.fact.id if line.carrier is not None else None,
    }
