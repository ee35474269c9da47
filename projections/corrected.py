"""Which line a correction is about."""

from collections.abc import Mapping

from domain.facts import Correction
from domain.ledger import Line


def corrected_by(line: Line, by_id: Mapping[str, Line]) -> Line | None:
    """The line that this one corrects; None when it corrects none, or one that is not in the record."""
    data = line.fact.data
    return by_id.get(data.corrects) if isinstance(data, Correction) and data.corrects is not None else None
