"""The story as facts: a year of a small chain, told through the rules, the same for the same seed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from domain.facts import written
from infrastructure.catalogues import shipped_catalogues
from infrastructure.demo.berlin import berlin
from infrastructure.demo.dispute import dispute
from infrastructure.demo.lisbon import lisbon
from infrastructure.demo.new_york import new_york
from infrastructure.demo.routine import signings_in, visits
from infrastructure.demo.script import Beat
from infrastructure.demo.subscriptions import subscriptions
from infrastructure.demo.teller import Teller
from infrastructure.demo.theft import theft

SEED = 7
_CATALOGUE_AT = datetime(2020, 1, 1, tzinfo=UTC)


def story(seed: int = SEED) -> Iterator[dict[str, Any]]:
    """The facts as interchange objects, in the order in which they were recorded."""
    for fact in told(seed).book.facts:
        yield written(fact)


@lru_cache(maxsize=4)
def told(seed: int) -> Teller:
    """The teller of a seed's story, done telling. Pure: the same seed tells the same story."""
    plot = [_with_seconds(beat, seed) for beat in _plot()]
    scripted = [*plot, *signings_in(plot, seed)]
    beats = [*scripted, *visits(seed, _taken(plot))]
    teller = Teller(seed)
    teller.publish_catalogue(_CATALOGUE_AT)
    for beat in sorted(beats, key=lambda each: each.at):
        teller.tell(beat)
    return teller


def _plot() -> Iterator[Beat]:
    rights = shipped_catalogues()[1]
    viewer = list(rights.defaults_of("viewer"))
    stock = [slug for slug in rights.defaults_of("manager") if slug.startswith("storages_")]
    yield from subscriptions()
    for script in (berlin(viewer), dispute(), theft(), lisbon(stock), new_york(viewer)):
        yield from script.beats


def _with_seconds(beat: Beat, seed: int) -> Beat:
    """People do not act on the full minute; systems do."""
    if beat.by.device is None:
        return beat
    lot = Random(f"{seed} {beat.by.device['id']} {beat.at}")  # noqa: S311 - a story, not a secret
    return replace(beat, at=beat.at + timedelta(seconds=lot.randrange(58), microseconds=lot.randrange(1_000_000)))


def _taken(plot: list[Beat]) -> frozenset[tuple[str, date]]:
    """Who has a scene on which day."""
    return frozenset(
        (beat.by.key, beat.place.local_day(beat.at))
        for beat in plot
        if beat.by.key is not None and beat.place is not None
    )
