"""The commands about people who sign in here: and links for auditors from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click

from domain.instants import write_instant
from infrastructure.cli.parts import WORD, give, json_option
from infrastructure.door.caller import Places
from infrastructure.door.links import Link
from infrastructure.door.people import Listed, PeopleError
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
@json_option
@click.pass_obj
def add_person(settings: Settings, account: str, email: str, *, as_json: bool) -> None:
    """Let ACCOUNT sign in here. The link for the first password is shown this once; it is good for a day."""
    with _house(settings) as house:
        try:
            token = house.door.people.add(account, email)
        except PeopleError as error:
            raise click.UsageError(str(error)) from None
        _give_link(house, account, token, as_json=as_json)


@people.command("list")
@json_option
@click.pass_obj
def list_people(settings: Settings, *, as_json: bool) -> None:
    """Everybody who ever could sign in here: account, address, state, second steps."""
    with _house(settings) as house:
        listed = house.door.people.list()
        if as_json:
            give({"people": [_written(each) for each in listed]})
            return
        for each in listed:
            state = "ended" if each.ended_at else "active" if each.has_password else "waits for a password"
            click.echo("\t".join((each.account, each.email, state, ", ".join(each.channels) or "no second step yet")))


@people.command("reset")
@click.argument("account", type=WORD)
@click.option("--second-steps", is_flag=True, help="Forget the second steps too: the phone is lost.")
@json_option
@click.pass_obj
def reset_person(settings: Settings, account: str, *, second_steps: bool, as_json: bool) -> None:
    """Forget ACCOUNT's password, end its sessions and show a new link."""
    with _house(settings) as house:
        try:
            token = house.door.people.reset(account)
        except PeopleError as error:
            raise click.UsageError(str(error)) from None
        house.sessions.end_all(account)
        if second_steps:
            _forget_second_steps(house, account)
        _give_link(house, account, token, as_json=as_json)


@people.command("end")
@click.argument("account", type=WORD)
@json_option
@click.pass_obj
def end_person(settings: Settings, account: str, *, as_json: bool) -> None:
    """Let ACCOUNT sign in here no longer; its sessions end at once."""
    with _house(settings) as house:
        _forget_second_steps(house, account)
        ended, sessions = house.door.people.end(account), house.sessions.end_all(account)
    if not ended and not sessions:
        raise click.UsageError(f"{account} does not sign in here, and has no session.")
    if as_json:
        give({"account": account, "sessions_ended": sessions})
        return
    click.echo(f"{account} signs in here no longer; sessions ended: {sessions}.")


@people.command("auditor")
@click.argument("account", type=WORD)
@click.option("--chain", type=WORD, required=True, help="The chain of which everything may be read.")
@click.option("--days", type=click.IntRange(min=1), help="Ends after so many days; never unless given.")
@click.option("--end", is_flag=True, help="Take it back.")
@json_option
@click.pass_obj
def auditor(settings: Settings, account: str, chain: str, days: int | None, *, end: bool, as_json: bool) -> None:
    """Let ACCOUNT read everything of a chain and change nothing."""
    with _house(settings) as house:
        if end:
            if not house.sessions.end_auditor(account, chain):
                raise click.UsageError(f"{account} is no auditor of {chain}.")
            _say(
                f"{account} is an auditor of {chain} no longer.", {"account": account, "chain": chain}, as_json=as_json
            )
            return
        ends = house.ledger.store.now() + timedelta(days=days) if days is not None else None
        house.sessions.make_auditor(account, chain, ends)
    until = write_instant(ends) if ends is not None else None
    sentence = f"{account} may read everything of {chain}{f' until {until}' if until else ''}."
    _say(sentence, {"account": account, "chain": chain, "until": until}, as_json=as_json)


@people.command("link")
@click.option("--location", "locations", type=WORD, multiple=True, help="What may be read; may be given again.")
@click.option("--chain", "chains", type=WORD, multiple=True, help="All locations of this chain.")
@click.option("--days", type=click.IntRange(1, 365), required=True, help="Ends after so many days.")
@click.option("--for", "name", type=WORD, required=True, help="Who it is for.")
@json_option
@click.pass_obj
def make_link(
    settings: Settings, locations: tuple[str, ...], chains: tuple[str, ...], days: int, name: str, *, as_json: bool
) -> None:
    """Make a link by which somebody from outside reads named places until a day."""
    if not (locations or chains):
        raise click.UsageError("Say what may be read: --location or --chain.")
    with _house(settings) as house:
        places = Places(locations=frozenset(locations), chains=frozenset(chains))
        made, token = house.door.links.make(name, places, timedelta(days=days))
        link = f"{house.settings.address}/link/{token}"
        if as_json:
            give({"id": made, "link": link})
            return
        click.echo(f"The link {made} for {name}; whoever has it can read, for {days} days:", err=True)
        click.echo(link)


@people.command("links")
@json_option
@click.pass_obj
def list_links(settings: Settings, *, as_json: bool) -> None:
    """Every link there ever was: id, for whom, what may be read, until when."""
    with _house(settings) as house:
        listed = house.door.links.list()
        if as_json:
            give({"links": [_written_link(each) for each in listed]})
            return
        for each in listed:
            state = "taken back" if each.revoked_at else f"until {each.expires_at:%Y-%m-%d %H:%M} UTC"
            places = ", ".join(sorted(each.places.locations | each.places.chains))
            click.echo("\t".join((each.id, one_line(each.name), places, state)))


@people.command("unlink")
@click.argument("link", type=WORD)
@json_option
@click.pass_obj
def revoke_link(settings: Settings, link: str, *, as_json: bool) -> None:
    """Take the link with the id LINK back at once."""
    with _house(settings) as house:
        if not house.door.links.revoke(link):
            raise click.UsageError(f"There is no link {link} that still works.")
    _say(f"The link {link} works no longer.", {"id": link}, as_json=as_json)


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


def _give_link(house: House, account: str, token: str, *, as_json: bool) -> None:
    link = f"{house.settings.address}/set-up/{token}"
    if as_json:
        give({"account": account, "link": link})
        return
    click.echo(f"Give this link to {account}; it works once, within a day:", err=True)
    click.echo(link)


def _say(sentence: str, answer: dict[str, str | None], *, as_json: bool) -> None:
    if as_json:
        give(answer)
    else:
        click.echo(sentence)


def _written(each: Listed) -> dict[str, object]:
    return {
        "account": each.account,
        "email": each.email,
        "has_password": each.has_password,
        "second_steps": list(each.channels),
        "made_at": write_instant(each.made_at),
        "ended_at": write_instant(each.ended_at) if each.ended_at is not None else None,
    }


def _written_link(each: Link) -> dict[str, object]:
    return {
        "id": each.id,
        "for": each.name,
        "locations": sorted(each.places.locations),
        "chains": sorted(each.places.chains),
        "expires_at": write_instant(each.expires_at),
        "revoked_at": write_instant(each.revoked_at) if each.revoked_at is not None else None,
    }


PEOPLE = (people,)
