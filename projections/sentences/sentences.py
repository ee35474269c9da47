"""One fact, one sentence: past tense, names, dates on the location's clocks, always on one line."""

from collections.abc import Sequence
from datetime import datetime
from itertools import repeat
from zoneinfo import ZoneInfo

from domain import facts
from domain.facts import Correction, Fact
from domain.instants import local_date
from domain.ledger import Line, Record
from projections.names import Names
from projections.plain import one_line
from projections.sentences import access, billing, erasure, observed, team
from projections.sentences.telling import Telling, listed, words_of

_DEEPEST = 2
"""A correction of a correction of a correction is told; what lies deeper goes by its id."""

_TOGETHER = 5
"""Sentences of one change that are told; the rest is counted."""

_OWN_STARTS = ("The renewal of ", "The subscription ", "The invitation of ", "An attempt ")


class Sentences:
    """Words every type of fact, as part of a record that knows the names."""

    def __init__(self, names: Names, record: Record, zone: ZoneInfo) -> None:
        """The record says what was told and corrected; the zone is where its times are told."""
        self.names = names
        self._record = record
        self._words = words_of(names, record, zone)
        self._said: dict[str, str] = {}

    def sentence(self, line: Line) -> str:
        """What the fact says; when it holds, if that is not when it was told; and whether it still counts."""
        said = self._said.get(line.fact.id)
        if said is None:
            said = one_line(_ended(self._told(line.fact, line.known_at, 0)) + self._marks(line))
            self._said[line.fact.id] = said
        return said

    def line(self, line: Line) -> str:
        """A whole line of a history: sentence, device, local time."""
        device = line.entry.stamp.device_name if line.carrier is None else None
        when = Telling(line.fact, self._words).when(line.known_at)
        return ", ".join([self.sentence(line), *([one_line(device)] if device else []), when])

    def change(self, lines: Sequence[Line]) -> str:
        """The facts of one change as one sentence: what a correction carries is in it, what facts caused is short."""
        own = [line for line in lines if line.carrier is None] or lines
        ids = {line.fact.id for line in own}
        main = [line for line in own if line.fact.caused_by not in ids] or own
        told = {line.fact.id for line in main}
        caused = [line for line in own if line.fact.id not in told]
        said = self._joined(main[:_TOGETHER])
        if len(main) > _TOGETHER:
            said += f"; and {len(main) - _TOGETHER:,} more"
        short = list(dict.fromkeys(one_line(self._short(line)) for line in caused))
        return f"{said}; as a result {listed(short[:_TOGETHER], len(short) - _TOGETHER)}" if short else said

    def _joined(self, lines: Sequence[Line]) -> str:
        """Plain sentences of one person as one sentence; sentences with parts of their own side by side."""
        said = [self.sentence(line) for line in lines]
        start = one_line(Telling(lines[0].fact, self._words).who) + " "
        simple = not any(mark in sentence for sentence in said for mark in ",:;")
        if simple and all(map(str.startswith, said, repeat(start))) and not any(map(self._marks, lines)):
            return listed([said[0], *(sentence.removeprefix(start) for sentence in said[1:])])
        rest = (_within(Telling(line.fact, self._words), self.sentence(line)) for line in lines[1:])
        return "; ".join([said[0], *rest])

    def _told(self, fact: Fact, known_at: datetime, depth: int) -> str:
        telling, data = Telling(fact, self._words), fact.data
        if isinstance(data, team.TeamFact):
            return team.told(telling, data)
        if isinstance(data, access.AccessFact):
            return access.told(telling, data)
        if isinstance(data, billing.BillingFact):
            return billing.told(telling, data)
        if isinstance(data, erasure.ErasureFact):
            return erasure.told(telling, data)
        if isinstance(data, observed.ObservedFact):
            return observed.told(telling, data)
        if isinstance(data, Correction):
            return self._corrected(telling, data, known_at, depth + 1)
        raise AssertionError(f"no sentence for {type(data).__name__}")

    def _corrected(self, telling: Telling, data: Correction, known_at: datetime, depth: int) -> str:
        why = f" — {telling.fact.reason}" if telling.fact.reason else ""
        old = self._old(data.corrects, depth)
        new = self._new(telling, data.fact, known_at, depth)
        match data.kind:
            case "void":
                return f"{telling.who} voided: {old}{why}"
            case "replace":
                return f"{telling.who} replaced “{old}” by “{new}”{why}"
            case "late":
                return f"{telling.who} told the ledger late: {new}{why}"

    def _old(self, corrects: str | None, depth: int) -> str:
        line = self._words.lines.get(corrects) if corrects is not None else None
        if line is None or depth > _DEEPEST:
            return f"the fact {corrects}"
        return _within(Telling(line.fact, self._words), _ended(self._told(line.fact, line.known_at, depth)))

    def _new(self, telling: Telling, fact: Fact | None, known_at: datetime, depth: int) -> str:
        if fact is None or depth > _DEEPEST:
            return f"the fact {fact.id}" if fact is not None else ""
        told = _ended(self._told(fact, known_at, depth))
        said = told.removeprefix(f"{telling.who} ")
        if said == told:
            said = _within(Telling(fact, self._words), told)
        timing = self._timing(fact, known_at)
        mark = f" ({timing})" if timing is not None else ""
        return f"{said}{mark}"

    def _marks(self, line: Line) -> str:
        found = (self._timing(line.fact, line.known_at), self._left_out(line))
        marks = [mark for mark in found if mark is not None]
        return f" ({'; '.join(marks)})" if marks else ""

    def _timing(self, fact: Fact, known_at: datetime) -> str | None:
        """When the fact holds, unless that is when it was told, or the sentence says so itself."""
        at, telling = fact.effective_at, Telling(fact, self._words)
        if at == known_at or isinstance(fact.data, Correction):
            return None
        if at < known_at:
            return f"from {telling.when(at)}, known since {telling.when(known_at)}"
        match fact.data:
            case facts.SubscriptionPurchased() | facts.SubscriptionRenewed() if fact.data.starts_at == at:
                return None
            case facts.TermsPublished() if local_date(at, self._words.zone) == fact.data.from_:
                return None
            case _:
                return f"takes effect {telling.when(at)}"

    def _left_out(self, line: Line) -> str | None:
        by = self._words.lines.get(self._record.left_out.get(line.fact.id, ""))
        if by is None:
            return None
        telling = Telling(by.fact, self._words)
        return f"left out since {telling.when(by.known_at)} by {telling.by}"

    def _short(self, line: Line) -> str:
        """A caused fact in few words."""
        telling, data = Telling(line.fact, self._words), line.fact.data
        match data:
            case facts.UserUnlinked():
                return f"{telling.linked(data.account)} was unlinked"
            case facts.RemovedFromSchedule():
                return f"{telling.member(data.member)} came off the schedule"
            case _:
                return self._told(line.fact, line.known_at, 0)


def _ended(sentence: str) -> str:
    """The sentence without a full stop that a reason brought along: it may go on."""
    bare = sentence.rstrip()
    return bare[:-1] if bare.endswith(".") and not bare.endswith("..") else bare


def _within(telling: Telling, sentence: str) -> str:
    """The sentence as it goes on after a colon or a semicolon: our own first word small, a name as it is."""
    ours = telling.who != telling.by and sentence.startswith(telling.who)
    return sentence[:1].lower() + sentence[1:] if ours or sentence.startswith(_OWN_STARTS) else sentence
