"""The security log: every fact, observations and refusals included, one row a fact, with all that an audit asks for."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from domain.instants import write_instant
from domain.ledger import Line, Record
from projections.corrected import corrected_by
from projections.filters import Filter, outcome_of
from projections.log_values import after, before
from projections.names import Names
from projections.origins import Row, actor_of, device_of
from projections.sentences import Sentences
from projections.targets import target_of


def security_log(record: Record, wanted: Filter, zone: ZoneInfo) -> list[Row]:
    """The facts that are asked for, in the order of the ledger, newest last."""
    by_id = {line.fact.id: line for line in record.lines}
    asked = (line for line in record.lines if wanted.matches(line, corrected_by(line, by_id)))
    return rows_of(asked, record, Sentences(Names(record), record, zone))


def rows_of(lines: Iterable[Line], record: Record, sentences: Sentences) -> list[Row]:
    """Lines of a record as rows of the log."""
    return [_row(line, record, sentences) for line in lines]


def _row(line: Line, record: Record, sentences: Sentences) -> Row:
    fact, imported = line.fact, line.entry.stamp.imported
    return {
        "id": fact.id,
        "type": fact.type,
        "position": line.entry.position,
        "recorded_at": write_instant(line.known_at),
        "effective_at": write_instant(fact.effective_at),
        "location": fact.location,
        "actor": actor_of(line, sentences.names),
        "device": device_of(line),
        "target": target_of(fact, sentences.names),
        "action": sentences.sentence(line),
        "before": before(fact.data),
        "after": after(fact.data),
        "change": fact.change,
        "caused_by": fact.caused_by,
        "reason": fact.reason,
        "source": fact.source,
        "imported_at": write_instant(imported.at) if imported is not None else None,
        "imported_by": imported.by if imported is not None else None,
        "outcome": outcome_of(fact.data),
        "left_out_by": record.left_out.get(fact.id),
        "carried_by": line.carrier.fact.id if line.carrier is not None else None,
        **_vouched(line),
    }


def _vouched(line: Line) -> Row:
    """Who stood for actor and device, where somebody did; what is carried inside a correction was only told of."""
    credential = line.entry.stamp.vouched_by
    return {} if credential is None or line.carrier is not None else {"vouched_by": credential}
