"""The commands of the server: `serve` for the HTTP API and the web pages, and `keys`, by which systems come in."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import click

from domain.facts import Actor
from domain.instants import write_instant
from infrastructure.cli.parts import WORD, give, json_option
from infrastructure.door.caller import SCOPES, Places, Scope
from infrastructure.door.keys import Key, Keys
from infrastructure.http.house import build_house
from infrastructure.http.lanes import connections_needed
from infrastructure.http.serving import serve as run
from infrastructure.http.settings import read_serve_settings
from infrastructure.settings import Settings
from infrastructure.wiring import open_ledger
from projections.plain import one_line


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
    with open_ledger(settings, connections=connections_needed()) as application:
        try:
            house = build_house(application, chosen)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        run(house, started=lambda address: click.echo(f"Open {address} in a browser."))


@click.group()
def keys() -> None:
    """Keys by which systems come in over HTTP."""


@keys.command("add")
@click.argument("name", type=WORD)
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="May be given again.")
@click.option("--location", "locations", type=WORD, multiple=True, help="Good in this location; may be given again.")
@click.option("--chain", "chains", type=WORD, multiple=True, help="Good in all locations of this chain.")
@click.option("--everywhere", is_flag=True, help="Good in every location.")
@click.option(
    "--kind",
    type=click.Choice(["system", "api_key", "support"]),
    default="api_key",
    show_default=True,
    help="What the system is.",
)
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
        ends = application.store.now() + timedelta(days=days) if days is not None else None
        actor = Actor.read({"kind": kind, "id": name})
        made, text = Keys(application.store.connections).make(
            actor, scopes, Places(everywhere, frozenset(locations), frozenset(chains)), ends
        )
    if as_json:
        give({"id": made, "key": text})
        return
    click.echo(f"The key {made} of {name}; keep it safe, it is shown only now:", err=True)
    click.echo(text)


@keys.command("list")
@json_option
@click.pass_obj
def list_keys(settings: Settings, *, as_json: bool) -> None:
    """Say which keys there are: whose, what for, where, until when; never their text."""
    with open_ledger(settings) as application:
        found = Keys(application.store.connections).list()
    rows = [_written(key) for key in found]
    if as_json:
        give({"keys": rows})
        return
    for row in rows:
        places = "everywhere" if row["everywhere"] else ", ".join([*row["locations"], *row["chains"]])
        state = "revoked" if row["revoked_at"] else f"until {row['expires_at']}" if row["expires_at"] else "no end"
        click.echo(f"{row['id']}  {one_line(row['actor'])}  {' '.join(row['scopes'])}  {one_line(places)}  {state}")


@keys.command("revoke")
@click.argument("key", type=WORD)
@json_option
@click.pass_obj
def revoke_key(settings: Settings, key: str, *, as_json: bool) -> int:
    """End KEY (its id) at once."""
    with open_ledger(settings) as application:
        done = Keys(application.store.connections).revoke(key)
    if as_json:
        give({"id": key, "revoked": done})
    else:
        click.echo(f"{one_line(key)} is revoked." if done else f"There is no key {one_line(key)} that still works.")
    return int(not done)


def _written(key: Key) -> dict[str, Any]:
    def at(moment: datetime | None) -> str | None:
        return write_instant(moment) if moment is not None else None

    return {
        "id": key.id,
        "kind": key.actor.kind,
        "actor": key.actor.id,
        "scopes": sorted(key.scopes),
        "everywhere": key.places.everywhere,
        "locations": sorted(key.places.locations),
        "chains": sorted(key.places.chains),
        "made_at": at(key.made_at),
        "expires_at": at(key.expires_at),
        "revoked_at": at(key.revoked_at),
    }


SERVING = (serve, keys)
