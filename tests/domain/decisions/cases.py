"""A case of a decision: given facts, when a command, then facts or a refusal."""

from dataclasses import dataclass, field

from domain.refusals import Code
from tests.domain.telling import Raw, then_facts, then_refused, when


@dataclass(frozen=True)
class Refused:
    """A command that is refused: the situation, the command, the code, the facts that stand in the way."""

    given: list[Raw]
    command: str
    data: Raw
    code: Code
    standing: tuple[str, ...] = ()
    how: Raw = field(default_factory=dict)
    details: Raw = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.command}-{self.code.value}"

    def check(self) -> None:
        """It is refused so, and not otherwise."""
        decision, _ = when(self.given, self.command, self.data, **self.how)
        then_refused(decision, self.code, self.standing, **self.details)


@dataclass(frozen=True)
class Accepted:
    """A command that is accepted: the situation, the command, the facts."""

    given: list[Raw]
    command: str
    data: Raw
    facts: list[tuple[str, Raw]]
    how: Raw = field(default_factory=dict)

    def __str__(self) -> str:
        return self.command

    def check(self) -> None:
        """It comes to these facts, and no others."""
        decision, facts = when(self.given, self.command, self.data, **self.how)
        then_facts(decision, facts, [(kind, data) for kind, data in self.facts])
