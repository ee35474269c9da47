"""What a benchmark comes to: the same work by the product and by something else, run by run, side by side."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

HEADINGS = ("work", "against", "reach", "ratio", "ours", "theirs")


class Line(Protocol):
    """One line of the table."""

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in its columns, as in HEADINGS."""

    @property
    def ratios(self) -> tuple[float, float, float]:
        """Median, smallest and largest."""


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
    """The same work done as often as there were runs; the ratio is of times, or of speeds where `speed` is set."""

    name: str
    against: str
    items: int
    """Facts or commands of one run."""

    runs: Sequence[Run]
    ours: Sequence[float] = field(default_factory=list)
    """Seconds of each single command, where single ones are measured."""

    raw: Sequence[float] = field(default_factory=list)
    reach: str = ""
    """The figure to reach."""

    speed: bool = False

    @property
    def ratios(self) -> tuple[float, float, float]:
        """Median, smallest and largest."""
        found = [1 / run.ratio if self.speed else run.ratio for run in self.runs]
        return median(found), min(found), max(found)

    @property
    def cells(self) -> tuple[str, ...]:
        """As in HEADINGS."""
        middle, least, most = self.ratios
        return (
            self.name,
            self.against,
            self.reach,
            f"{middle:.3g}{' x the speed' if self.speed else ' x the time'} ({least:.3g} to {most:.3g})",
            self._side([run.ours for run in self.runs], self.ours),
            self._side([run.raw for run in self.runs], self.raw),
        )

    def _side(self, whole: Sequence[float], singles: Sequence[float]) -> str:
        took = median(whole)
        shown = f"{shown_time(took)}, {self.items / took:,.0f}/s" if self.items > 1 else shown_time(took)
        return f"{shown}, {tails(singles)}" if singles else shown


@dataclass(frozen=True)
class Calls:
    """Single calls of two kinds, taken in turns; the ratio is of what so many per cent of the calls stay below."""

    name: str
    against: str
    reach: str
    ours: Sequence[float]
    theirs: Sequence[float] = ()
    per_cent: int = 99

    @property
    def ratios(self) -> tuple[float, float, float]:
        """The ratio, three times, as there is one of all calls together; 1 where there is nothing to compare with."""
        other = self.theirs or self.ours
        ratio = percentile(self.ours, self.per_cent) / percentile(other, self.per_cent)
        return ratio, ratio, ratio

    @property
    def cells(self) -> tuple[str, ...]:
        """As in HEADINGS."""
        ratio = f"{self.ratios[0]:.3g} x the time (p{self.per_cent})" if self.theirs else ""
        return (self.name, self.against, self.reach, ratio, tails(self.ours), tails(self.theirs) if self.theirs else "")


@dataclass(frozen=True)
class Memory:
    """The most memory that one process took; nothing to compare with but the figure to reach."""

    name: str
    reach: str
    most: int
    """Bytes."""

    @property
    def ratios(self) -> tuple[float, float, float]:
        """There is nothing to compare with."""
        return 1.0, 1.0, 1.0

    @property
    def cells(self) -> tuple[str, ...]:
        """As in HEADINGS."""
        return (self.name, "", self.reach, "", f"{self.most / 1_000_000:,.0f} MB", "")


@dataclass(frozen=True)
class Sized:
    """How large something is; nothing to compare with."""

    name: str
    size: int
    of_it: str

    @property
    def ratios(self) -> tuple[float, float, float]:
        """There is nothing to compare with."""
        return 1.0, 1.0, 1.0

    @property
    def cells(self) -> tuple[str, ...]:
        """As in HEADINGS."""
        return (self.name, "", "", "", f"{self.size:,} bytes", self.of_it)


def percentile(singles: Sequence[float], per_cent: float) -> float:
    """What so many per cent of the calls stay below."""
    ordered = sorted(singles)
    return ordered[min(len(ordered) - 1, int(len(ordered) * per_cent / 100))]


def tails(singles: Sequence[float]) -> str:
    """The middle and the late calls."""
    shown = "/".join(f"{percentile(singles, per_cent) * 1_000:.3g}" for per_cent in (50, 95, 99))
    return f"p50/p95/p99 {shown} ms"


def shown_time(seconds: float) -> str:
    """A time in the unit that suits it."""
    return f"{seconds:,.2f} s" if seconds >= 1 else f"{seconds * 1_000:,.3g} ms"


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes, begun without the rubbish of what was before it."""
    gc.collect()
    return single(work)


def single(work: Callable[[], object]) -> float:
    """How long one call of many takes."""
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


def in_turns(
    pairs: Sequence[tuple[Callable[[], object], Callable[[], object]]],
) -> tuple[list[float], list[float]]:
    """Seconds of each single call, ours and theirs, one pair after the other."""
    gc.collect()
    found = [(single(own), single(other)) for own, other in pairs]
    return [own for own, _ in found], [other for _, other in found]


def table(lines: Sequence[Line]) -> str:
    """One table, in columns of equal width."""
    rows = [HEADINGS, *(line.cells for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)
