"""What a check found: for each thing that was looked at whether it holds, and a sentence for a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NAMED = 12
"""Complaints of one kind that are told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    holds: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was looked at, in order."""

    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether every single thing holds."""
        return bool(self.findings) and all(each.holds for each in self.findings)

    @property
    def broken(self) -> frozenset[str]:
        """The names of what does not hold."""
        return frozenset(each.name for each in self.findings if not each.holds)


def judged(name: str, complaints: Iterable[str], otherwise: str) -> list[Finding]:
    """Complaints as findings, or the one finding that there are none."""
    found = list(dict.fromkeys(complaints))
    if not found:
        return [Finding(name, holds=True, sentence=otherwise)]
    shown = [Finding(name, holds=False, sentence=sentence) for sentence in found[:_NAMED]]
    if len(found) > _NAMED:
        shown.append(Finding(name, holds=False, sentence=f"And {len(found) - _NAMED:,} more of this kind."))
    return shown


def listed(things: Sequence[str], most: int = 5) -> str:
    """a, b and c; of many the first few and how many more."""
    if len(things) > most:
        return f"{', '.join(things[:most])} and {len(things) - most:,} more"
    return ", ".join(things[:-1]) + (" and " if len(things) > 1 else "") + "".join(things[-1:])
