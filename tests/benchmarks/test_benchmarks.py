"""Every benchmark runs, does the same work on both sides, and gives numbers. How fast is not asserted."""

from collections import Counter
from math import isfinite

import pytest

from domain.facts import OBSERVATIONS, read_fact
from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.generate import big_location, chain
from tests.benchmarks.measuring import Result, Run, table
from tests.benchmarks.scale import SCALES
from tests.infrastructure.store.servers import Server


@pytest.mark.parametrize("name", BENCHMARKS)
def test_it_runs_and_gives_finite_ratios(name: str, server: Server) -> None:
    results = BENCHMARKS[name](server.url(), SCALES["small"], 1)
    assert results
    assert all(isfinite(ratio) and ratio > 0 for result in results for ratio in result.ratios)
    assert table(results).count("\n") == len(results) + 1


def test_a_ratio_is_the_median_of_the_runs() -> None:
    result = Result("work", "raw work", 10, [Run(2.0, 1.0), Run(9.0, 3.0), Run(1.0, 1.0)], [0.1, 0.2], [0.1])
    assert result.ratios == (2.0, 1.0, 3.0)
    assert "| work " in table([result])
    assert "200.0/200.0, raw 100.0/100.0" in table([result])


def test_the_facts_are_the_same_for_the_same_seed_and_of_the_shares_asked_for() -> None:
    lines = list(chain(4_000, locations=4))
    assert lines == list(chain(4_000, locations=4))
    kinds = Counter(read_fact(line).type for line in lines)
    deciding = sum(count for kind, count in kinds.items() if kind not in OBSERVATIONS)
    assert kinds["SignedIn"] > 0.1 * len(lines)
    assert kinds["Correction"] > 0.15 * deciding


def test_the_big_location_is_one_and_is_corrected() -> None:
    facts = [read_fact(line) for line in big_location(5_000)]
    assert {fact.location for fact in facts} == {"loc-0000"}
    assert not {fact.type for fact in facts} & OBSERVATIONS
    assert sum(fact.type == "Correction" for fact in facts) > 0.04 * len(facts)
