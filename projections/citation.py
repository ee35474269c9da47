"""How an answer shows a fact whole: what, when on both axes, by whom, from which device, as a sentence."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, TypeAlias

from domain.instants import write_instant
from domain.ledger import Line, Record
from projections.sentences import Sentences

Answer: TypeAlias = dict[str, Any]


class Citation:
    """Facts of one record, each worded once."""

    def __init__(self, record: Record, sentences: Sentences) -> None:
        self._record = record
        self._sentences = sentences

    @cached_property
    def _lines(self) -> Mapping[str, Line]:
        return {line.fact.id: line for line in self._record.lines}

    def read(self, names: Iterable[str]) -> None:
        """Prepare to show these facts: nothing to do where the whole record is at hand."""

    def of_id(self, name: str) -> Answer:
        """The fact of that id, plain or inside a correction."""
        return self(self._lines[name])

    def __call__(self, line: Line) -> Answer:
        """The fact of a line."""
        fact = line.fact
        return {
            "id": fact.id,
            "type": fact.type,
            "position": line.position,
            "effective_at": write_instant(fact.effective_at),
            "known_at": write_instant(line.known_at),
            "actor": fact.actor.said(),
            "device": self._device(line),
            "change": fact.change,
            "sentence": self._sentences.sentence(line),
            "line": self._sentences.line(line),
        }

    def _device(self, line: Line) -> Answer | None:
        if line.fact.device is None:
            return None
        return {**line.fact.device.said(), "name": line.entry.stamp.device_name}
