"""`erase` and `person`, as whoever runs the ledger gives them; and that nothing is broken afterwards."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.infrastructure.cli.running import InProcess
from tests.infrastructure.erasing.places import Places


@pytest.fixture
def accessledger(told: Places, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> InProcess:
    """The command line over the demo's year."""
    monkeypatch.setenv("ACCESSLEDGER_KEYS_URL", told.server.url(told.keys))
    monkeypatch.setenv("ACCESSLEDGER_KEYS_WRAP", str(told.home / "wrapping.key"))
    monkeypatch.setenv("ACCESSLEDGER_HOME", str(told.home))
    monkeypatch.delenv("ACCESSLEDGER_KEYS_WRAP", raising=False)
    return InProcess(told.server.url(told.database), capfdbinary)


def test_an_account_is_asked_for_held_let_go_and_erased(accessledger: InProcess) -> None:
    assert accessledger("erase", "--list").text == ""
    said = accessledger("erase", "acc-ann", "--basis", "GDPR 17", "--dry-run")
    assert (said.code, "the key of member:berlin/ann" in said.text) == (0, True)
    held = ("erase", "acc-ann", "--refuse", "--until", "2099-01-01", "--reason", "A case")
    assert accessledger(*held).code == 1
    assert accessledger(*held, "--basis", "GDPR 17").code == 0
    assert accessledger("erase", "--list").text == "acc-ann\twaits until 2099-01-01: A case\n"
    refused = accessledger("erase", "acc-ann", "--basis", "GDPR 17", "--json")
    assert (refused.code, json.loads(refused.out)["refused"]) == (1, "on_hold")
    assert accessledger("erase", "--due").text == "Nothing has fallen due.\n"
    assert accessledger("erase", "acc-ann", "--lift", "--reason", "Settled").code == 0
    assert accessledger("erase", "--due").text == "erased acc-ann\n"
    (found,) = json.loads(accessledger("erase", "--list", "--json").out)["erasures"]
    assert found["erased"]["basis"] == "GDPR 17"
    assert "Ann Schuster" not in accessledger("history", "--location", "berlin").text
    assert accessledger("verify", "--all").code == 0


def test_what_is_held_is_written_to_a_file(accessledger: InProcess, tmp_path: Path) -> None:
    target = tmp_path / "ann.zip"
    said = accessledger("person", "acc-ann", "-o", str(target), "--json")
    assert said.code == 0, said.err
    with zipfile.ZipFile(target) as archive:
        lines = archive.read("facts.jsonl").splitlines()
    assert len(lines) == json.loads(said.out)["facts"] > 10
    assert accessledger("person", "--client", "berlin/c-1", "-o", str(target)).code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("acc-ann", "--member", "berlin/ann"),
        ("--member", "berlin", "--basis", "x"),
        ("acc-ann",),
        ("acc-ann", "--basis", "x", "--until", "2099-01-01"),
        ("acc-ann", "--refuse", "--reason", "x"),
        ("acc-ann", "--refuse", "--lift"),
        ("acc-ann", "--lift"),
        ("acc-ann", "--due"),
    ],
)
def test_wrong_usage_says_what_is_right(accessledger: InProcess, arguments: tuple[str, ...]) -> None:
    assert accessledger("erase", *arguments).code == 2
