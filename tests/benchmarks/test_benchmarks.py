"""Every benchmark runs, does the same work on both sides, and gives numbers. How fast is not asserted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite

import pytest

from domain.facts import OBSERVATIONS, read_fact
from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.companies import companies
from tests.benchmarks.generate import chain
from tests.benchmarks.measuring import Calls, Result, Run, table
from tests.benchmarks.others.comparing import compared, missing
from tests.benchmarks.scale import SCALES, Scale
from tests.infrastructure.store.servers import Server


@pytest.fixture(scope="module")
def scale(server: Server) -> Iterator[Scale]:
    with companies(server.url(), SCALES["small"].companies) as ledgers:
        yield replace(SCALES["small"], ledgers=ledgers)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_it_runs_and_gives_finite_ratios(name: str, server: Server, scale: Scale) -> None:
    if name == "others" and missing():
        pytest.skip(f"{', '.join(missing())} are not installed: uv run --group benchmarks pytest tests/benchmarks")
    results = BENCHMARKS[name](server.url(), scale, 1)
    assert results
    assert all(isfinite(ratio) and ratio > 0 for result in results for ratio in result.ratios)
    assert table(results).count("\n") == len(results) + 1


def test_a_ratio_is_the_median_of_the_runs() -> None:
    result = Result("work", "raw work", 10, [Run(2.0, 1.0), Run(9.0, 3.0), Run(1.0, 1.0)], [0.1, 0.2], [0.1])
    assert result.ratios == (2.0, 1.0, 3.0)
    assert "| work | raw work |       | 2 x the time (1 to 3) | 2.00 s, 5/s, p50/p95/p99 200/200/200 ms |" in table(
        [result]
    )


def test_a_ratio_of_speeds_is_the_other_way_round() -> None:
    result = Result("work", "raw work", 10, [Run(2.0, 1.0), Run(1.0, 4.0), Run(1.0, 1.0)], speed=True)
    assert result.ratios == (1.0, 0.5, 4.0)
    assert "1 x the speed (0.5 to 4)" in table([result])


def test_single_calls_are_compared_by_their_late_ones() -> None:
    calls = Calls("asking", "a look-up", "", [0.1] * 90 + [0.9] * 10, [0.1] * 100, per_cent=95)
    assert calls.ratios[0] == pytest.approx(9.0)
    assert "9 x the time (p95)" in table([calls])


def test_the_facts_are_the_same_for_the_same_seed_and_of_the_shares_asked_for() -> None:
    lines = list(chain(4_000, locations=4))
    assert lines == list(chain(4_000, locations=4))
    kinds = Counter(read_fact(line).type for line in lines)
    deciding = sum(count for kind, count in kinds.items() if kind not in OBSERVATIONS)
    assert kinds["SignedIn"] > 0.1 * len(lines)
    assert kinds["Correction"] > 0.15 * deciding


def test_tools_that_answer_differently_are_not_compared() -> None:
    same, other = {"acc-olga": "owner"}, {"acc-olga": "viewer"}
    assert len(compared(["append", "another"], "work", [{"append": lambda: same, "another": lambda: same}])) == 1
    with pytest.raises(AssertionError, match="viewer"):
        compared(["append", "another"], "work", [{"append": lambda: same, "another": lambda: other}])
