"""What a benchmark comes to: the same work by the product and by raw psycopg, run by run, side by side."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds for the same work, one after the other within one run."""

    ours: float
    raw: float

    @property
    def ratio(self) -> float:
        """How many times longer the product takes."""
        return self.ours / self.raw


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    name: str
    against: str
    items: int
    """Facts or commands of one run."""

    runs: Sequence[Run]
    ours: Sequence[float] = field(default_factory=list)
    """Seconds of each single command, where single ones are measured."""

    raw: Sequence[float] = field(default_factory=list)

    @property
    def ratios(self) -> tuple[float, float, float]:
        """Median, smallest and largest."""
        found = [run.ratio for run in self.runs]
        return median(found), min(found), max(found)


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes, begun without the rubbish of what was before it."""
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def side_by_side(runs: int, ours: Callable[[], object], raw: Callable[[], object]) -> list[Run]:
    """The same work both ways, as often as wanted, each going first every other time; once before to warm up."""
    ours()
    raw()
    found = []
    for number in range(runs):
        if number % 2:
            other, own = seconds(raw), seconds(ours)
        else:
            own, other = seconds(ours), seconds(raw)
        found.append(Run(own, other))
    return found


HEADINGS = ("benchmark", "against", "ratio", "min", "max", "accessledger", "raw", "per s", "raw per s", "p50/p99 in ms")


def table(results: Sequence[Result]) -> str:
    """One table, in columns of equal width."""
    rows = [HEADINGS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _row(result: Result) -> tuple[str, ...]:
    own, other = median(run.ours for run in result.runs), median(run.raw for run in result.runs)
    singles = f"{_tails(result.ours)}, raw {_tails(result.raw)}" if result.ours and result.raw else ""
    return (
        result.name,
        result.against,
        *(f"{ratio:.3g}" for ratio in result.ratios),
        f"{own * 1_000:,.1f} ms",
        f"{other * 1_000:,.1f} ms",
        f"{result.items / own:,.0f}",
        f"{result.items / other:,.0f}",
        singles,
    )


def _tails(singles: Sequence[float]) -> str:
    ordered = sorted(singles)
    middle, late = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99))
    return f"{middle * 1_000:.1f}/{late * 1_000:.1f}"
