"""The benchmarks: how much longer the product takes than raw psycopg, each measured in the same run.

    uv run python -m tests.benchmarks --size small

Both sides use the same server, the same settings and tables of the same shape and indexes. A ratio of 1 is as fast.
"""

import platform
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from os import cpu_count
from pathlib import Path

import click

from tests.benchmarks.commands import commands
from tests.benchmarks.databases import embedded_server, version
from tests.benchmarks.importing import importing
from tests.benchmarks.measuring import Result, table
from tests.benchmarks.rebuilds import rebuilds
from tests.benchmarks.scale import SCALES, Scale
from tests.benchmarks.seats import seats

BENCHMARKS: Mapping[str, Callable[[str, Scale, int], list[Result]]] = {
    "commands": commands,
    "import": importing,
    "seats": seats,
    "rebuild": rebuilds,
}


@click.command(help=__doc__)
@click.option("--size", type=click.Choice(sorted(SCALES)), default="full", show_default=True)
@click.option("--only", type=click.Choice(list(BENCHMARKS)), multiple=True, help="Only these; may be given repeatedly.")
@click.option("--runs", type=click.IntRange(min=1), default=5, show_default=True, help="Medians are of that many runs.")
@click.option("--database", help="A server where databases may be made and dropped; one of our own unless given.")
def main(size: str, only: tuple[str, ...], runs: int, database: str | None) -> None:
    """Run them and print one table."""
    with nullcontext(database) if database is not None else embedded_server() as server:
        results: list[Result] = []
        for name in only or BENCHMARKS:
            click.echo(f"{name} ...", err=True)
            results += BENCHMARKS[name](server, SCALES[size], runs)
        click.echo(f"{version(server)}; {_processor()}; Python {platform.python_version()}; size {size}, {runs} runs")
        click.echo("A ratio is the time of accessledger over that of raw psycopg; times are medians.\n")
        click.echo(table(results))


def _processor() -> str:
    models = [
        line.partition(":")[2].strip()
        for line in (Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else [])
        if line.startswith("model name")
    ]
    return f"{cpu_count()} x {models[0] if models else platform.processor() or platform.machine()}"


if __name__ == "__main__":
    main()
