"""What looks after the kept projections, and the question that they alone answer quickly: the whole fleet."""

import threading
import time
from contextlib import suppress
from functools import partial

import click
import psycopg

from domain.facts.billing import TermsName
from domain.terms import GENERATIONS
from infrastructure.basis import Moment
from infrastructure.cli.layouts import fleet as fleet_layout
from infrastructure.cli.parts import WORD, asked, basis_options, give, json_option
from infrastructure.cli.progress import Bar, bar
from infrastructure.kept.following import Follower
from infrastructure.kept.projector import KeptOutdatedError
from infrastructure.kept.rebuild import FEW, RebuildRunningError, Remade, remake
from infrastructure.rebuilding import PROJECTIONS
from infrastructure.rebuilding import rebuild as rebuilt
from infrastructure.settings import Settings
from infrastructure.store import Sequencer, StoreError
from infrastructure.wiring import Application, open_ledger
from projections.plain import one_line

_BETWEEN_REPORTS = 10.0
_QUICKER_ANEW = 20
"""How many facts are told by a rebuild in the time in which one is brought forward by itself."""


@click.command()
@click.argument("projection", required=False, metavar="[PROJECTION]", type=click.Choice(PROJECTIONS))
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes at work; one for each core unless given. On two cores 1 leaves the other to who works meanwhile.",
)
@json_option
@click.pass_obj
def rebuild(settings: Settings, projection: str | None, workers: int | None, as_json: bool) -> None:
    """Make what is kept anew from the facts, in parallel, beside what answers meanwhile, and put it in its place.

    With PROJECTION (seats, access, roster, charges, history or log) then answer it for every location and print a
    digest of the answers: two rebuilds of the same facts give the same, on any machine.
    """
    with open_ledger(settings) as application:
        began = time.monotonic()
        made = remade(application, workers)
        seconds = time.monotonic() - began
        if projection is None:
            if as_json:
                give({"position": made.position, "locations": made.locations, "irregular": made.irregular})
            else:
                click.echo(f"{made.locations:,} locations up to position {made.position:,} in {seconds:.1f} s")
            return
        with bar(f"answering {projection}", None) as shown:
            each = rebuilt(application, projection, partial(_show_locations, shown))
        if as_json:
            row = {"projection": each.projection, "locations": each.locations, "sha256": each.sha256}
            give({"position": each.position, "projections": [row]})
        else:
            click.echo(f"{each.projection}: {each.locations} locations up to position {each.position}")
            click.echo(f"    sha256 {each.sha256}")


class RebuildRefusedError(StoreError):
    """Who works here may not make tables."""


def remade(application: Application, workers: int | None = None) -> Remade:
    """Make the kept projections anew, with a bar. RebuildRefusedError where this user may not make tables."""
    with bar("reading facts", 1.0) as shown:
        said = ""

        def show(what: str, done: int, total: int) -> None:
            nonlocal said
            if what != said:
                shown.begin(what, 1.0)
                said = what
            shown.at(done / max(total, 1), f"{done} of {total}")

        try:
            return remake(application.store, application.catalogues, workers=workers, progress=show)
        except psycopg.errors.InsufficientPrivilege as error:
            raise RebuildRefusedError(
                "A rebuild makes tables, and this user may not: run it as the one who applies migrations."
            ) from error


def keep_up(application: Application) -> None:
    """After many facts came at once, keep them: forward from where it stands, or all anew where that is less work."""
    last, kept = application.store.sequence(), application.kept.position()
    if last - kept > FEW and (last - kept) * _QUICKER_ANEW > last:
        with suppress(RebuildRefusedError):
            with suppress(RebuildRunningError):
                remade(application)
            return
    if last > kept:
        with bar("keeping", last - kept) as shown, suppress(KeptOutdatedError):
            application.projector.bring_forward(
                last, progress=lambda done, _last: shown.at(done - kept, f"{done - kept:,} facts")
            )


def _show_locations(shown: Bar, done: int, total: int) -> None:
    shown.at(done, f"{done} of {total} locations")


@click.command()
@click.option(
    "--seconds", type=click.FloatRange(min=0), help="End after so many seconds; until interrupted if left out."
)
@json_option
@click.pass_obj
def keep(settings: Settings, seconds: float | None, as_json: bool) -> None:
    """Give positions and keep the projections up to date within a second of each append, until interrupted.

    Says every few seconds where it stands, and at once when an open transaction holds everything back.
    """
    with open_ledger(settings) as application:
        store, end = application.store, threading.Event()
        began = time.monotonic()
        with Sequencer(store) as sequencer, Follower(store, application.projector) as follower:
            alarm: str | None = None
            reported = 0.0
            while seconds is None or time.monotonic() - began < seconds:
                if sequencer.watcher.alarm is not None and alarm is None:
                    click.echo(one_line(sequencer.watcher.alarm), err=True)
                alarm = sequencer.watcher.alarm
                if time.monotonic() - reported >= _BETWEEN_REPORTS:
                    reported = time.monotonic()
                    behind = store.last_position() - follower.position
                    click.echo(f"kept up to position {follower.position:,}, {behind:,} behind", err=True)
                end.wait(0.2)
        if as_json:
            give({"position": follower.position})
        else:
            click.echo(f"kept up to position {follower.position:,}")


@click.command()
@click.option("--terms", type=click.Choice(list(GENERATIONS)), help="Judge every location by this generation.")
@click.option("--chain", type=WORD, help="Only the locations that belonged to this chain.")
@basis_options
@click.pass_obj
def fleet(
    settings: Settings,
    on: Moment,
    known: Moment,
    position: int | None,
    *,
    terms: TermsName | None,
    chain: str | None,
    as_json: bool,
) -> None:
    """The billable seats of every location at a date, each by its own terms, or all by one generation."""
    with asked(settings, position) as (_, books):
        answer = books.fleet(on, known, terms=terms, chain=chain)
        if as_json:
            give(answer)
            return
        fleet_layout.lay_out(answer)


KEEPING = (fleet, rebuild, keep)
