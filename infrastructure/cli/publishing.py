"""The command that publishes: let the trees grow, have their heads signed, and show them to the witnesses."""

import threading
from typing import Any

import click

from domain.instants import write_instant
from infrastructure.cli.parts import give, json_option
from infrastructure.evidence.proving import Published
from infrastructure.evidence.publisher import Publisher
from infrastructure.evidence.settings import SIGNER, read_evidence_settings
from infrastructure.evidence.wiring import publishing_of
from infrastructure.settings import Settings
from infrastructure.signing.asking import SignerError
from infrastructure.store import Sequencer, StoreError
from infrastructure.wiring import open_ledger
from projections.plain import one_line

_NO_SIGNER = f"No signer is set: start `accessledger signer`, and name its socket in {SIGNER}."


@click.command()
@click.option("--watch", is_flag=True, help="Go on until interrupted; `serve` does this by itself.")
@json_option
@click.pass_obj
def publish(settings: Settings, watch: bool, as_json: bool) -> int:
    """Have a checkpoint signed that covers every fact there is now, and print it.

    Needs a signer: see `accessledger signer`, and name its socket in ACCESSLEDGER_SIGNER. Exit code 1 when a witness
    that is set has not cosigned.
    """
    try:
        chosen = read_evidence_settings()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    complaints: list[str] = []
    with open_ledger(settings) as application:
        try:
            publishing = publishing_of(application.store, chosen, complaints.append)
            if publishing is None:
                raise click.UsageError(_NO_SIGNER)
            published = publishing.publish()
        except SignerError as error:
            raise StoreError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
        _show(published, as_json=as_json)
        for sentence in complaints:
            click.echo(one_line(sentence), err=True)
        if watch:
            with Sequencer(application.store), Publisher(application.store, publishing):
                threading.Event().wait()
    return int(bool(complaints))


def _show(published: Published | None, *, as_json: bool) -> None:
    if as_json:
        give({"checkpoint": _written(published) if published is not None else None})
    elif published is None:
        click.echo("There is nothing to sign yet.", err=True)
    else:
        click.echo(published.note, nl=False)


def _written(published: Published) -> dict[str, Any]:
    return {
        "at": write_instant(published.at),
        "note": published.note,
        "origin": published.checkpoint.origin,
        "position": published.position,
        "root": published.checkpoint.root.hex(),
        "size": published.checkpoint.size,
    }
