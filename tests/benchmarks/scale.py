"""How much each benchmark does."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """One size of all benchmarks."""

    commands: Mapping[int, int]
    """By number of writer threads the commands of one run."""

    command_locations: int
    command_facts: int
    imported: int
    seats: tuple[int, ...]
    rebuilt: int


SCALES = {
    "full": Scale(
        commands={1: 300, 8: 1_600, 32: 3_200},
        command_locations=100,
        command_facts=30_000,
        imported=200_000,
        seats=(1_000, 100_000),
        rebuilt=30_000,
    ),
    "small": Scale(
        commands={1: 20, 8: 64, 32: 128},
        command_locations=10,
        command_facts=1_500,
        imported=5_000,
        seats=(300, 1_000),
        rebuilt=600,
    ),
}
