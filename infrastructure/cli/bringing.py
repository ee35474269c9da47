"""What brings facts in: the import of history, and commands."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click

from domain import canonical
from domain.canonical import NotCanonicalError
from domain.facts import InvalidFactError
from domain.limits import NAME_LENGTH
from infrastructure.cli.keeping import keep_up
from infrastructure.cli.parts import WORD, give, json_option, plain_text
from infrastructure.cli.progress import bar
from infrastructure.desk import Outcome
from infrastructure.importing import ImportRefusedError, Report, Step
from infrastructure.importing.lines import read_lines
from infrastructure.outcomes import outcome_written
from infrastructure.settings import Settings
from infrastructure.wiring import Application, open_ledger
from projections.plain import one_line

source_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))


@click.command("import")
@source_argument
@click.option(
    "--skip-bad",
    is_flag=True,
    help="Append the good lines; write the bad ones, with reasons, to FILE.refused.jsonl (or --refused).",
)
@click.option("--refused", type=click.Path(dir_okay=False, path_type=Path), help="Where --skip-bad writes bad lines.")
@click.option("--by", type=WORD, help="Who imports; the user of this computer if left out.")
@json_option
@click.pass_obj
def import_facts(
    settings: Settings, file: Path, skip_bad: bool, refused: Path | None, by: str | None, as_json: bool
) -> int:
    """Append the facts of FILE (JSON Lines; - is standard input): all, or nothing. A second run changes nothing."""
    if refused is not None and not skip_bad:
        raise click.UsageError("--refused goes with --skip-bad.")
    if by is not None and not 0 < len(by) <= NAME_LENGTH:
        raise click.UsageError(f"--by is a name of 1 to {NAME_LENGTH} characters.")
    rejects = (refused or Path(f"{'stdin' if str(file) == '-' else file}.refused.jsonl")) if skip_bad else None
    if rejects is not None and rejects.exists() and file.exists() and rejects.samefile(file):
        raise click.UsageError("--refused names the file that is to be imported; name another one.")
    with ExitStack() as stack:
        source = _source(stack, file)
        application = stack.enter_context(open_ledger(settings))
        written_to = stack.enter_context(rejects.open("w", encoding="utf-8")) if rejects is not None else None
        total = file.stat().st_size if str(file) != "-" else None
        try:
            who = by or user_of_this_computer()
            report = _run_import(application, source, plain_text(file), who, written_to, total)
        except ImportRefusedError as error:
            return _refuse_import(error, as_json=as_json)
        keep_up(application)
    if as_json:
        give({"appended": report.appended, "already": report.already, "refused": report.refused})
    else:
        click.echo(f"{report.appended:,} facts appended, {report.already:,} already there.")
        if report.refused and rejects is not None:
            click.echo(
                f"{_lines(report.refused)} refused, to be found with the reasons in {one_line(plain_text(rejects))}."
            )
    return 1 if report.refused else 0


def _source(stack: ExitStack, file: Path) -> BinaryIO:
    """The bytes of a file, or of standard input for -."""
    if str(file) != "-":
        return stack.enter_context(file.open("rb"))
    if sys.stdin is None:
        raise click.UsageError("Standard input is closed; name a file, or give something to read.")
    return sys.stdin.buffer


def _lines(count: int) -> str:
    return "One line" if count == 1 else f"{count:,} lines"


def _seats(count: int) -> str:
    return "1 billable seat" if count == 1 else f"{count} billable seats"


def _run_import(
    application: Application, source: BinaryIO, name: str, by: str, rejects: TextIO | None, total: int | None
) -> Report:
    with bar("reading", total) as shown:
        phase = "reading"

        def progress(step: Step) -> None:
            nonlocal phase
            if step.phase != phase:
                phase = step.phase
                shown.begin(phase, step.of)
            what = "lines" if phase == "reading" else "facts"
            rate = "" if phase == "checking" else f", {step.facts / shown.elapsed:,.0f} a second"
            shown.at(step.done, f"{step.facts:,} {what}{rate}")

        def remark(sentence: str) -> None:
            click.echo(one_line(sentence), err=True)

        return application.importer.run(source, name=name, by=by, rejects=rejects, progress=progress, remark=remark)


def _refuse_import(error: ImportRefusedError, *, as_json: bool) -> int:
    if as_json:
        rows = [{"line": bad.line, "field": bad.field, "reason": bad.reason} for bad in error.bad]
        give({"appended": 0, "refused": error.count, "bad": rows})
        return 1
    for bad in error.bad:
        click.echo(one_line(str(bad)), err=True)
    if error.count > len(error.bad):
        click.echo(f"and {error.count - len(error.bad):,} more", err=True)
    click.echo(f"Error: {error}; mend it, or import the rest with --skip-bad.", err=True)
    return 1


def user_of_this_computer() -> str:
    """By what name whoever works here is known to this computer."""
    try:
        return plain_text(getpass.getuser())[:NAME_LENGTH] or "unknown"
    except (KeyError, OSError):
        return "unknown"


@click.command()
@source_argument
@click.option("--dry-run", is_flag=True, help="Say what would be appended and what it does to the seats, no more.")
@json_option
@click.pass_obj
def submit(settings: Settings, file: Path, dry_run: bool, as_json: bool) -> int:
    """Give the commands of FILE (JSON Lines; - is standard input), one after the other.

    Each is {"command", "location", "actor", "device", "id", "data"}. A refused command is on the security log and
    stops nothing; the exit code is 1 if any was refused.
    """
    code = 0
    with ExitStack() as stack:
        source = _source(stack, file)
        application = stack.enter_context(open_ledger(settings))
        for line, outcome in _outcomes(application, source, dry_run=dry_run):
            if isinstance(outcome, str):
                code = 1
                give({"line": line, "error": outcome}) if as_json else click.echo(
                    f"line {line}: {one_line(outcome)}", err=True
                )
                continue
            answer = outcome_written(application, outcome, dry_run=dry_run)
            code = code or int("refused" in answer)
            if as_json:
                give({"line": line, **answer})
            else:
                _tell(line, answer, dry_run=dry_run)
    return code


def _outcomes(application: Application, source: BinaryIO, *, dry_run: bool) -> Iterator[tuple[int, Outcome | str]]:
    for number, content, _ in read_lines(source):
        if content is None:
            yield number, "this line is longer than any command"
            continue
        try:
            yield number, application.desk.submit(canonical.read(content), dry_run=dry_run)
        except (NotCanonicalError, InvalidFactError) as error:
            yield number, str(error)


def _tell(line: int, answer: dict[str, Any], *, dry_run: bool) -> None:
    if "refused" in answer:
        click.secho(f"line {line}: {answer['command']} refused ({answer['refused']}): ", fg="red", nl=False)
        click.echo(one_line(answer["sentence"]))
        return
    facts = answer["would_append" if dry_run else "appended"]
    names = ", ".join(fact["type"] for fact in facts)
    verb = "would append" if dry_run else "sent before; appended then" if answer.get("repeated") else "appended"
    click.secho(f"line {line}: {answer['command']} {verb} {names}", fg="green")
    for refusal in answer.get("refusals", []):
        click.echo(f"    but not in {refusal['location']} ({refusal['refused']}): {one_line(refusal['sentence'])}")
    for effect in answer.get("effect", []):
        before, after = effect["before"], effect["after"]
        click.echo(f"    {effect['location']}: {_seats(before['billable'])}, then {after['billable']}")
        for seat in effect["seats"]:
            word = "goes" if seat["after"] is None else "billable" if seat["after"]["billable"] else "free"
            click.echo(f"        {one_line(seat['name'])}: {word}")
