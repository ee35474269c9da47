"""The benchmarks: the product beside what a user would pick instead, and beside the physical limit, in one run.

    uv run python -m tests.benchmarks --size small

Both sides of a line use the same server, the same settings and the same rows. The full size asks ledgers of 1,000,000
and 10,000,000 facts; `--keep FOLDER` keeps them there, so that they are loaded once.
"""

import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from os import cpu_count
from pathlib import Path

import click

from tests.benchmarks.appends import appends
from tests.benchmarks.bundles import bundles
from tests.benchmarks.commands import commands
from tests.benchmarks.companies import companies
from tests.benchmarks.databases import embedded_server, version
from tests.benchmarks.evidence import evidence
from tests.benchmarks.fleet import fleet
from tests.benchmarks.importing import importing
from tests.benchmarks.ingest import ingest
from tests.benchmarks.limits import limits
from tests.benchmarks.logs import logs
from tests.benchmarks.measuring import Line, table
from tests.benchmarks.others.comparing import missing, others
from tests.benchmarks.over_http import http
from tests.benchmarks.rebuilds import rebuilds
from tests.benchmarks.scale import SCALES, Scale
from tests.benchmarks.seats import seats
from tests.benchmarks.verifying import verifying

BENCHMARKS: Mapping[str, Callable[[str, Scale, int], Sequence[Line]]] = {
    "appends": appends,
    "limits": limits,
    "commands": commands,
    "import": importing,
    "seats": seats,
    "logs": logs,
    "fleet": fleet,
    "rebuild": rebuilds,
    "ingest": ingest,
    "http": http,
    "evidence": evidence,
    "bundles": bundles,
    "verify": verifying,
    "others": others,
}
ASKING = frozenset({"seats", "logs", "fleet", "rebuild", "ingest", "http", "bundles"})
"""Those that ask a loaded company."""


@click.command(help=__doc__)
@click.option("--size", type=click.Choice(sorted(SCALES)), default="full", show_default=True)
@click.option("--only", type=click.Choice(list(BENCHMARKS)), multiple=True, help="Only these; may be given repeatedly.")
@click.option("--runs", type=click.IntRange(min=1), default=5, show_default=True, help="Medians are of that many runs.")
@click.option("--database", help="A server where databases may be made and dropped; one of our own unless given.")
@click.option("--keep", type=click.Path(path_type=Path), help="A folder where loaded ledgers stay for the next run.")
def main(size: str, only: tuple[str, ...], runs: int, database: str | None, keep: Path | None) -> None:
    """Run them and print one table."""
    chosen = only or tuple(BENCHMARKS)
    if "others" in chosen and missing():
        raise click.UsageError(
            f"{', '.join(missing())} are not installed; run `uv run --group benchmarks python -m tests.benchmarks`, "
            "or name the others with --only."
        )
    scale = SCALES[size]
    with ExitStack() as stack:
        server = database or stack.enter_context(embedded_server())
        if ASKING.intersection(chosen):
            scale = replace(scale, ledgers=stack.enter_context(companies(server, scale.companies, keep)))
        lines: list[Line] = []
        for name in chosen:
            click.echo(f"{name} ...", err=True)
            lines += BENCHMARKS[name](server, scale, runs)
        click.echo(f"{version(server)}; {_processor()}; Python {platform.python_version()}; size {size}, {runs} runs\n")
        click.echo(table(lines))


def _processor() -> str:
    models = [
        line.partition(":")[2].strip()
        for line in (Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else [])
        if line.startswith("model name")
    ]
    return f"{cpu_count()} x {models[0] if models else platform.processor() or platform.machine()}"


if __name__ == "__main__":
    main()
