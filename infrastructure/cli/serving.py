"""The commands of the server: `serve` for the HTTP API and the web pages, and `keys`, by which systems come in."""

from dataclasses import replace
from datetime import timedelta

import click

from domain.facts import Actor
from infrastructure.cli.parts import WORD, give, json_option
from infrastructure.door.caller import SCOPES, Places, Scope
from infrastructure.http.house import build_house
from infrastructure.http.serving import serve as run
from infrastructure.http.settings import read_serve_settings
from infrastructure.settings import Settings
from infrastructure.wiring import open_ledger


@click.command()
@click.option("--host", help="The address to listen on (else ACCESSLEDGER_HOST, else 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port; 0 takes a free one (else 8765).")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the HTTP API and the web pages until interrupted."""
    try:
        chosen = read_serve_settings()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    chosen = replace(chosen, host=host or chosen.host, port=chosen.port if port is None else port)
    with open_ledger(settings) as application:
        run(build_house(application, chosen), started=lambda address: click.echo(f"Open {address} in a browser."))


@click.group()
def keys() -> None:
    """Keys by which systems come in over HTTP."""


@keys.command("add")
@click.argument("name", type=WORD)
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="May be given again.")
@click.option("--location", "locations", type=WORD, multiple=True, help="Good in this location; may be given again.")
@click.option("--chain", "chains", type=WORD, multiple=True, help="Good in all locations of this chain.")
@click.option("--everywhere", is_flag=True, help="Good in every location.")
@click.option("--kind", type=click.Choice(["system", "api_key", "support"]), default="api_key", show_default=True)
@click.option("--days", type=click.IntRange(min=1), help="Ends after so many days; never unless given.")
@json_option
@click.pass_obj
def add_key(
    settings: Settings,
    name: str,
    scopes: tuple[Scope, ...],
    locations: tuple[str, ...],
    chains: tuple[str, ...],
    *,
    everywhere: bool,
    kind: str,
    days: int | None,
    as_json: bool,
) -> None:
    """Make a key for the system NAME. It is shown this once."""
    if not (everywhere or locations or chains):
        raise click.UsageError("Say where the key is good: --location, --chain or --everywhere.")
    with open_ledger(settings) as application:
        house = build_house(application, read_serve_settings())
        ends = application.store.now() + timedelta(days=days) if days is not None else None
        actor = Actor.read({"kind": kind, "id": name})
        made, text = house.keys.make(actor, scopes, Places(everywhere, frozenset(locations), frozenset(chains)), ends)
    if as_json:
        give({"id": made, "key": text})
        return
    click.echo(f"The key {made} of {name}; keep it safe, it is shown only now:", err=True)
    click.echo(text)


SERVING = (serve, keys)
