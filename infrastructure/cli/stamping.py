"""The command for time stamps: asks an authority for one of a checkpoint, and checks one without asking anybody."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import click
from cryptography import x509

from domain.evidence.notes import Checkpoint, NoteError, read_checkpoint, read_note
from domain.instants import write_instant
from infrastructure.cli.parts import give, json_option
from infrastructure.stamping.asking import stamp as ask
from infrastructure.stamping.stamps import StampError, check_stamp, read_roots
from projections.plain import one_line

TSA = "ACCESSLEDGER_TSA"
ROOTS = "ACCESSLEDGER_TSA_ROOTS"
_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("checkpoint", type=click.File("rb"))
@click.option("--output", "-o", type=_PATH, help="Ask for a time stamp and write it here.")
@click.option("--check", "given", type=_PATH, help="Check this time stamp; nobody is asked.")
@click.option("--authority", envvar=TSA, help=f"The address of the authority (else {TSA}).")
@click.option("--roots", type=_PATH, envvar=ROOTS, help=f"The certificates that are trusted, PEM (else {ROOTS}).")
@json_option
def stamp(
    checkpoint: BinaryIO,
    output: Path | None,
    given: Path | None,
    authority: str | None,
    roots: Path | None,
    *,
    as_json: bool,
) -> None:
    """Have a CHECKPOINT (a signed note, `-` for standard input) stamped with the time (RFC 3161), or check a stamp.

    Exit code 1, and a sentence, when a stamp does not hold.
    """
    if (output is None) == (given is None):
        raise click.UsageError("Give one of --output and --check.")
    if roots is None:
        raise click.UsageError(f"Say whose stamps are trusted: --roots FILE, or {ROOTS}.")
    try:
        text = read_note(checkpoint.read().decode(errors="replace")).text
        found, trusted = read_checkpoint(text), read_roots(roots.read_bytes())
        if given is not None:
            token = given.read_bytes()
        elif authority is None:
            raise click.UsageError(f"Say whom to ask: --authority URL, or {TSA}.")
        else:
            token = ask(authority, text, trusted)
        _tell(found, token, text, trusted, as_json=as_json)
    except (NoteError, StampError) as error:
        raise click.ClickException(str(error)) from None
    if output is not None:
        output.write_bytes(token)


def _tell(found: Checkpoint, token: bytes, text: str, trusted: Sequence[x509.Certificate], *, as_json: bool) -> None:
    at = write_instant(check_stamp(token, text, trusted))
    if as_json:
        give({"at": at, "origin": found.origin, "root": found.root.hex(), "size": found.size})
    else:
        click.echo(f"The checkpoint of {found.size:,} leaves of {one_line(found.origin)} was there by {at}.")
