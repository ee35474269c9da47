"""Whom a line is about: the accounts and members by which a filter finds it."""

from collections.abc import Iterable, Iterator, Mapping

from domain.facts import FACT_TYPES, CommandRefused, Correction, Data, Fact
from domain.ledger import Line

_NAMES: Mapping[type[Data], tuple[bool, bool]] = {
    form: ("account" in form.__annotations__, "member" in form.__annotations__) for form in FACT_TYPES.values()
}
"""Whether facts of a form name an account, and whether they name a member."""


def accounts_and_members(data: Data) -> tuple[str | None, str | None]:
    """The account and the member that a fact names; what a refused command was about may be either."""
    if isinstance(data, CommandRefused):
        return data.target, data.target
    account, member = _NAMES[type(data)]
    return (
        data.account if account else None,  # type: ignore[attr-defined] # looked up in the form
        data.member if member else None,  # type: ignore[attr-defined]
    )


def carried_in(fact: Fact) -> Iterator[Fact]:
    """The fact itself and those that it carries, outermost first."""
    yield fact
    while isinstance(fact.data, Correction) and fact.data.fact is not None:
        fact = fact.data.fact
        yield fact


def told_about(line: Line, corrected: Line | None) -> tuple[set[str], set[str]]:
    """Accounts and members of a line, with those of what it carries, corrects, and of what that carries."""
    facts = [*carried_in(line.fact), *(carried_in(corrected.fact) if corrected is not None else ())]
    named = [accounts_and_members(fact.data) for fact in facts]
    return (
        {account for account, _ in named if account is not None},
        {member for _, member in named if member is not None},
    )


def corrected_ids(lines: Iterable[Line]) -> set[str]:
    """What lines correct."""
    data = (line.fact.data for line in lines)
    return {each.corrects for each in data if isinstance(each, Correction) and each.corrects is not None}


def find(lines: Mapping[str, Line], line: Line) -> Line | None:
    """The line that this one corrects, if it came before."""
    data = line.fact.data
    if not isinstance(data, Correction) or data.corrects is None:
        return None
    found = lines.get(data.corrects)
    return found if found is not None and found.position < line.position else None
