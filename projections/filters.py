"""Which facts a history or a log is asked for."""

from dataclasses import dataclass
from datetime import datetime

from domain.facts import CommandRefused, Correction, Fact
from domain.ledger import Line


@dataclass(frozen=True, slots=True)
class Filter:
    """All that is given must hold. `since` and `until` are about when a fact became known; `until` is not part."""

    member: str | None = None
    account: str | None = None
    actor: str | None = None
    device: str | None = None
    types: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, line: Line, corrected: Line | None = None) -> bool:
        """Whether the line is asked for. A correction is also about what it corrects (`corrected`) and what it says."""
        fact = line.fact
        if self.since is not None and line.known_at < self.since:
            return False
        if self.until is not None and line.known_at >= self.until:
            return False
        if self.types is not None and fact.type not in self.types:
            return False
        if self.actor is not None and self.actor not in {fact.actor.id, fact.actor.on_behalf_of}:
            return False
        if self.device is not None and (fact.device is None or fact.device.id != self.device):
            return False
        if self.member is None and self.account is None:
            return True
        about = [fact, *_inside(fact)]
        if corrected is not None:
            about += [corrected.fact, *_inside(corrected.fact)]
        return any(self._about(told) for told in about)

    def _about(self, fact: Fact) -> bool:
        data = fact.data
        target = data.target if isinstance(data, CommandRefused) else None
        if self.member is not None and self.member not in {getattr(data, "member", None), target}:
            return False
        return self.account is None or self.account in {getattr(data, "account", None), target}


EVERYTHING = Filter()


def _inside(fact: Fact) -> list[Fact]:
    """The facts that a correction carries, outermost first."""
    found: list[Fact] = []
    while isinstance(fact.data, Correction) and fact.data.fact is not None:
        fact = fact.data.fact
        found.append(fact)
    return found
