"""The command `doctor`: what a ledger lives on, and what to do where that is not well."""

import click

from infrastructure.cli.parts import give, json_option
from infrastructure.doctoring import examine
from infrastructure.evidence.settings import read_evidence_settings
from infrastructure.settings import Settings
from infrastructure.wiring import open_ledger
from projections.plain import one_line

_COLOURS = {"well": "green", "look": "yellow", "ill": "red"}


@click.command()
@json_option
@click.pass_obj
def doctor(settings: Settings, as_json: bool) -> int:
    """Look at the database, its clock and settings, positions, what is kept, and the walls; 1 when something is ill."""
    with open_ledger(settings) as application:
        found = list(examine(application, signer=read_evidence_settings().signer))
    if as_json:
        give({"findings": [{"what": each.what, "state": each.state, "sentence": each.sentence} for each in found]})
    else:
        for each in found:
            click.secho(f"{each.state:<5}", fg=_COLOURS[each.state], nl=False)
            click.echo(f"{each.what:<12} {one_line(each.sentence)}")
    return int(any(each.state == "ill" for each in found))
