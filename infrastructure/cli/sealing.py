"""The command that seals what was stored before there were seals."""

import click

from infrastructure.cli.parts import give, json_option
from infrastructure.cli.progress import bar
from infrastructure.sealing.converting import seal_what_is_plain
from infrastructure.settings import Settings
from infrastructure.wiring import open_ledger


@click.command()
@json_option
@click.pass_obj
def seal(settings: Settings, as_json: bool) -> None:
    """Seal the personal fields of facts that an older version stored in plain text, in their place.

    Once, while nothing else runs, and before the evidence begins. Backups and archived WAL from before still hold plain
    text: let them go when this is done.
    """
    with open_ledger(settings) as application, bar("Sealing", 1) as shown:
        done = seal_what_is_plain(
            application.store, lambda done, total: shown.at(done / total, f"{done:,} of {total:,} facts")
        )
    if as_json:
        give({"sealed": done})
    else:
        click.echo(f"Sealed {done:,} facts." if done else "Every fact is sealed already.")
