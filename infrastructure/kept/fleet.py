"""The counts of all locations at once, in two statements: the SQL twin of folding each location's list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.instants import read_time_zone
from domain.ledger import AsOf
from domain.subscription import Subscriptions
from infrastructure.kept.cells import cells_at
from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from projections.fleet import Tally
from projections.parts import PLACE, SUBSCRIPTIONS, Part, PlacePart, SubscriptionsPart
from projections.written_parts import Slugs, read_part

_SQL = statements("kept_read")
_UTC = ZoneInfo("UTC")


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
        rows = self.store.connections.read(_SQL["fleet_places"], {"position": self.position})
        kept = {
            place: _UTC if zone is None else read_time_zone(zone) for place, zone, irregular in rows if not irregular
        }
        return kept, [place for place, _, irregular in rows if irregular]

    def counted(self, points: Mapping[str, tuple[AsOf, int]]) -> Mapping[str, Counted]:
        """Each location at its point, with the bit of the catalogue in force there."""
        prefixes = self._prefixes({location: at.known for location, (at, _) in points.items()})
        # Most locations are looked at from one of a few points: each point's cells are told once.
        places = {location: (at.on, prefixes[location]) for location, (at, _) in points.items()}
        numbers = {point: number for number, point in enumerate(dict.fromkeys(places.values()))}
        cells = [(number, cell) for point, number in numbers.items() for cell in cells_at(*point, self.kept_to)]
        asked = {
            "locations": list(points),
            "points": [numbers[place] for place in places.values()],
            "ons": [on for on, _ in places.values()],
            "positions": [position for _, position in places.values()],
            "bits": [bit for _, bit in points.values()],
            "cell_points": [number for number, _ in cells],
            "cells": [cell for _, cell in cells],
        }
        parts: dict[str, dict[str, Part]] = {location: {} for location in points}
        for location, key, part in self.store.connections.read(_SQL["fleet_parts"], asked, prepare=False):
            parts[location][key] = read_part(key, part.encode(), self.slugs)
        rows = self.store.connections.read(_SQL["fleet_counts"], asked, prepare=False, settings=_SQL["by_index"])
        return {
            location: _counted(Tally(seats, scheduled, paid, interacting, bool(free)), parts[location])
            for location, seats, scheduled, paid, interacting, free in rows
        }

    def _prefixes(self, known: Mapping[str, datetime]) -> Mapping[str, int]:
        asked = {"locations": list(known), "known": list(known.values()), "position": self.position}
        return dict(self.store.connections.read(_SQL["fleet_prefixes"], asked))


def _counted(tally: Tally, parts: Mapping[str, Part]) -> Counted:
    place, subscriptions = parts.get(PLACE), parts.get(SUBSCRIPTIONS)
    return Counted(
        tally,
        place.place.chain if isinstance(place, PlacePart) else None,
        subscriptions.subscriptions if isinstance(subscriptions, SubscriptionsPart) else Subscriptions(),
    )
