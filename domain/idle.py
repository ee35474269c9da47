"""Facts that are kept and fold to nothing: they change nothing, or rest on nothing (facts.md, section 5.3)."""

from collections.abc import Iterator
from datetime import UTC, datetime

from domain import facts
from domain.evolution import evolve
from domain.ledger import AsOf, Cut, Ledger
from domain.team import Team

_END = datetime.max.replace(tzinfo=UTC)

_SILENT = (
    facts.Correction
    | facts.DismissalCancelled
    | facts.TermsPublished
    | facts.CataloguePublished
    | facts.RenewalFailed
    | facts.SeatsCharged
    | facts.TwoStepEnabled
    | facts.TwoStepDisabled
    | facts.ErasureAsked
    | facts.ErasureRefused
    | facts.ErasureAllowed
    | facts.PersonErased
)
"""Types that say nothing about the team, so that folding to nothing is what they should do."""


def idle_facts(ledger: Ledger) -> Iterator[str]:
    """One sentence for each such fact of a location, with everything known."""
    cut = ledger.as_of(AsOf(_END, _END))
    yield from _without_effect(cut)
    known = {line.fact.id: line for line in ledger.lines}
    for line in ledger.lines:
        data = line.fact.data
        target = None
        if isinstance(data, facts.Correction):
            target = data.corrects
        elif isinstance(data, facts.DismissalCancelled):
            target = data.cancels
        if target is not None and (target not in known or known[target].position >= line.position):
            yield f"the {line.fact.type} {line.fact.id} names {target}, which is not a fact before it here"
        cause = line.fact.caused_by
        if cause is not None and cause not in known:
            yield f"the {line.fact.type} {line.fact.id} was caused by {cause}, which is not a fact here"


def _without_effect(cut: Cut) -> Iterator[str]:
    team = Team()
    for line in cut.lines:
        after = evolve(team, line.fact)
        # What a fact caused restates what that fact did by itself, for readers who look at single facts.
        speaks = line.fact.location is not None and line.fact.caused_by is None
        if speaks and not isinstance(line.fact.data, _SILENT) and after == team:
            yield f"the {line.fact.type} {line.fact.id} changes nothing"
        team = after
