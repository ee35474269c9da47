"""The counts of all locations at once, in one statement: the SQL twin of folding each location's list."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.instants import read_time_zone
from domain.ledger import AsOf
from domain.subscription import Subscriptions
from infrastructure.kept.cells import cells_at
from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from projections.fleet import Tally
from projections.parts import PLACE, SUBSCRIPTIONS, PlacePart, SubscriptionsPart
from projections.written_parts import Slugs, read_part

_SQL = statements("kept_fleet")
_UTC = ZoneInfo("UTC")
_SHARE = 250
"""Locations of one statement."""

_AT_ONCE = 4
"""Statements side by side: each looks into an index page by page and waits for the disk where a page is not at hand."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A location as counted at a point."""

    tally: Tally
    chain: str | None
    subscriptions: Subscriptions


@dataclass(frozen=True)
class Fleet:
    """Every location of which something was told up to a position."""

    store: Store
    slugs: Slugs
    position: int
    kept_to: int

    def zones(self) -> tuple[Mapping[str, ZoneInfo], Sequence[str]]:
        """The time zone of each location that is kept, and the irregular locations, which are folded."""
        return self._zones

    @cached_property
    def _zones(self) -> tuple[Mapping[str, ZoneInfo], Sequence[str]]:
        rows = self.store.connections.read(_SQL["places"], {"position": self.position})
        zones = {zone: _UTC if zone is None else read_time_zone(zone) for zone in {zone for _, zone, _ in rows}}
        kept = {place: zones[zone] for place, zone, irregular in rows if not irregular}
        return kept, [place for place, _, irregular in rows if irregular]

    def counted(self, points: Mapping[str, tuple[AsOf, int]]) -> Mapping[str, Counted]:
        """Each location at its point, with the bit of the catalogue in force there."""
        places = list(points)
        shares = [{place: points[place] for place in places[i : i + _SHARE]} for i in range(0, len(places), _SHARE)]
        if len(shares) < 2:
            return self._share(points)
        # What is kept up to a position never changes: statements side by side see the same.
        with ThreadPoolExecutor(_AT_ONCE, "fleet") as pool:
            return {place: counted for share in pool.map(self._share, shares) for place, counted in share.items()}

    def _share(self, points: Mapping[str, tuple[AsOf, int]]) -> Mapping[str, Counted]:
        prefixes = self._prefixes({location: at.known for location, (at, _) in points.items()})
        places = {location: (at.on, prefixes[location]) for location, (at, _) in points.items()}
        # Many locations are looked at from one point: each point's cells are told once.
        cells = {place: _array(cells_at(*place, self.kept_to)) for place in set(places.values())}
        asked = {
            "locations": list(points),
            "cells": [cells[place] for place in places.values()],
            "ons": [on for on, _ in places.values()],
            "positions": [position for _, position in places.values()],
            "bits": [bit for _, bit in points.values()],
        }
        rows = self.store.connections.read(_SQL["counts"], asked, prepare=False, settings=_SQL["by_index"])
        return {
            location: Counted(Tally(*tally), self._chain(place), self._subscriptions(subscriptions))
            for location, *tally, place, subscriptions in rows
        }

    def _chain(self, text: str | None) -> str | None:
        part = read_part(PLACE, text.encode(), self.slugs) if text is not None else None
        return part.place.chain if isinstance(part, PlacePart) else None

    def _subscriptions(self, text: str | None) -> Subscriptions:
        part = read_part(SUBSCRIPTIONS, text.encode(), self.slugs) if text is not None else None
        return part.subscriptions if isinstance(part, SubscriptionsPart) else Subscriptions()

    def _prefixes(self, known: Mapping[str, datetime]) -> Mapping[str, int]:
        asked = {"locations": list(known), "known": list(known.values()), "position": self.position}
        return dict(self.store.connections.read(_SQL["prefixes"], asked))


def _array(numbers: Iterable[int]) -> str:
    """Numbers as PostgreSQL writes an array."""
    return f"{{{','.join(map(str, numbers))}}}"
