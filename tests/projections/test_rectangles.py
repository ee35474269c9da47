"""What is kept as rectangles is, at every point of both times, what a fold of the whole location says."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

import pytest

from domain.entries import TERMS, Entry, stream_of
from domain.evolution import team_of
from domain.ledger import AsOf, Ledger
from domain.team import Team
from infrastructure.catalogues import shipped_catalogues
from projections.affairs import Affairs
from projections.parts import team_of_parts
from projections.rectangles import Rectangle, Unrolled, rectangles
from projections.strands import Told, Weave, names_of, told
from projections.written_parts import Slugs, read_part, write_part
from tests.naive.ledgers import grid, ledger, locations, shuffled_by_location
from tests.projections.twice_read import entries_of

CATALOGUES = shipped_catalogues()
SLUGS = Slugs.of(CATALOGUES)
SEEDS = range(60)


def of_location(entries: list[Entry], location: str) -> list[Entry]:
    return [entry for entry in entries if stream_of(entry.fact) == f"location:{location}"]


def woven(entries: list[Entry], location: str) -> tuple[Weave, dict[int, Told]]:
    """The strands of a location, and what is looked up outside of them as a store would."""
    told_of = {entry.position: told(entry) for entry in of_location(entries, location) if entry.position}
    elsewhere: dict[str, Told | int] = {}
    named = names_of(list(told_of.values()))
    for entry in entries:
        stream = stream_of(entry.fact)
        if stream == TERMS:
            elsewhere |= {name: entry.position or 0 for name in told(entry).ids if name in named}
        elif stream == f"observations:{location}" and entry.fact.id in named:
            told_of[entry.position or 0] = elsewhere[entry.fact.id] = told(entry)
    weave = Weave()
    for entry in of_location(entries, location):
        weave.add(told_of[entry.position or 0], elsewhere)
    return weave, told_of


def kept(entries: list[Entry], location: str) -> tuple[Weave, list[Rectangle]]:
    weave, told_of = woven(entries, location)
    found = [
        rectangle
        for positions in weave.positions.values()
        for rectangle in rectangles([told_of[position] for position in positions])
    ]
    return weave, found


def prefix(entries: list[Entry], location: str, known: datetime) -> int:
    own = [entry.position or 0 for entry in of_location(entries, location) if entry.fact.recorded_at <= known]
    return max(own, default=0)


def at(found: list[Rectangle], on: datetime, position: int) -> Team:
    parts = [
        read_part(rectangle.span.key, write_part(rectangle.span.part, SLUGS), SLUGS)
        for rectangle in found
        if rectangle.known_from <= position
        and (rectangle.known_to is None or position < rectangle.known_to)
        and rectangle.span.since <= on
        and (rectangle.span.until is None or on < rectangle.span.until)
    ]
    return team_of_parts(parts)


def read(seed: int) -> Iterator[tuple[list[Entry], str, list[tuple[datetime, datetime]]]]:
    raw = ledger(seed)
    for order in (raw, shuffled_by_location(raw, seed)):
        for location in locations(raw):
            yield entries_of(order), location, grid(raw, 30, seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_team_put_together_is_the_team_folded(seed: int) -> None:
    for entries, location, points in read(seed):
        weave, found = kept(entries, location)
        if weave.irregular:
            continue
        whole = Ledger(of_location(entries, location), CATALOGUES)
        for on, known in points:
            folded = team_of(line.fact for line in whole.as_of(AsOf(on, known)).lines)
            assert at(found, on, prefix(entries, location, known)) == folded


@pytest.mark.parametrize("seed", SEEDS)
def test_going_on_from_what_is_kept_gives_the_same_rectangles(seed: int) -> None:
    """A strand recalled at any position and told the rest ends with the rectangles of one told from the beginning."""
    lot = Random(seed)
    for entries, location, _ in read(seed):
        weave, told_of = woven(entries, location)
        for positions in weave.positions.values():
            some = [told_of[position] for position in positions]
            cut = lot.randrange(len(some) + 1)
            whole, later = list(rectangles(some)), Unrolled()
            stored = list(rectangles(some[:cut]))
            later.strand.tell([line for one in some[:cut] for line in one.lines])
            later.known_from = {
                (each.span.key, each.span.since): each.known_from for each in stored if each.known_to is None
            }
            ended = [each for one in some[cut:] for each in later.tell(one)[1]]
            before = [each for each in stored if each.known_to is not None]
            assert _sorted([*before, *ended, *later.lasting()]) == _sorted(whole)


def _sorted(found: list[Rectangle]) -> list[Rectangle]:
    return sorted(found, key=lambda each: (each.span.key, each.known_from, each.span.since))


def test_few_random_ledgers_are_irregular() -> None:
    """The tests above look at something."""
    weaves = [kept(entries, location)[0] for seed in SEEDS for entries, location, _ in read(seed)]
    assert sum(weave.irregular for weave in weaves) < len(weaves) / 5


def test_a_strand_that_forgets_what_falls_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Affairs, "_judge", lambda _self, _affair: iter(()))
    with pytest.raises(AssertionError):
        _every_seed()


def test_a_strand_that_does_not_fold_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.strand.heappush", lambda _queue, _order: None)
    with pytest.raises((AssertionError, KeyError)):
        _every_seed()


def _every_seed() -> None:
    for seed in SEEDS:
        test_the_team_put_together_is_the_team_folded(seed)
