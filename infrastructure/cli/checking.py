"""What checks the ledger: projections rebuilt from the facts, the store verified against itself."""

import time
from functools import partial

import click

from infrastructure.cli.parts import give, json_option
from infrastructure.cli.progress import Bar, bar
from infrastructure.rebuilding import PROJECTIONS
from infrastructure.rebuilding import rebuild as rebuilt
from infrastructure.settings import Settings
from infrastructure.verifying import verify as verified
from infrastructure.wiring import open_ledger
from projections.plain import one_line

_SHOWN = 20


@click.command()
@click.argument("projection", required=False, metavar="[PROJECTION]", type=click.Choice(PROJECTIONS))
@json_option
@click.pass_obj
def rebuild(settings: Settings, projection: str | None, as_json: bool) -> None:
    """Fold PROJECTION (seats, access, roster, charges, history, log; or all) anew and print a digest of each.

    Two rebuilds of the same facts give the same digest, on any machine.
    """
    found = []
    with open_ledger(settings) as application:
        for name in [projection] if projection is not None else PROJECTIONS:
            began = time.monotonic()
            with bar(f"rebuilding {name}", None) as shown:
                each = rebuilt(application.store, application.catalogues, name, partial(_show_locations, shown))
            found.append(each)
            if not as_json:
                seconds = time.monotonic() - began
                click.echo(f"{name}: {each.locations} locations up to position {each.position} in {seconds:.1f} s")
                click.echo(f"    sha256 {each.sha256}")
    if as_json:
        rows = [{"projection": each.projection, "locations": each.locations, "sha256": each.sha256} for each in found]
        give({"position": found[0].position, "projections": rows})


def _show_locations(shown: Bar, done: int, total: int) -> None:
    shown.at(done, f"{done} of {total} locations")


@click.command()
@json_option
@click.pass_obj
def verify(settings: Settings, as_json: bool) -> int:
    """Check the ledger against itself: positions, order, times, every stored row.

    Exit code 1, and a sentence that names the position, when one is broken.
    """
    with open_ledger(settings) as application, bar("verifying", 1.0) as shown:
        found = verified(
            application.store,
            application.catalogues,
            lambda done, total: shown.at(done / total, f"{done:,} of {total:,} facts"),
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
