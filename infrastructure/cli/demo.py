"""The demo: a year of a small chain through the real import, then the disputed bill, replayed."""

import hashlib
import io
import shlex
from collections.abc import Sequence
from dataclasses import replace

import click

from domain import canonical
from domain.instants import write_instant
from infrastructure.cli.layouts import difference as difference_layout
from infrastructure.cli.layouts import seats as seats_layout
from infrastructure.cli.layouts import told
from infrastructure.cli.layouts.page import Page
from infrastructure.cli.progress import bar
from infrastructure.demo.scenes import Scenes, scenes
from infrastructure.demo.story import story
from infrastructure.settings import HOME, Settings
from infrastructure.wiring import Application, open_ledger
from projections.filters import Filter


@click.command()
@click.pass_obj
def demo(settings: Settings) -> None:
    """Load a year of a small chain and replay a disputed bill: as known then, as known now, and who did it.

    Nothing else is needed: the embedded PostgreSQL starts by itself, in a folder of its own beside your data.
    """
    lines = [canonical.write(fact) + b"\n" for fact in story()]
    if settings.database_url is None:
        # Another version of the program may tell another story; each has a ledger of its own.
        edition = hashlib.sha256(b"".join(lines)).hexdigest()[:8]
        settings = replace(settings, home=settings.home / f"demo-{edition}")
    scene = scenes()
    with open_ledger(settings) as application:
        _load(application, lines)
        _replay(application, scene)
    _farewell(settings, scene)


def _load(application: Application, lines: Sequence[bytes]) -> None:
    source = io.BytesIO(b"".join(lines))
    with bar("loading a year of three locations", sum(map(len, lines))) as shown:
        report = application.importer.run(
            source,
            name="the demo's story",
            by="demo",
            progress=lambda step: shown.at(step.done) if step.phase == "reading" else None,
        )
    already = f" ({report.already:,} were there already)" if report.already else ""
    click.echo(f"A year of three locations: {len(lines):,} facts{already}.")


def _replay(application: Application, scene: Scenes) -> None:
    books = application.books()
    catalogue = application.catalogues[max(application.catalogues)]
    place = scene.location
    page = Page(books.zone(place))

    _chapter(page, "1. The bill in dispute", f"What {place} was charged, and what the ledger says of it:")
    charges = books.charges(place, scene.known_now, scene.known_now)
    disputed = [row for row in charges["charges"] if row["charge"] == scene.charge]
    told.lay_out_charges(page, {**charges, "charges": disputed})

    _chapter(page, "2. As known then", "Who was billable on that day, with what was known when the charge was made:")
    then = books.seats(place, scene.on, scene.known_then)
    seats_layout.lay_out(page, then, books.citation(place, scene.known_now), catalogue)

    _chapter(page, "3. As known now, and why it differs", "The same day with what came to be known afterwards:")
    difference = books.difference(place, (scene.on, scene.known_then), (scene.on, scene.known_now))
    difference_layout.lay_out(page, difference, catalogue)

    _chapter(page, "4. New terms at a renewal", "The owner was free until the subscription renewed itself overnight:")
    switch = books.difference(place, (scene.old_terms, scene.known_now), (scene.new_terms, scene.known_now))
    rows = [row for row in switch["differences"] if row["account"] == scene.owner]
    difference_layout.lay_out(page, {**switch, "differences": rows}, catalogue)

    _chapter(page, "5. The stolen account", "Everything that came from a phone nobody knew:")
    told.lay_out_log(page, books.log(place, Filter(device=scene.device), None, scene.known_now))
    stolen = books.difference(place, (scene.before_theft, scene.known_now), (scene.during_theft, scene.known_now))
    page.say()
    page.say("What it did to the bill while it lasted:")
    difference_layout.lay_out(page, stolen, catalogue)


def _chapter(page: Page, title: str, sentence: str) -> None:
    page.say()
    page.say(title, "bold reverse")
    page.say(sentence)
    page.say()


def _farewell(settings: Settings, scene: Scenes) -> None:
    """How to go on from here, with commands that work as they stand."""
    if settings.database_url is None:
        ledger = f"{HOME}={shlex.quote(str(settings.home))} {settings.program}"
    else:
        ledger = f"{settings.program} --database URL"
    click.echo()
    click.echo("Look around in it yourself:")
    for question in (
        f"seats {scene.location} --on {scene.on}",
        f"explain {scene.location} {scene.seat} --on {scene.on} --known {write_instant(scene.known_then)}",
        f"access {scene.location} --account {scene.owner} --on {scene.new_terms}",
        f"history --location {scene.location} --account {scene.victim}",
        f"log --location {scene.location} --type CommandRefused",
        "verify",
    ):
        click.echo(f"  {ledger} {question}")
    click.echo()
    click.echo("Or in a browser, as its owner; the first prints a link for a password and a second step:")
    for command in (f"people add {scene.owner} --email {scene.owner}@lumen.example", "serve"):
        click.echo(f"  {ledger} {command}")
