"""The command `retain`: how long observations are kept, what is held, what is due, and the retiring itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from domain.instants import read_instant, write_instant
from domain.retention import CLASSES, LEAST_MONTHS, MOST_MONTHS, ObservationClass
from infrastructure.cli.parts import WORD, give, json_option
from infrastructure.retention.planning import DueYear
from infrastructure.retention.retaining import Dropped, NotRetiredError, Retaining
from infrastructure.retention.rules import Hold, Term
from infrastructure.settings import Settings
from infrastructure.store import Retirement
from infrastructure.wiring import open_ledger
from projections.plain import one_line

Command = TypeVar("Command", bound=Callable[..., Any])
_NAMES = tuple(name.replace("_", "-") for name in CLASSES)


class _Instant(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant; wrong usage, with the reason, when there is none."""
        if isinstance(value, datetime):
            return value
        try:
            return read_instant(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _why(command: Command) -> Command:
    """Who does it, and why: both are kept. And the answer as JSON."""
    by = click.option("--by", type=WORD, required=True, help="Who decides this.")
    because = click.option("--because", type=WORD, required=True, help="Why: a policy, a dispute, a ticket.")
    return by(because(json_option(command)))


@click.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Retire nothing; say what is due, and what stays though it is due.")
@click.option("--drop", is_flag=True, help="Drop for good what was retired, where a signed checkpoint covers it.")
@json_option
@click.pass_context
def retain(context: click.Context, dry_run: bool, drop: bool, as_json: bool) -> None:
    """Retire the observations whose term is over; nothing that is held. `serve` does this once a day.

    Retired tables are kept, and questions go on without them. Terms are set class by class with `retain term`; without
    one a class is kept for ever.
    """
    if context.invoked_subcommand is not None:
        return
    if dry_run and drop:
        raise click.UsageError("Give --dry-run or --drop, not both.")
    settings = context.find_object(Settings)
    assert settings is not None
    with open_ledger(settings) as application:
        retaining = Retaining(application.store, application.projector)
        if dry_run:
            _say_due(retaining, as_json=as_json)
        elif drop:
            context.exit(_drop(retaining, as_json=as_json))
        else:
            _say_retired(
                retaining.run(progress=lambda said: click.echo(said, err=True)),
                retaining.rules.terms(),
                as_json=as_json,
            )


@retain.command("term")
@click.argument("name", metavar="CLASS", type=click.Choice(_NAMES))
@click.argument("months", metavar="MONTHS|ever")
@_why
@click.pass_obj
def set_term(settings: Settings, name: str, months: str, by: str, because: str, *, as_json: bool) -> None:
    """Keep the observations of CLASS for so many months (at least twelve), or for `ever`."""
    wanted = None if months == "ever" else int(months) if months.isdecimal() else 0
    if wanted is not None and not LEAST_MONTHS <= wanted <= MOST_MONTHS:
        raise click.UsageError(f"Give {LEAST_MONTHS} to {MOST_MONTHS} months, or `ever`.")
    with open_ledger(settings) as application:
        retaining = Retaining(application.store, application.projector)
        retaining.rules.set_term(_class(name), wanted, by=by, reason=because)
    said = "for ever" if wanted is None else f"for {wanted} months"
    if as_json:
        give({"class": _class(name), "months": wanted})
    else:
        click.echo(f"{name} are kept {said} from now on.")


@retain.command("hold")
@click.option("--location", type=WORD, help="Of this location; of all unless given.")
@click.option("--class", "name", type=click.Choice(_NAMES), help="Of this class; of all unless given.")
@click.option("--until", type=_Instant(), help="An instant at which the hold ends; until it is released unless given.")
@_why
@click.pass_obj
def hold(
    settings: Settings,
    location: str | None,
    name: str | None,
    until: datetime | None,
    by: str,
    because: str,
    *,
    as_json: bool,
) -> None:
    """Hold observations: they are neither retired nor dropped, whatever their term."""
    with open_ledger(settings) as application:
        number = Retaining(application.store, application.projector).rules.place_hold(
            by=by, reason=because, location=location, name=_class(name) if name is not None else None, ends_at=until
        )
    if as_json:
        give({"id": number})
    else:
        click.echo(f"Hold {number} is in force.")


@retain.command("release")
@click.argument("number", metavar="HOLD", type=click.IntRange(min=1))
@_why
@click.pass_obj
def release(settings: Settings, number: int, by: str, because: str, *, as_json: bool) -> None:
    """End HOLD (its number) before its time."""
    with open_ledger(settings) as application:
        Retaining(application.store, application.projector).rules.release_hold(number, by=by, reason=because)
    if as_json:
        give({"id": number, "released": True})
    else:
        click.echo(f"Hold {number} is released.")


def _class(name: str) -> ObservationClass:
    return CLASSES[_NAMES.index(name)]


def _say_due(retaining: Retaining, *, as_json: bool) -> None:
    due, terms, holds = retaining.due(), retaining.rules.terms(), retaining.rules.holds()
    if as_json:
        give({"due": [_due(each) for each in due], "terms": list(map(_term, terms)), "holds": list(map(_hold, holds))})
        return
    for term in terms:
        said = "for ever" if term.months is None else f"{term.months} months"
        click.echo(f"{term.name.replace('_', '-')}: {said}, set by {one_line(term.set_by)}: {one_line(term.reason)}")
    if not terms:
        click.echo("No term is set: every observation is kept for ever.")
    for each in holds:
        click.secho(one_line(each.sentence()), fg="yellow")
    for year in due:
        stays = f"; {year.held:,} are held" if year.held else ""
        stays += f"; {year.named:,} belong to facts that decide and stay" if year.named else ""
        click.echo(f"due: {year.facts:,} observations of {year.year}{stays}")
    if terms and not due:
        click.echo("Nothing is due.")


def _say_retired(retired: list[Retirement], terms: list[Term], *, as_json: bool) -> None:
    if as_json:
        give({"retired": [{"table": each.partition, "facts": each.facts} for each in retired]})
        return
    for each in retired:
        click.echo(f"Retired: {each.facts:,} observations of {each.starts.year}.")
    if not retired:
        click.echo("Nothing is due." if terms else "No term is set: every observation is kept for ever.")


def _drop(retaining: Retaining, *, as_json: bool) -> int:
    done: list[Dropped] = []
    refused: list[NotRetiredError] = []
    for each in retaining.drop():
        if isinstance(each, Dropped):
            done.append(each)
        else:
            refused.append(each)
    if as_json:
        dropped = [{"table": each.table, "facts": each.facts, "root": each.root.hex()} for each in done]
        give({"dropped": dropped, "kept": [str(each) for each in refused]})
        return int(bool(refused))
    for gone in done:
        click.echo(f"Dropped: {gone.table}, {gone.facts:,} facts; the head log says so, by the root {gone.root.hex()}.")
    for error in refused:
        click.secho(one_line(str(error)), fg="yellow")
    if not done and not refused:
        click.echo("Nothing is retired.")
    return int(bool(refused))


def _due(each: DueYear) -> dict[str, Any]:
    types = list(each.types) if each.types is not None else None
    return {"year": each.year, "types": types, "facts": each.facts, "held": each.held, "named": each.named}


def _term(each: Term) -> dict[str, Any]:
    return {"class": each.name, "months": each.months, "by": each.set_by, "reason": each.reason}


def _hold(each: Hold) -> dict[str, Any]:
    return {
        "id": each.id,
        "location": each.location,
        "class": each.name,
        "until": write_instant(each.ends_at) if each.ends_at is not None else None,
        "by": each.placed_by,
        "reason": each.reason,
    }
