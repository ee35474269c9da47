"""The commands about webhooks: who is told of which facts, what came of it, and telling again."""

import click

from infrastructure.books import NotFoundError
from infrastructure.cli.parts import WORD, give, json_option
from infrastructure.door.caller import Places
from infrastructure.settings import Settings
from infrastructure.webhooks.addresses import AddressError
from infrastructure.webhooks.rules import read_rules
from infrastructure.webhooks.subscriptions import State, Subscriptions
from infrastructure.wiring import open_ledger
from projections.plain import one_line

_POSITION = click.IntRange(min=0)


@click.group()
def webhooks() -> None:
    """Tell other systems of new facts, by the Standard Webhooks scheme; `serve` delivers."""


@webhooks.command()
@click.argument("url", type=WORD)
@click.option("--type", "types", type=WORD, multiple=True, help="Only facts of this type; may be given again.")
@click.option("--location", "locations", type=WORD, multiple=True, help="Of this location; may be given again.")
@click.option("--chain", "chains", type=WORD, multiple=True, help="Of all locations of this chain.")
@click.option("--everywhere", is_flag=True, help="Of every location.")
@click.option("--after", type=_POSITION, help="From this position on; from now on unless given.")
@json_option
@click.pass_obj
def add(
    settings: Settings,
    url: str,
    types: tuple[str, ...],
    locations: tuple[str, ...],
    chains: tuple[str, ...],
    *,
    everywhere: bool,
    after: int | None,
    as_json: bool,
) -> None:
    """Tell URL of facts. The secret to check signatures with is shown this once."""
    if not (everywhere or locations or chains):
        raise click.UsageError("Say of which places: --location, --chain or --everywhere.")
    places = Places(everywhere, frozenset(locations), frozenset(chains))
    with open_ledger(settings) as application:
        subscriptions = Subscriptions(application.store.connections, read_rules())
        try:
            name, secret = subscriptions.add(url, places, types=types or None, after=after)
        except (AddressError, ValueError) as error:
            raise click.UsageError(str(error)) from None
    if as_json:
        give({"id": name, "secret": secret})
        return
    click.echo(f"The webhook {name}; keep its secret safe, it is shown only now:", err=True)
    click.echo(secret)


@webhooks.command("list")
@json_option
@click.pass_obj
def listed(settings: Settings, as_json: bool) -> None:
    """Show every subscription and how far it is."""
    with open_ledger(settings) as application:
        found = Subscriptions(application.store.connections, read_rules()).listed()
    if as_json:
        give({"webhooks": [each.written() for each in found]})
        return
    for each in found:
        told = f"at {each.position:,}, {each.waiting:,} waiting, {each.dead:,} dead"
        click.echo(one_line(f"{each.id}  {each.url}  {told}"))


@webhooks.command()
@click.argument("name", type=WORD)
@json_option
@click.pass_obj
def remove(settings: Settings, name: str, as_json: bool) -> None:
    """End the subscription NAME, with all that waits for it."""
    with open_ledger(settings) as application:
        found = Subscriptions(application.store.connections, read_rules()).remove(name)
    _tell(name, "is told nothing any more.", found=found, as_json=as_json)


@webhooks.command()
@click.argument("name", type=WORD)
@click.option("--after", type=_POSITION, required=True, help="Everything after this position is told again.")
@json_option
@click.pass_obj
def replay(settings: Settings, name: str, after: int, as_json: bool) -> None:
    """Tell NAME everything after a position again, what is dead and what was delivered, under the same ids."""
    with open_ledger(settings) as application:
        found = Subscriptions(application.store.connections, read_rules()).replay(name, after)
    _tell(name, f"is told again what comes after position {after:,}.", found=found, as_json=as_json)


@webhooks.command()
@click.argument("name", type=WORD)
@click.option("--state", type=click.Choice(["waiting", "delivered", "dead"]), help="Only those.")
@click.option("--before", type=_POSITION, help="Only those of facts before this position.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Rows at most.")
@json_option
@click.pass_obj
def deliveries(
    settings: Settings, name: str, *, state: State | None, before: int | None, limit: int, as_json: bool
) -> None:
    """Show what NAME was told, is to be told, or never heard: the newest first, with each try."""
    with open_ledger(settings) as application:
        subscriptions = Subscriptions(application.store.connections, read_rules())
        found = subscriptions.deliveries(name, state=state, before=before, limit=limit)
    if as_json:
        give({"deliveries": found})
        return
    for each in found:
        last = each["tries"][-1] if each["tries"] else {}
        said = last.get("error") or (f"status {last['status']}" if last.get("status") else "not tried")
        click.echo(one_line(f"{each['message']}  {each['state']}, {each['attempts']} tries, {said}"))


def _tell(name: str, what: str, *, found: bool, as_json: bool) -> None:
    """Say what was done. NotFoundError when there is no such webhook."""
    if not found:
        raise NotFoundError(f"There is no webhook {name}.")
    if as_json:
        give({"id": name})
    else:
        click.echo(one_line(f"The webhook {name} {what}"))
