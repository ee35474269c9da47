"""Help on every level, and the version."""

import click
import pytest

from infrastructure.cli.main import cli, run
from tests.infrastructure.cli.running import accessledger

QUESTIONS = {"seats", "diff", "explain", "access", "history", "log", "roster", "charges"}
CONTRACT = {*QUESTIONS, "demo", "import", "submit", "rebuild", "verify"}


def test_the_contract_s_commands_are_there() -> None:
    assert set(cli.commands) >= CONTRACT


@pytest.mark.parametrize("command", [None, *cli.commands])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_there_on_every_level(capsys: pytest.CaptureFixture[str], command: str | None, option: str) -> None:
    assert run([*filter(None, [command, option])]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(f"Usage: accessledger {command or ''}".rstrip())
    assert "Show this message and exit." in out


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_option_is_explained_and_every_answer_comes_as_json(name: str) -> None:
    command = cli.commands[name]
    assert command.help
    for each in command.commands.values() if isinstance(command, click.Group) else [command]:
        options = [parameter for parameter in each.params if isinstance(parameter, click.Option)]
        assert each.help
        assert all(option.help for option in options)
        assert name in {"demo", "serve"} or any("--json" in option.opts for option in options)


def test_nothing_asked_shows_the_help_as_wrong_usage() -> None:
    said = accessledger()
    assert said.code == 2
    assert said.out == b""
    assert said.err.startswith(b"Usage: accessledger [OPTIONS] COMMAND")


def test_the_version_is_told() -> None:
    said = accessledger("--version")
    assert (said.code, said.err) == (0, b"")
    assert said.text.startswith("accessledger, version ")
