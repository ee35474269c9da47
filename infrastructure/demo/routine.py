"""Everyday life between the scenes: who signs in, what they touch, when they leave."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random

from infrastructure.demo.cast import CAST, Person
from infrastructure.demo.places import LAST_DAY, PLACES, Place
from infrastructure.demo.records import doing
from infrastructure.demo.script import Beat, By, Seen

_HOLIDAYS = frozenset({(12, 24), (12, 25), (12, 26), (1, 1)})
_LEFT = {
    "kai": date(2025, 12, 30),
    "mia": date(2026, 3, 3),
    "dana": date(2026, 8, 14),
    "beatriz": date(2026, 8, 30),
    "leyla": date(2026, 9, 30),
}
"""Who left: the last day they came, whatever access they kept."""

_SHARE = 0.45
"""Of the visits that happen, how many the story tells of."""


def signings_in(beats: Iterable[Beat], seed: int) -> Iterator[Seen]:
    """A sign-in shortly before the first thing that somebody does on a day from a device."""
    first: dict[tuple[str, str, date], Beat] = {}
    for beat in beats:
        if beat.by.key is not None and beat.place is not None and beat.by.device is not None:
            of_day = (beat.by.key, str(beat.by.device["id"]), beat.place.local_day(beat.at))
            if of_day not in first or beat.at < first[of_day].at:
                first[of_day] = beat
    for (key, device, day), beat in first.items():
        assert beat.place is not None
        lot = Random(f"{seed} sign-in {key} {device} {day}")  # noqa: S311 - a story, not a secret
        at = beat.at - timedelta(seconds=lot.randrange(70, 400), microseconds=lot.randrange(1_000_000))
        yield Seen(at, beat.place, beat.by, "SignedIn", {"account": CAST[key].account}, sure=True)


def visits(seed: int, taken: frozenset[tuple[str, date]]) -> Iterator[Seen]:
    """Ordinary visits on every open day; who is `taken` on a day has a scene to play and makes none."""
    for place in PLACES:
        lot = Random(f"{seed} routine {place.id}")  # noqa: S311 - a story, not a secret
        people = [person for person in CAST.values() if place in person.places and person.often]
        day = place.first_day + timedelta(days=1)
        while day <= LAST_DAY:
            if day.weekday() != place.closed_on and (day.month, day.day) not in _HOLIDAYS:
                for person in people:
                    comes = lot.random() < person.often / 10 * _SHARE
                    if comes and (person.key, day) not in taken and day <= _LEFT.get(person.key, LAST_DAY):
                        yield from _visit(lot, place, day, person)
            day += timedelta(days=1)


def _visit(lot: Random, place: Place, day: date, person: Person) -> Iterator[Seen]:
    by = By({"kind": "person", "id": person.account}, person.device(phone=lot.random() < 0.2), person.key)
    account = {"account": person.account}
    at = place.on(day, lot.randrange(8, 17), lot.randrange(60), lot.randrange(60))
    at += timedelta(microseconds=lot.randrange(1_000_000))
    if lot.random() < 0.04:
        before = at - timedelta(seconds=lot.randrange(8, 40))
        yield Seen(before, place, by, "SignInRefused", {**account, "why": "wrong password"})
    yield Seen(at, place, by, "SignedIn", account)
    for _ in range(lot.choices((0, 1, 2, 3), weights=(38, 36, 18, 8))[0]):
        at += timedelta(seconds=lot.randrange(90, 2400), microseconds=lot.randrange(1_000_000))
        done = doing(lot, place, day)
        yield Seen(at, place, by, done.type, done.data, needs=done.needs)
    if lot.random() < 0.22:
        at += timedelta(seconds=lot.randrange(60, 5400))
        yield Seen(at, place, by, "SignedOut", account)
