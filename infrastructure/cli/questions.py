"""The questions: one command each, the answer laid out or as JSON (answers.md)."""

from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

import click

from domain.facts import FACT_TYPES
from domain.instants import RESOLUTION, end_of_day, start_of_day
from infrastructure.books import Moment
from infrastructure.cli.layouts import access as access_layout
from infrastructure.cli.layouts import difference as difference_layout
from infrastructure.cli.layouts import explanation as explanation_layout
from infrastructure.cli.layouts import seats as seats_layout
from infrastructure.cli.layouts import told
from infrastructure.cli.layouts.page import Page
from infrastructure.cli.parts import MOMENT, WORD, asked, basis_options, give, json_option, position_option
from infrastructure.settings import Settings
from projections import paging
from projections.filters import NOTHING, Filter, Outcome, Without

location_argument = click.argument("location", type=WORD)


@click.command()
@location_argument
@basis_options
@click.pass_obj
def seats(settings: Settings, location: str, on: Moment, known: Moment, position: int | None, as_json: bool) -> None:
    """Who was a billable seat of LOCATION, by which rule, because of which fact."""
    with asked(settings, position) as (application, books):
        answer = books.seats(location, on, known)
        if as_json:
            give(answer)
            return
        catalogue = application.catalogues[max(application.catalogues)]
        seats_layout.lay_out(Page(books.zone(location)), answer, books.citation(location, known), catalogue)


@click.command()
@location_argument
@click.option("--on", "ons", type=MOMENT, multiple=True, help="Give it twice: one list, the other list.")
@click.option("--known", "knowns", type=MOMENT, multiple=True, help="Once for both lists, or twice, one each.")
@position_option
@json_option
@click.pass_obj
def diff(
    settings: Settings,
    location: str,
    ons: tuple[Moment, ...],
    knowns: tuple[Moment, ...],
    position: int | None,
    as_json: bool,
) -> None:
    """Two lists of LOCATION, and for each seat that differs the smallest set of facts that makes the difference."""
    if len(ons) > 2 or len(knowns) > 2 or (len(ons) < 2 and len(knowns) < 2):
        raise click.UsageError("Name two points: --on twice, or --known twice, or both twice.")
    one_on, other_on = (ons * 2)[:2] if ons else (None, None)
    one_known, other_known = (knowns * 2)[:2] if knowns else (None, None)
    with asked(settings, position) as (application, books):
        answer = books.difference(location, (one_on, one_known), (other_on, other_known))
        if as_json:
            give(answer)
            return
        catalogue = application.catalogues[max(application.catalogues)]
        difference_layout.lay_out(Page(books.zone(location)), answer, catalogue)


@click.command()
@location_argument
@click.argument("seat", type=WORD)
@basis_options
@click.pass_obj
def explain(
    settings: Settings, location: str, seat: str, on: Moment, known: Moment, position: int | None, as_json: bool
) -> None:
    """Why SEAT (a member's or an account's id) of LOCATION is billable or not, rule by rule."""
    with asked(settings, position) as (_, books):
        answer = books.explanation(location, seat, on, known)
        if as_json:
            give(answer)
            return
        explanation_layout.lay_out(Page(books.zone(location)), answer)


@click.command()
@location_argument
@click.option("--account", help="Only this account; every right is listed then.")
@basis_options
@click.pass_obj
def access(
    settings: Settings,
    location: str,
    account: str | None,
    on: Moment,
    known: Moment,
    position: int | None,
    as_json: bool,
) -> None:
    """Who held which role, rights and scopes in LOCATION."""
    with asked(settings, position) as (_, books):
        answer = books.access(location, on, known, account=account)
        if as_json:
            give(answer)
            return
        access_layout.lay_out(Page(books.zone(location)), answer, whole=account is not None)


@click.command()
@location_argument
@basis_options
@click.pass_obj
def roster(settings: Settings, location: str, on: Moment, known: Moment, position: int | None, as_json: bool) -> None:
    """Everybody of LOCATION: member, linked user, role, schedule, invitation, last sign-in, two-step."""
    with asked(settings, position) as (_, books):
        answer = books.roster(location, on, known)
        if as_json:
            give(answer)
            return
        told.lay_out_roster(Page(books.zone(location)), answer)


@click.command()
@location_argument
@basis_options
@click.pass_obj
def charges(settings: Settings, location: str, on: Moment, known: Moment, position: int | None, as_json: bool) -> None:
    """What LOCATION was billed, and the seats it rested on, as known then and as known now."""
    with asked(settings, position) as (_, books):
        answer = books.charges(location, on, known)
        if as_json:
            give(answer)
            return
        told.lay_out_charges(Page(books.zone(location)), answer)


_FILTERS = (
    click.option("--location", type=WORD, help="Only this location."),
    click.option("--member", help="About this team member."),
    click.option("--account", help="About this account."),
    click.option("--actor", help="Done by this actor, or on behalf of it."),
    click.option("--device", help="From this device (its id)."),
    click.option("--ip", help="From this address."),
    click.option("--right", help="Giving or taking this right."),
    click.option("--outcome", type=click.Choice(("done", "refused")), help="Only what was done, or refused."),
    *(
        click.option(f"--not-{name}", f"{name}s", multiple=True, help=f"Leave out this {name}; may be given again.")
        for name in ("member", "account", "actor", "device", "ip", "right")
    ),
    click.option("--from", "since", type=MOMENT, help="Known from then on: an instant, or the start of a date."),
    click.option("--to", "until", type=MOMENT, help="Known before then: an instant, or the end of a date."),
    click.option("--limit", type=click.IntRange(min=1), help="Only the newest rows, at most so many."),
    click.option(
        "--before",
        type=click.IntRange(min=1),
        help="With --limit: the newest before this position, the `earlier` of the page after it.",
    ),
)


@click.command()
@basis_options
@click.pass_obj
def history(
    settings: Settings, /, as_json: bool, position: int | None, on: Moment, known: Moment, **asked_for: object
) -> None:
    """Who changed what, when, from which device: one sentence a change."""
    _tell(settings, "history", asked_for, (on, known, position), types=(), as_json=as_json)


@click.command()
@click.option(
    "--type",
    "types",
    multiple=True,
    type=click.Choice(sorted(FACT_TYPES)),
    metavar="TYPE",
    help="Only this type of fact; may be given again.",
)
@basis_options
@click.pass_obj
def log(
    settings: Settings,
    /,
    types: tuple[str, ...],
    as_json: bool,
    position: int | None,
    on: Moment,
    known: Moment,
    **asked_for: object,
) -> None:
    """The security log: every fact, sign-ins, exports and refused attempts included."""
    _tell(settings, "log", asked_for, (on, known, position), types=types, as_json=as_json)


for option in reversed(_FILTERS):
    history = option(history)
    log = option(log)


def _tell(
    settings: Settings,
    question: str,
    asked_for: dict[str, object],
    basis: tuple[Moment, Moment, int | None],
    *,
    types: tuple[str, ...],
    as_json: bool,
) -> None:
    location, page = asked_for.pop("location"), _page(asked_for)
    on, known, position = basis
    with asked(settings, position) as (_, books):
        zone = books.zone(str(location)) if location is not None else ZoneInfo("UTC")
        wanted = _filter(asked_for, types, zone)
        place = str(location) if location is not None else None
        ask = books.history if question == "history" else books.log
        answer = ask(place, wanted, on, known, page=page)
        if as_json:
            give(answer)
            return
        lay_out = told.lay_out_history if question == "history" else told.lay_out_log
        lay_out(Page(zone), answer)
        if answer.get("earlier") is not None:
            click.echo(f"There is more before: ask again with --before {answer['earlier']}.", err=True)


def _page(asked_for: dict[str, object]) -> paging.Page | None:
    limit, before = asked_for.pop("limit"), asked_for.pop("before")
    if limit is None and before is not None:
        raise click.UsageError("--before asks for a page: say with --limit how many rows it has.")
    assert isinstance(before, int | None)
    return paging.Page(limit, before) if isinstance(limit, int) else None


def _filter(asked_for: dict[str, object], types: tuple[str, ...], zone: ZoneInfo) -> Filter:
    since, until = asked_for.pop("since"), asked_for.pop("until")
    outcome = cast("Outcome | None", asked_for.pop("outcome"))
    texts = {key: value for key, value in asked_for.items() if isinstance(value, str)}
    left_out = {key: frozenset(value) for key, value in asked_for.items() if isinstance(value, tuple) and value}
    return Filter(
        **texts,
        types=frozenset(types) if types else None,
        since=_begin(since, zone),
        until=_end(until, zone),
        outcome=outcome,
        without=Without(**left_out) if left_out else NOTHING,
    )


def _begin(moment: object, zone: ZoneInfo) -> datetime | None:
    """The first instant that a moment stands for."""
    if isinstance(moment, datetime) or moment is None:
        return moment
    assert isinstance(moment, date)
    return start_of_day(moment, zone)


def _end(moment: object, zone: ZoneInfo) -> datetime | None:
    """The first instant after what a moment stands for."""
    if isinstance(moment, datetime) or moment is None:
        return moment
    assert isinstance(moment, date)
    return end_of_day(moment, zone) + RESOLUTION


QUESTIONS = (seats, diff, explain, access, history, log, roster, charges)
