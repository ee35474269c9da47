"""The present of a ledger, kept from one decision to the next: what only adds is folded on top of what is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.evolution import team_of
from domain.facts import CataloguePublished, Correction, DismissalCancelled
from domain.ledger import UNSETTLED, AsOf, Cut, Ledger, Line, lines_of
from domain.team import Team


@dataclass(frozen=True, slots=True)
class Present:
    """A ledger cut at (now, now), folded; with what it takes to go on from there."""

    cut: Cut
    team: Team
    waiting: tuple[Line, ...]
    """Facts that stand and take effect later."""

    seen: int
    """How many entries of the ledger went in."""

    last: datetime | None
    """When the last of them was recorded."""


def present(ledger: Ledger, at: datetime, before: Present | None = None) -> Present:
    """The ledger cut at (at, at) and folded.

    `before` is what this function gave for the same ledger with fewer entries at its end, or at another moment. It
    saves work and changes nothing.
    """
    grown = _grown(ledger, at, before) if before is not None else None
    return grown if grown is not None else _anew(ledger, at)


def _anew(ledger: Ledger, at: datetime) -> Present:
    cut = ledger.as_of(AsOf(at, at))
    left_out = cut.left_out or {}
    waiting = (line for line in ledger.lines if line.fact.effective_at > at and line.fact.id not in left_out)
    last = max((entry.fact.recorded_at for entry in ledger.entries), default=None)
    return Present(cut, team_of(line.fact for line in cut.lines), tuple(waiting), len(ledger.entries), last)


def _grown(ledger: Ledger, at: datetime, before: Present) -> Present | None:
    """What came since folded on top of what was there, or None where that would not be the same."""
    if before.last is None or before.last > min(at, before.cut.at.known) or before.seen > len(ledger.entries):
        return None  # something is or was not known yet
    new = _plain_lines(ledger, before)
    if new is None:
        return None
    awaited = [*before.waiting, *new]
    due = sorted((line for line in awaited if line.fact.effective_at <= at), key=lambda line: line.order)
    folded = before.cut.lines
    if folded and (folded[-1].fact.effective_at > at or (due and due[0].order < folded[-1].order)):
        return None  # something would have to be folded out, or in between
    published = any(isinstance(line.fact.data, CataloguePublished) for line in due)
    catalogue = None if published else before.cut.catalogue
    cut = Cut(AsOf(at, at), (*folded, *due), ledger.catalogues, ledger.readings, before.cut.left_out, catalogue)
    waiting = tuple(line for line in awaited if line.fact.effective_at > at)
    last = max((line.known_at for line in new), default=before.last)
    team = team_of((line.fact for line in due), before.team)
    return Present(cut, team, waiting, len(ledger.entries), max(last, before.last))


def _plain_lines(ledger: Ledger, before: Present) -> Sequence[Line] | None:
    """The lines that came since; None when one bears on what counts, or does not count."""
    left_out = before.cut.left_out or {}
    new: list[Line] = []
    for place in range(before.seen, len(ledger.entries)):
        fact = ledger.entries[place].fact
        undoes = isinstance(fact.data, Correction | DismissalCancelled)
        if undoes or fact.caused_by in left_out:
            return None
        new += lines_of(ledger.entries[place], UNSETTLED + place)
    return new
