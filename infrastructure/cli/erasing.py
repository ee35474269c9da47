"""The commands about forgetting people, and about what is held of one: whoever runs the ledger gives them."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import click

from domain.commands import OfPerson, read_command
from domain.erasures import Erasure
from domain.facts import Actor, Device, PersonErased
from domain.instants import write_instant
from domain.limits import IDENTIFIER_LENGTH
from infrastructure.cli.bringing import user_of_this_computer
from infrastructure.cli.parts import WORD, give, json_option
from infrastructure.desk import Outcome
from infrastructure.door.caller import EVERYWHERE, Caller
from infrastructure.door.noting import Noting
from infrastructure.erasing.erasures import Found
from infrastructure.erasing.falling_due import carry_out_due
from infrastructure.erasing.held import Holding
from infrastructure.erasing.held_facts import HeldFacts
from infrastructure.erasing.saying import written_state
from infrastructure.outcomes import outcome_written
from infrastructure.settings import Settings
from infrastructure.wiring import Application, open_ledger
from projections.plain import one_line

Option = TypeVar("Option", bound=Callable[..., Any])
_DEVICE = "command-line"
_UNFIT = re.compile(r"[^A-Za-z0-9._:\-]+")


def _of_person(command: Option) -> Option:
    """The options that say whom a command is about, and who gives it."""
    for option in (
        json_option,
        click.option("--by", type=WORD, help="Who gives this; the user of this computer if left out."),
        click.option("--client", metavar="LOCATION/ID", type=WORD, help="One client of a location."),
        click.option("--member", metavar="LOCATION/MEMBER", type=WORD, help="One team member of a location."),
        click.argument("account", type=WORD, required=False),
    ):
        command = option(command)
    return command


@click.command()
@_of_person
@click.option("--basis", type=WORD, help="The legal basis; it stays when all else is gone.")
@click.option("--ask", is_flag=True, help="Only ask for it; it is carried out when it falls due (--until), or at once.")
@click.option(
    "--refuse", is_flag=True, help="Let it wait until the day --until, for the --reason; give again to prolong."
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="From this day on (UTC) it falls due by itself.")
@click.option("--lift", is_flag=True, help="Nothing holds it any more, for the --reason.")
@click.option("--reason", type=WORD, help="Why it waits, or no longer.")
@click.option("--due", is_flag=True, help="Carry out all that has fallen due.")
@click.option("--list", "listing", is_flag=True, help="Everybody for whom it was ever asked, and where it stands.")
@click.option("--dry-run", is_flag=True, help="Say what would be destroyed, no more.")
@click.pass_obj
def erase(settings: Settings, /, account: str | None, *, as_json: bool, dry_run: bool, **chosen: Any) -> int:
    """Erase ACCOUNT: everywhere, with the team members it was linked to, its sessions, devices and second steps.

    Its facts stay, without the personal fields: the keys of these are destroyed, and nothing brings them back. Who was
    in them shows as a pseudonym from then on. Counts, bills and proofs of before stay what they were.
    """
    ways = [name for name in ("ask", "refuse", "lift", "due", "listing") if chosen[name]]
    if len(ways) > 1:
        raise click.UsageError("Choose one of --ask, --refuse, --lift, --due and --list.")
    if ways in (["due"], ["listing"]):
        if account or chosen["member"] or chosen["client"]:
            raise click.UsageError("--due and --list are about everybody; leave the person out.")
        with open_ledger(settings) as application:
            return (
                _list(application, as_json=as_json)
                if ways == ["listing"]
                else _due(application, as_json=as_json, dry_run=dry_run)
            )
    location, data = _whom(account, chosen["member"], chosen["client"])
    name, said = _asked_for(ways[0] if ways else "erase", chosen)
    with open_ledger(settings) as application:
        raw = _command(name, location, {**data, **said}, chosen["by"])
        outcome = application.desk.submit(raw, dry_run=dry_run)
        return _tell(application, outcome, as_json=as_json, dry_run=dry_run)


@click.command()
@_of_person
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to write it."
)
@click.pass_obj
def person(
    settings: Settings,
    account: str | None,
    member: str | None,
    client: str | None,
    by: str | None,
    output: Path,
    *,
    as_json: bool,
) -> None:
    """Write everything that is held about ACCOUNT into an archive (zip): facts with their words, sessions, devices.

    That it was taken is itself on the log.
    """
    location, data = _whom(account, member, client)
    actor = _actor(by)
    with open_ledger(settings) as application:
        request = _request(location, data)
        caller = Caller(Actor.read(actor), "operator", Device(id=_DEVICE), frozenset({"export"}), EVERYWHERE)
        holding = Holding(
            application.store,
            application.erasures.persons,
            HeldFacts(application.store, application.books),
            Noting(application.store).exported,
        )
        state = application.erasures.of_request(location, request)
        held = holding.export(caller, location, request, written_state(state))
        with held.file, output.open("wb") as file:
            shutil.copyfileobj(held.file, file)
    if as_json:
        give({"facts": held.facts, "fact": held.fact, "file": str(output)})
        return
    click.echo(f"{held.facts:,} facts and what lies beside them are in {one_line(str(output))}.")


def _whom(account: str | None, member: str | None, client: str | None) -> tuple[str | None, dict[str, str]]:
    """The location, and whom the data of a command names."""
    given = [text for text in (account, member, client) if text is not None]
    if len(given) != 1:
        raise click.UsageError("Name one person: an ACCOUNT, --member LOCATION/MEMBER or --client LOCATION/ID.")
    if account is not None:
        return None, {"account": account}
    location, slash, name = given[0].partition("/")
    if not (location and slash and name):
        raise click.UsageError(f"{given[0]!r} names no place: write it like berlin/ann.")
    return location, {"member" if member is not None else "client": name}


def _asked_for(way: str, chosen: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name of the command, and what its data says beside whom."""
    basis, reason = chosen["basis"], chosen["reason"]
    until = _day(chosen["until"])
    if way in {"erase", "ask"}:
        if basis is None:
            raise click.UsageError("Say on which legal basis: --basis 'GDPR 17(1)(a)'.")
        if way == "erase" and chosen["until"] is not None:
            raise click.UsageError("--until goes with --ask and --refuse.")
        due = {"due": until} if until is not None else {}
        return ("erase", {"basis": basis}) if way == "erase" else ("ask_erasure", {"basis": basis, **due})
    if reason is None:
        raise click.UsageError(f"--{way} needs a --reason.")
    if way == "lift":
        return "allow_erasure", {"ground": reason}
    if until is None:
        raise click.UsageError("--refuse needs the day --until which it waits.")
    return "refuse_erasure", {"ground": reason, "until": until, **({"basis": basis} if basis is not None else {})}


def _day(found: datetime | None) -> str | None:
    return write_instant(found.replace(tzinfo=UTC)) if found is not None else None


def _actor(by: str | None) -> dict[str, str]:
    name = _UNFIT.sub("-", by or user_of_this_computer())[:IDENTIFIER_LENGTH]
    return {"kind": "support", "id": name or "operator"}


def _command(name: str, location: str | None, data: dict[str, Any], by: str | None) -> dict[str, Any]:
    raw = {"command": name, "id": str(uuid4()), "actor": _actor(by), "device": {"id": _DEVICE}, "data": data}
    return raw if location is None else {**raw, "location": location}


def _request(location: str | None, data: dict[str, str]) -> OfPerson:
    request = read_command(_command("erase", location, {**data, "basis": "-"}, None)).data
    assert isinstance(request, OfPerson)
    return request


def _tell(application: Application, outcome: Outcome, *, as_json: bool, dry_run: bool) -> int:
    answer = outcome_written(application, outcome, dry_run=dry_run)
    if as_json:
        give(answer)
    elif outcome.refusal is not None:
        click.secho(f"{answer['command']} refused ({answer['refused']}): ", fg="red", nl=False)
        click.echo(one_line(answer["sentence"]))
    else:
        for entry in outcome.entries:
            data = entry.fact.data
            where = f" in {entry.fact.location}" if entry.fact.location is not None else ""
            whom = getattr(data, "member", None) or getattr(data, "client", None) or getattr(data, "account", None)
            click.echo(one_line(f"{'would say' if dry_run else 'said'}: {entry.fact.type} of {whom}{where}"))
            if isinstance(data, PersonErased):
                _tell_erased(data)
    return int(outcome.refusal is not None)


def _tell_erased(data: PersonErased) -> None:
    for subject in data.subjects[: len(data.keys)]:
        click.echo(f"    the key of {one_line(subject)}")
    for what, how_many in (data.removed or {}).items():
        click.echo(f"    {what.replace('_', ' ')}: {how_many}")


def _due(application: Application, *, as_json: bool, dry_run: bool) -> int:
    done = carry_out_due(application.desk, application.erasures, application.clock(), dry_run=dry_run)
    if as_json:
        give({"would_erase" if dry_run else "erased": [_written(found) for found, _ in done]})
        return 0
    for found, _ in done:
        click.echo(one_line(f"{'would erase' if dry_run else 'erased'} {_name(found)}"))
    if not done:
        click.echo("Nothing has fallen due.")
    return 0


def _list(application: Application, *, as_json: bool) -> int:
    every = application.erasures.every()
    if as_json:
        give({"erasures": [_written(found) for found in every]})
        return 0
    for found in every:
        click.echo("\t".join((one_line(_name(found)), one_line(_state(found.erasure)))))
    return 0


def _written(found: Found) -> dict[str, Any]:
    whom = found.whom
    named = {"location": found.location, "account": whom.account, "member": whom.member, "client": whom.client}
    return {**named, **written_state(found.erasure)}


def _name(found: Found) -> str:
    return found.whom.name if found.location is None else f"{found.location}/{found.whom.name}"


def _state(erasure: Erasure) -> str:
    if erasure.wish is not None and erasure.hold is not None:
        return f"waits until {erasure.hold.until:%Y-%m-%d}: {erasure.hold.ground}"
    if erasure.wish is not None:
        return f"due on {erasure.wish.due:%Y-%m-%d}: {erasure.wish.basis}"
    if erasure.done is not None:
        return f"erased on {erasure.done.at:%Y-%m-%d}: {erasure.done.basis}"
    return "taken back"


ERASING = (erase, person)
