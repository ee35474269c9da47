"""A realistic company for benchmarks: chains of locations, five years, told fact by fact in constant memory.

    for line in lines(COMPANIES["tiny"]): ...

The same company is the same lines, byte for byte. Every line is exactly what the ledger writes for its fact.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from random import Random
from typing import TypeAlias

from tests.benchmarks.busy_hours import DAY, START, instant
from tests.benchmarks.people import Json
from tests.benchmarks.place import PUBLISHED, Plan
from tests.benchmarks.story import told

Timed: TypeAlias = tuple[int, Json]
"""A line with the second in which it is recorded."""

SMALLEST, LARGEST = 5, 200
"""People of a location."""

DECIDED = 0.2
"""The share of facts that decide a state; the others are observations."""


@dataclass(frozen=True, slots=True)
class Company:
    """How large a company is. Next to ordinary locations there are some of known size, to be asked about."""

    facts: int
    locations: int
    big: int = 1
    """Locations of 200 people, `big-0` and so on."""

    big_decided: int = 100_000
    """Facts that decide the state of each of these; half as many observations come on top."""

    fifty: int = 10
    """Locations of 50 people, `fifty-0` and so on; the same ones in a company of any size."""

    fifty_decided: int = 1_000
    seed: int = 1

    @property
    def largest(self) -> int:
        """People of a big location."""
        return min(LARGEST, max(SMALLEST, self.big_decided // 10))


COMPANIES: Mapping[str, Company] = {
    "tiny": Company(3_000, locations=5, big_decided=250, fifty=1, fifty_decided=200),
    "million": Company(1_000_000, locations=120),
    "full": Company(10_000_000, locations=2_000, big=4),
}


def plans(company: Company) -> list[Plan]:
    """Every location of the company, with the number of its facts; together with the terms that is all of them."""
    lot = Random(f"{company.seed} plans")
    found = [
        _plan(company, f"big-{number}", company.largest, company.big_decided, company.big_decided // 2)
        for number in range(company.big)
    ]
    found += [
        _plan(company, f"fifty-{number}", 50, company.fifty_decided, company.fifty_decided * 4)
        for number in range(company.fifty)
    ]
    count = company.locations - len(found)
    sizes = [round(SMALLEST * (LARGEST / SMALLEST) ** lot.random()) for _ in range(count)]
    facts = company.facts - len(PUBLISHED) - sum(plan.decided + plan.observed for plan in found)
    decided = company.facts * DECIDED - sum(plan.decided for plan in found)
    assert facts > 0, "a company of so few facts has no room for its big locations"
    share = max(0.05, decided / facts)
    shared = 0
    people = 0
    for number, size in enumerate(sizes):
        people += size
        own = facts * people // sum(sizes) - shared
        shared += own
        opened = START if lot.random() < 0.6 else START + int(lot.random() ** 1.5 * 1_400) * DAY
        found.append(
            Plan(
                f"loc-{number:04}",
                f"chain-{int(lot.random() ** 2 * max(1, count // 15)):03}",
                size,
                round(own * share),
                own - round(own * share),
                opened + 8 * 3_600,
                company.seed,
            )
        )
    return found


def lines(company: Company, part: int = 0, parts: int = 1) -> Iterator[Json]:
    """The lines of a part of the locations in the order of recording; the first part also tells the terms."""
    return (line for _, line in timed(company, part, parts))


def timed(company: Company, part: int = 0, parts: int = 1) -> Iterator[Timed]:
    """The same with the second in which each is recorded."""
    stories = [told(plan) for plan in plans(company)[part::parts]]
    merged = heapq.merge(*stories, key=itemgetter(0))
    return chain(_terms(company), merged) if part == 0 else merged


def _terms(company: Company) -> Iterator[Timed]:
    """The generations of the terms, published long ahead."""
    lot = Random(f"{company.seed} terms")
    for terms, since in PUBLISHED:
        text = f"{lot.getrandbits(128):032x}"
        name = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        yield (
            START,
            {
                "id": name,
                "type": "TermsPublished",
                "recorded_at": instant(START),
                "effective_at": instant(since),
                "actor": {"kind": "system", "id": "legal"},
                "change": name,
                "source": "generated",
                "data": {"terms": terms, "from": instant(since)[:10]},
            },
        )


def _plan(company: Company, name: str, people: int, decided: int, observed: int) -> Plan:
    return Plan(name, f"chain-{name}", people, decided, observed, START + 8 * 3_600, company.seed)
