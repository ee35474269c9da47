"""The command of the witness: whoever wants to be sure that a log is one log runs it, not who runs the log."""

from pathlib import Path

import click

from domain.evidence.notes import ED25519, Key, NoteError, read_key
from infrastructure.cli.parts import give, json_option
from infrastructure.settings import Settings
from infrastructure.signing.alone import RoomTakenError
from infrastructure.signing.keyfiles import KeyFileError
from infrastructure.witness.remembering import SeenLostError
from infrastructure.witness.room import Room
from infrastructure.witness.serving import serve
from projections.plain import one_line

_EXPECTED = (RoomTakenError, KeyFileError, SeenLostError, NoteError)


class LogKeyType(click.ParamType[Key]):
    """The vkey of a log."""

    name = "vkey"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Key:
        """The key; wrong usage, with the reason, when there is none."""
        try:
            key = read_key(str(value))
        except NoteError as error:
            self.fail(str(error), param, ctx)
        if key.algorithm != ED25519:
            self.fail("this is not the key of a log; take the vkey that the signer printed", param, ctx)
        return key


class AddressType(click.ParamType[tuple[str, int]]):
    """Where to listen."""

    name = "host:port"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The host and the port; wrong usage when there is none."""
        host, _, port = str(value).rpartition(":")
        if not host or not port.isdecimal() or not 0 <= int(port) <= 65_535:
            self.fail("give an address and a port, like 0.0.0.0:8764", param, ctx)
        return host.removeprefix("[").removesuffix("]"), int(port)


@click.command()
@click.option("--log", "logs", type=LogKeyType(), multiple=True, help="The vkey of a log; may be given again.")
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    help="The folder of the key and of what was seen (else `witness` in ACCESSLEDGER_HOME).",
)
@click.option(
    "--listen",
    type=AddressType(),
    default="127.0.0.1:8764",
    show_default=True,
    help="Where to listen; port 0 takes a free one.",
)
@click.option("--name", help="What the witness is to be called, for its first start.")
@click.option("--make-key", is_flag=True, help="Only make the key, and print the vkey.")
@json_option
@click.pass_obj
def witness(
    settings: Settings,
    logs: tuple[Key, ...],
    state: Path | None,
    listen: tuple[str, int],
    name: str | None,
    *,
    make_key: bool,
    as_json: bool,
) -> None:
    """Cosign the checkpoints of logs (C2SP tlog-witness), until interrupted; never one that takes anything back.

    For customers and auditors: not for who runs the log. GET / shows the last checkpoint of each log.
    """
    if not (logs or make_key):
        raise click.UsageError("Say whose checkpoints to cosign: --log VKEY.")
    try:
        room = Room(state or settings.home / "witness")
        if make_key:
            vkey = room.make_key(name).written()
            give({"vkey": vkey}) if as_json else click.echo(vkey)
            return
        with room.witness(logs, name) as running:

            def started(address: str) -> None:
                vkey = running.key.written()
                if as_json:
                    give({"address": address, "vkey": vkey})
                else:
                    click.echo(f"Cosigning at {address} with {vkey}")

            serve(running, *listen, lambda line: click.echo(one_line(line), err=True), started)
    except _EXPECTED as error:
        raise click.ClickException(str(error)) from None
