"""What checks the ledger: the store against itself, what is kept against a fresh fold, and its evidence against all."""

from pathlib import Path

import click

from domain.instants import write_instant
from infrastructure.cli.parts import give, json_option
from infrastructure.cli.progress import bar
from infrastructure.daily.trusting import trusted_of
from infrastructure.evidence.settings import read_evidence_settings
from infrastructure.settings import Settings
from infrastructure.verification.remembered import last, overdue
from infrastructure.verification.signed import Held
from infrastructure.verifying import Verified
from infrastructure.verifying import verify as verified
from infrastructure.wiring import Application, open_ledger
from projections.plain import one_line

_SHOWN = 20
SAMPLE = 20
"""Locations, and stretches of the log, that are folded anew unless everything is asked for."""


@click.command()
@click.option("--all", "everything", is_flag=True, help="Compare all that is kept with a fresh fold, not a sample.")
@click.option("--since", is_flag=True, help="Only the rows that came after the last verification that found nothing.")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A checkpoint that somebody holds: the log has to have grown out of it. May be given again.",
)
@click.option(
    "--last", "only_last", is_flag=True, help="Verify nothing: say how the last one went; 1 if it is missing."
)
@json_option
@click.pass_obj
def verify(
    settings: Settings,
    everything: bool,
    since: bool,
    checkpoints: tuple[Path, ...],
    only_last: bool,
    as_json: bool,
) -> int:
    """Check the ledger against itself: positions, order, times, every stored row, what is kept of them, the evidence.

    The evidence is checked by the key in ACCESSLEDGER_LOG_KEY, and against what the signer signed last. `serve` does
    this once a day. Exit code 1, and a sentence that names the position, when one is broken.
    """
    try:
        chosen = read_evidence_settings()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if only_last:
        with open_ledger(settings) as application:
            return _say_last(application, as_json=as_json)
    held = [Held(path.name, path.read_text(encoding="utf-8", errors="replace")) for path in checkpoints]
    trusted, complaints = trusted_of(chosen, held)
    for complaint in complaints:
        click.echo(one_line(complaint), err=True)
    with open_ledger(settings) as application, bar("verifying", 1.0) as shown:
        found = verified(
            application.store,
            application.catalogues,
            lambda done, total: shown.at(done / total, f"{done:,} of {total:,} facts"),
            sample=None if everything else SAMPLE,
            trusted=trusted,
            since=since,
        )
    if as_json:
        _give(found)
    else:
        _say(found, pinned=chosen.key is not None)
    return 1 if found.broken else 0


def _give(found: Verified) -> None:
    broken = [{"sentence": each.sentence, "position": each.position} for each in found.broken]
    answer = {"position": found.position, "broken": broken, "idle": list(found.idle)}
    if found.evidence.size:
        answer["evidence"] = {
            "position": found.evidence.position,
            "size": found.evidence.size,
            "root": found.evidence.root.hex(),
            "checkpoints": found.evidence.signed,
            "covered": found.evidence.covered,
            "milliseconds": {part: round(seconds * 1000) for part, seconds in found.seconds.items()},
        }
    give(answer)


def _say(found: Verified, *, pinned: bool) -> None:
    for each in found.broken:
        click.secho(one_line(each.sentence), fg="red")
    for sentence in found.idle[:_SHOWN]:
        click.echo(f"note: {one_line(sentence)}")
    if len(found.idle) > _SHOWN:
        click.echo(f"note: and {len(found.idle) - _SHOWN:,} more facts that fold to nothing (--json names all)")
    if found.broken:
        return
    evidence = found.evidence
    if evidence.size:
        signed = f"{evidence.signed:,} checkpoints, the last up to position {evidence.covered:,}"
        click.echo(
            f"The trees of {evidence.position:,} facts, the head log of {evidence.size:,} leaves, {signed}: sound."
        )
        if not pinned:
            click.echo("note: whose signatures these are was not looked at; set ACCESSLEDGER_LOG_KEY to the log's key")
    click.secho(f"{found.position:,} facts verified: nothing is broken.", fg="green")


def _say_last(application: Application, *, as_json: bool) -> int:
    """How the last verification went; 1 when it found something, or when one is missing."""
    found, wrong = last(application.store), overdue(application.store)
    if as_json:
        give(
            {
                "at": write_instant(found.at) if found is not None else None,
                "position": found.position if found is not None else None,
                "broken": list(found.broken) if found is not None else [],
                "complaint": wrong,
            }
        )
    elif wrong is not None:
        click.secho(one_line(wrong), fg="red")
    else:
        click.echo(found.sentence() if found is not None else "Nothing was verified yet; the ledger is new.")
    return int(wrong is not None)
