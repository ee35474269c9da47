"""What a verification finds, in sentences that name the place."""

from dataclasses import dataclass, field

MOST = 100
"""Findings of one kind that are told; more of them help nobody."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must never be: a sentence, the check that found it, and the position where, if it has one."""

    sentence: str
    check: str
    position: int | None = None


@dataclass
class Faults:
    """Findings as they come, each place and kind once."""

    found: list[Fault] = field(default_factory=list)
    _seen: set[tuple[str, int | None, str]] = field(default_factory=set)
    _counted: dict[str, int] = field(default_factory=dict)

    def add(self, check: str, sentence: str, position: int | None = None) -> None:
        """Take note of one."""
        key = (check, position, sentence if position is None else "")
        if key in self._seen or self._counted.get(check, 0) >= MOST:
            return
        self._seen.add(key)
        self._counted[check] = self._counted.get(check, 0) + 1
        self.found.append(Fault(sentence, check, position))


def spoken(positions: list[int]) -> str:
    """Positions as a sentence names them: all of a few, the ends of many."""
    if len(positions) == 1:
        return f"position {positions[0]}"
    if len(positions) <= 5:
        return f"positions {', '.join(map(str, positions[:-1]))} and {positions[-1]}"
    return f"{len(positions):,} positions from {positions[0]} to {positions[-1]}"
