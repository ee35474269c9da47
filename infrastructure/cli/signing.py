"""The command of the signer: a process under a user of its own, which nobody else shares its keys with."""

import asyncio
import grp
from pathlib import Path

import click

from domain.evidence.notes import Key
from infrastructure.cli.parts import give, json_option
from infrastructure.settings import Settings
from infrastructure.signing.alone import RoomTakenError
from infrastructure.signing.binding import SocketTakenError
from infrastructure.signing.keyfiles import KeyFileError
from infrastructure.signing.listening import Listener
from infrastructure.signing.remembering import ForgottenError
from infrastructure.signing.room import Room
from infrastructure.signing.signer import NotKeptError
from projections.plain import one_line

_INTERRUPTED = 130
_EXPECTED = (SocketTakenError, KeyFileError, ForgottenError, RoomTakenError, NotKeptError)


@click.command()
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    help="The folder of the keys and of what was signed last (else `signer` in ACCESSLEDGER_HOME).",
)
@click.option(
    "--socket",
    "path",
    type=click.Path(path_type=Path),
    envvar="ACCESSLEDGER_SIGNER",
    help="The unix socket to listen at (else ACCESSLEDGER_SIGNER, else `signer.sock` in the folder).",
)
@click.option("--group", help="Members of this group of the system may ask too; only this user unless given.")
@click.option(
    "--origin",
    envvar="ACCESSLEDGER_ORIGIN_OF_LOG",
    help="The name of the log, for its first key (else ACCESSLEDGER_ORIGIN_OF_LOG).",
)
@click.option("--make-key", is_flag=True, help="Only make the first key, or the next one: from then on both sign.")
@click.option("--retire-key", is_flag=True, help="Only take the older of two keys out of use, and destroy it.")
@click.option("--show-keys", is_flag=True, help="Only print the keys that sign, the newest first.")
@json_option
@click.pass_obj
def signer(
    settings: Settings,
    state: Path | None,
    path: Path | None,
    group: str | None,
    origin: str | None,
    *,
    make_key: bool,
    retire_key: bool,
    show_keys: bool,
    as_json: bool,
) -> int:
    """Sign the log's checkpoints, until interrupted; never a smaller one, and never one that takes anything back.

    Run it under a user of its own. A new or a retired key counts from its next start.
    """
    if make_key + retire_key + show_keys > 1:
        raise click.UsageError("Give one of --make-key, --retire-key, --show-keys.")
    folder = state or settings.home / "signer"
    try:
        room = Room(folder)
        if make_key:
            _show([room.make_key(origin)], as_json=as_json)
        elif retire_key:
            _show([room.retire_key()], as_json=as_json)
        elif show_keys:
            _show(room.keys(), as_json=as_json)
        else:
            _run(room, path or folder / "signer.sock", _group(group), origin, as_json=as_json)
            return _INTERRUPTED
    except _EXPECTED as error:
        raise click.ClickException(str(error)) from None
    return 0


def _run(room: Room, path: Path, group: int | None, origin: str | None, *, as_json: bool) -> None:
    with room.signer(origin) as signing:

        def started() -> None:
            keys = [key.written() for key in signing.keys]
            if as_json:
                give({"socket": str(path), "keys": keys})
            else:
                click.echo(f"Signing at {path} with {' and '.join(keys)}")

        listener = Listener(signing, lambda line: click.echo(one_line(line), err=True), group=group)
        asyncio.run(listener.run(path, started))


def _show(keys: "list[Key] | tuple[Key, ...]", *, as_json: bool) -> None:
    if as_json:
        give({"keys": [key.written() for key in keys]})
        return
    for key in keys:
        click.echo(key.written())


def _group(name: str | None) -> int | None:
    if name is None:
        return None
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise click.UsageError(f"There is no group {name!r} on this machine; make it first (groupadd).") from None
