"""The commands about people who sign in here: and links for auditors from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click

from infrastructure.cli.parts import WORD
from infrastructure.door.caller import Places
from infrastructure.door.people import PeopleError
from infrastructure.door.settings import read_door_settings
from infrastructure.http.house import House, build_house
from infrastructure.http.settings import read_serve_settings
from infrastructure.settings import Settings
from infrastructure.wiring import open_ledger
from projections.plain import one_line


@click.group()
def people() -> None:
    """People who sign in here with a password and a second step."""


@people.command("add")
@click.argument("account", type=WORD)
@click.option("--email", type=WORD, required=True, help="Where letters with codes go.")
@click.pass_obj
def add_person(settings: Settings, account: str, email: str) -> None:
    """Let ACCOUNT sign in here. The link for the first password is shown this once; it is good for a day."""
    with _house(settings) as house:
        try:
            token = house.door.people.add(account, email)
        except PeopleError as error:
            raise click.UsageError(str(error)) from None
        _give_link(house, account, token)


@people.command("list")
@click.pass_obj
def list_people(settings: Settings) -> None:
    """Everybody who ever could sign in here: account, address, state, second steps."""
    with _house(settings) as house:
        for each in house.door.people.list():
            state = "ended" if each.ended_at else "active" if each.has_password else "waits for a password"
            click.echo("\t".join((each.account, each.email, state, ", ".join(each.channels) or "no second step yet")))


@people.command("reset")
@click.argument("account", type=WORD)
@click.option("--second-steps", is_flag=True, help="Forget the second steps too: the phone is lost.")
@click.pass_obj
def reset_person(settings: Settings, account: str, *, second_steps: bool) -> None:
    """Forget ACCOUNT's password, end its sessions and show a new link."""
    with _house(settings) as house:
        try:
            token = house.door.people.reset(account)
        except PeopleError as error:
            raise click.UsageError(str(error)) from None
        house.sessions.end_all(account)
        if second_steps:
            _forget_second_steps(house, account)
        _give_link(house, account, token)


@people.command("end")
@click.argument("account", type=WORD)
@click.pass_obj
def end_person(settings: Settings, account: str) -> None:
    """Let ACCOUNT sign in here no longer; its sessions end at once."""
    with _house(settings) as house:
        _forget_second_steps(house, account)
        ended, sessions = house.door.people.end(account), house.sessions.end_all(account)
    if not ended and not sessions:
        raise click.UsageError(f"{account} does not sign in here, and has no session.")
    click.echo(f"{account} signs in here no longer; sessions ended: {sessions}.")


@people.command("auditor")
@click.argument("account", type=WORD)
@click.option("--chain", type=WORD, required=True, help="The chain of which everything may be read.")
@click.option("--days", type=click.IntRange(min=1), help="Ends after so many days; never unless given.")
@click.option("--end", is_flag=True, help="Take it back.")
@click.pass_obj
def auditor(settings: Settings, account: str, chain: str, days: int | None, *, end: bool) -> None:
    """Let ACCOUNT read everything of a chain and change nothing."""
    with _house(settings) as house:
        if end:
            if not house.sessions.end_auditor(account, chain):
                raise click.UsageError(f"{account} is no auditor of {chain}.")
            click.echo(f"{account} is an auditor of {chain} no longer.")
            return
        ends = house.ledger.store.now() + timedelta(days=days) if days is not None else None
        house.sessions.make_auditor(account, chain, ends)
    click.echo(f"{account} may read everything of {chain}{f' until {ends:%Y-%m-%d %H:%M} UTC' if ends else ''}.")


@people.command("link")
@click.option("--location", "locations", type=WORD, multiple=True, help="What may be read; may be given again.")
@click.option("--chain", "chains", type=WORD, multiple=True, help="All locations of this chain.")
@click.option("--days", type=click.IntRange(1, 365), required=True, help="Ends after so many days.")
@click.option("--for", "name", type=WORD, required=True, help="Who it is for.")
@click.pass_obj
def make_link(settings: Settings, locations: tuple[str, ...], chains: tuple[str, ...], days: int, name: str) -> None:
    """Make a link by which somebody from outside reads named places until a day."""
    if not (locations or chains):
        raise click.UsageError("Say what may be read: --location or --chain.")
    with _house(settings) as house:
        places = Places(locations=frozenset(locations), chains=frozenset(chains))
        made, token = house.door.links.make(name, places, timedelta(days=days))
        click.echo(f"The link {made} for {name}; whoever has it can read, for {days} days:", err=True)
        click.echo(f"{house.settings.address}/link/{token}")


@people.command("links")
@click.pass_obj
def list_links(settings: Settings) -> None:
    """Every link there ever was: id, for whom, what may be read, until when."""
    with _house(settings) as house:
        for each in house.door.links.list():
            state = "taken back" if each.revoked_at else f"until {each.expires_at:%Y-%m-%d %H:%M} UTC"
            places = ", ".join(sorted(each.places.locations | each.places.chains))
            click.echo("\t".join((each.id, one_line(each.name), places, state)))


@people.command("unlink")
@click.argument("link", type=WORD)
@click.pass_obj
def revoke_link(settings: Settings, link: str) -> None:
    """Take the link with the id LINK back at once."""
    with _house(settings) as house:
        if not house.door.links.revoke(link):
            raise click.UsageError(f"There is no link {link} that still works.")
    click.echo(f"The link {link} works no longer.")


@contextmanager
def _house(settings: Settings) -> Iterator[House]:
    try:
        chosen = read_serve_settings()
        read_door_settings()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with open_ledger(settings) as application:
        yield build_house(application, chosen)


def _forget_second_steps(house: House, account: str) -> None:
    for channel in house.door.steps.drop_all(account):
        house.door.attesting.disabled(account, None, channel)


def _give_link(house: House, account: str, token: str) -> None:
    click.echo(f"Give this link to {account}; it works once, within a day:", err=True)
    click.echo(f"{house.settings.address}/set-up/{token}")


PEOPLE = (people,)
