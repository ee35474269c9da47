"""What checks the ledger: the store against itself, and what is kept against a fresh fold."""

import click

from infrastructure.cli.parts import give, json_option
from infrastructure.cli.progress import bar
from infrastructure.settings import Settings
from infrastructure.verifying import verify as verified
from infrastructure.wiring import open_ledger
from projections.plain import one_line

_SHOWN = 20
SAMPLE = 20
"""Locations, and stretches of the log, that are folded anew unless everything is asked for."""


@click.command()
@click.option("--all", "everything", is_flag=True, help="Compare all that is kept with a fresh fold, not a sample.")
@json_option
@click.pass_obj
def verify(settings: Settings, everything: bool, as_json: bool) -> int:
    """Check the ledger against itself: positions, order, times, every stored row, and what is kept of them.

    Exit code 1, and a sentence that names the position, when one is broken.
    """
    with open_ledger(settings) as application, bar("verifying", 1.0) as shown:
        found = verified(
            application.store,
            application.catalogues,
            lambda done, total: shown.at(done / total, f"{done:,} of {total:,} facts"),
            sample=None if everything else SAMPLE,
        )
    if as_json:
        broken = [{"sentence": each.sentence, "position": each.position} for each in found.broken]
        give({"position": found.position, "broken": broken, "idle": list(found.idle)})
    else:
        for each in found.broken:
            click.secho(one_line(each.sentence), fg="red")
        for sentence in found.idle[:_SHOWN]:
            click.echo(f"note: {one_line(sentence)}")
        if len(found.idle) > _SHOWN:
            click.echo(f"note: and {len(found.idle) - _SHOWN:,} more facts that fold to nothing (--json names all)")
        if not found.broken:
            click.secho(f"{found.position:,} facts verified: nothing is broken.", fg="green")
    return 1 if found.broken else 0
