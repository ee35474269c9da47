"""One ledger, read by the product and by the naive second reading, both answers in one shape."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from importlib.resources import files
from io import StringIO
from typing import Any, TypeAlias

from domain.catalogue import Catalogue
from domain.entries import Entry, Stamp
from domain.evolution import evolve
from domain.facts import Fact, TermsPublished, read_fact
from domain.ledger import AsOf, Cut, Ledger
from domain.readings import READINGS, Readings
from domain.seating import Seating
from domain.team import Team
from infrastructure.catalogues import shipped_catalogues
from projections.seats import seats
from tests.naive import reading

Answer: TypeAlias = dict[str, Any]
Raw: TypeAlias = dict[str, Any]
Step: TypeAlias = Callable[[Team, Fact], Team]

_FILE = "rights_v1.csv"


def naive_catalogue() -> list[dict[str, str]]:
    """The catalogue as the naive reading takes it: the rows of the file."""
    text = (files("domain") / "catalogue" / _FILE).read_text(encoding="utf-8")
    return list(csv.DictReader(StringIO(text)))


CATALOGUE = naive_catalogue()
CATALOGUES: Mapping[int, Catalogue] = shipped_catalogues()


def entries_of(facts: Sequence[Raw]) -> list[Entry]:
    """The ledger's entries of raw facts, settled in this order."""
    return [Entry(read_fact(raw), Stamp(), position) for position, raw in enumerate(facts, start=1)]


def of_location(entries: Iterable[Entry], location: str) -> list[Entry]:
    """What an answer about a location is read from."""
    return [
        entry
        for entry in entries
        if entry.fact.location == location or (entry.fact.location is None and _is_terms(entry.fact))
    ]


def _is_terms(fact: Fact) -> bool:
    return isinstance(fact.data, TermsPublished) or fact.type == "Correction"


@dataclass(frozen=True)
class Stepped(Seating):
    """A seating whose team is folded by a given step."""

    step: Step = evolve

    @cached_property
    def team(self) -> Team:
        return reduce(self.step, (line.fact for line in self.cut.lines), Team())


@dataclass(frozen=True)
class Product:
    """The product's reading, with each of its parts open to be replaced by a wrong one."""

    cut: Callable[[Ledger, AsOf], Cut] = Ledger.as_of
    step: Step = evolve
    readings: Readings = READINGS
    seating: type[Stepped] = Stepped

    def answer(self, entries: Sequence[Entry], location: str, on: datetime, known: datetime) -> Answer:
        """The answer in the shape in which both readings are compared."""
        ledger = Ledger(of_location(entries, location), CATALOGUES, self.readings)
        found = seats(self.seating(self.cut(ledger, AsOf(on, known)), step=self.step))
        return shape({**found, "notes": [note["code"] for note in found["notes"]]})


def naive_answer(facts: list[Raw], location: str, on: datetime, known: datetime) -> Answer:
    """The naive reading's answer in that shape; a correction acts on facts of its own location, or on those of none."""
    told = [fact for fact in facts if fact.get("location") in {None, location}]
    return shape(reading.seats(told, location, on, known, CATALOGUE))


def shape(answer: Answer) -> Answer:
    """What both readings have to agree on: everything but the order of causes, notes and former rows."""
    subscription = answer["subscription"]
    return {
        **{key: answer[key] for key in ("available", "billable", "free", "over")},
        "subscription": None
        if subscription is None
        else {key: subscription[key] for key in ("id", "terms", "starts_at", "ends_at", "lapsed")},
        "seats": [
            {
                **{key: row[key] for key in ("member", "account", "name", "billable")},
                "reasons": [_reason(reason) for reason in row["reasons"]],
                "notes": sorted((note["code"], note.get("right", "")) for note in row["notes"]),
            }
            for row in answer["seats"]
        ],
        "former": sorted(
            ((row["member"] or "", row["account"] or "", _reason(row["reason"])) for row in answer["former"]),
            key=repr,
        ),
        "notes": sorted(answer["notes"]),
    }


def _reason(reason: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    return reason["code"], reason.get("right", ""), tuple(sorted(reason["because"]))
