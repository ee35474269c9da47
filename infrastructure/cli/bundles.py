"""The dispute bundle on the command line: one makes the file, the other checks it, with no database and no network."""

from datetime import date, datetime
from pathlib import Path

import click

from domain.evidence.notes import NoteError
from domain.facts import Actor
from domain.instants import end_of_day
from infrastructure.books import Moment
from infrastructure.bundle.bundling import Bundle, NoBundleError
from infrastructure.bundle.checking import check as checked
from infrastructure.bundle.checking import trust_in
from infrastructure.bundle.findings import Report
from infrastructure.bundle.layout import LARGEST_BUNDLE
from infrastructure.bundle.own import own
from infrastructure.bundle.reading import Asked, Signed, UnreadableError, read_signed
from infrastructure.bundle.wiring import bundling_of
from infrastructure.cli.parts import MOMENT, WORD, give, json_option
from infrastructure.door.caller import EVERYWHERE, Caller
from infrastructure.door.noting import Noting
from infrastructure.evidence.settings import read_evidence_settings
from infrastructure.settings import Settings
from infrastructure.signing.asking import SignerError
from infrastructure.store import StoreError
from infrastructure.wiring import Application, open_ledger
from projections.plain import one_line

_LONGEST_NOTE = 1 << 17
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_OPERATOR = Caller(Actor(kind="system", id="operator"), "command line", places=EVERYWHERE)


class DayType(click.ParamType[date]):
    """A date, as text."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; wrong usage, with the reason, when it is none."""
        found = MOMENT.convert(value, param, ctx)
        if isinstance(found, datetime) or not isinstance(found, date):
            self.fail(f"{value!r} is not a date: write it like 2026-03-03", param, ctx)
        return found


_DAY = DayType()


@click.command()
@click.argument("location", type=WORD)
@click.option("--from", "first", type=_DAY, required=True, help="The first day of the bill.")
@click.option("--to", "last", type=_DAY, required=True, help="The last day of it.")
@click.option("--seat", type=WORD, help="Give the reasons for this seat too (a member's or an account's id).")
@click.option("--known", type=MOMENT, help="What stands for now, if not the present moment.")
@click.option("--since", type=_FILE, help="A checkpoint that the other side holds, to go on from.")
@click.option("--unsigned", is_flag=True, help="Without a checkpoint: to look at, it proves nothing.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write."
)
@json_option
@click.pass_obj
def bundle(
    settings: Settings,
    location: str,
    first: date,
    last: date,
    seat: str | None,
    known: Moment,
    since: Path | None,
    unsigned: bool,
    output: Path,
    as_json: bool,
) -> None:
    """Put the evidence of LOCATION's bill into one file that the other side checks without trusting us.

    It holds the seats of every day as known then and as known now, every fact of the location that decides, the terms
    and the rights, the proofs, and a page to read. That it was exported is on the security log before.
    """
    try:
        chosen = read_evidence_settings()
        before = read_signed(str(since), since.read_bytes()[:_LONGEST_NOTE]) if since is not None else None
    except (ValueError, UnreadableError) as error:
        raise click.UsageError(str(error)) from None
    with open_ledger(settings) as application:
        asked = Asked(location, first, last, seat, _instant(application, location, known))
        bundling = bundling_of(application, Noting(application.store), chosen)
        try:
            made = bundling.bundle(_OPERATOR, asked, since=before, unsigned=unsigned)
        except NoBundleError as error:
            raise click.UsageError(str(error)) from None
        except SignerError as error:
            raise StoreError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    output.write_bytes(made.data)
    _tell(made, output, before, as_json=as_json)


def _instant(application: Application, location: str, known: Moment) -> datetime | None:
    """The instant that a date stands for in the location."""
    if isinstance(known, datetime) or known is None:
        return known
    return end_of_day(known, application.books().zone(location))


def _tell(made: Bundle, output: Path, before: Signed | None, *, as_json: bool) -> None:
    if as_json:
        give({"file": str(output), "bytes": len(made.data), "export": made.export, "signed": made.report.holds})
        return
    click.echo(f"{output}: {len(made.data):,} bytes. Checked once already; the other side checks it with:")
    earlier = " --earlier NOTE" if before is not None else ""
    click.echo(f"  accessledger check {output} --key VKEY{earlier}")
    if not made.report.holds:
        click.secho("It is not signed: it proves nothing to anybody.", fg="red")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--key", required=True, metavar="VKEY", help="The log's key, from a source of your own.")
@click.option("--witness", "witnesses", multiple=True, metavar="VKEY", help="A witness that has to have cosigned.")
@click.option("--earlier", type=_FILE, help="A checkpoint of the log that you hold from before.")
@json_option
def check(file: Path, key: str, witnesses: tuple[str, ...], earlier: Path | None, as_json: bool) -> int:
    """Check a dispute bundle offline: signature, completeness, every fact; and count its seats once more.

    FILE is the whole of it: no database, no network, and nothing in it is believed or executed. Exit code 1, and a
    sentence that names the item, when anything does not hold.
    """
    note = earlier.read_bytes()[:_LONGEST_NOTE] if earlier is not None else None
    try:
        trust = trust_in(key, witnesses, note)
    except NoteError as error:
        raise click.UsageError(str(error)) from None
    with file.open("rb") as opened:
        report = checked(opened.read(LARGEST_BUNDLE + 1), trust, own())
    if as_json:
        rows = [{"name": each.name, "holds": each.holds, "sentence": each.sentence} for each in report.findings]
        give({"holds": report.holds, "checks": rows})
    else:
        _show(report)
    return int(not report.holds)


def _show(report: Report) -> None:
    for each in report.findings:
        mark, colour = ("holds ", "green") if each.holds else ("BROKEN", "red")
        click.secho(f"{mark} {each.name}: ", fg=colour, nl=False)
        click.echo(one_line(each.sentence))
    if report.holds:
        click.secho("Everything holds.", fg="green")
    else:
        click.secho("This bundle does not hold: do not rely on it.", fg="red")
