"""How much each benchmark does."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scale:
    """One size of all benchmarks."""

    commands: Mapping[int, int]
    """By number of writer threads the commands of one run."""

    command_locations: int
    command_facts: int
    imported: int
    companies: tuple[str, ...]
    """The loaded companies that are asked, smallest first."""

    points: int
    """Random points of both times at which a question is asked."""

    pages: int
    """Which page of a log is compared with the first."""

    told: int
    """Changes told to the other tools."""

    paced: float
    """Seconds of writing, alone and beside other work."""

    ledgers: Mapping[str, str] = field(default_factory=dict)
    """Where the loaded companies are: the address of each by its name."""


SCALES = {
    "full": Scale(
        commands={1: 300, 8: 1_600, 32: 3_200},
        command_locations=100,
        command_facts=30_000,
        imported=1_000_000,
        companies=("million", "full"),
        points=500,
        pages=100,
        told=50_000,
        paced=20.0,
    ),
    "million": Scale(
        commands={1: 300, 8: 1_600, 32: 3_200},
        command_locations=100,
        command_facts=30_000,
        imported=200_000,
        companies=("million",),
        points=300,
        pages=100,
        told=20_000,
        paced=10.0,
    ),
    "small": Scale(
        commands={1: 20, 8: 64, 32: 128},
        command_locations=10,
        command_facts=1_500,
        imported=5_000,
        companies=("tiny",),
        points=3,
        pages=2,
        told=60,
        paced=0.5,
    ),
}
