"""The bundle by the command line, with a signer and a witness that run; the check by itself, with nothing around it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infrastructure.bundle.archive import unpack
from infrastructure.demo.scenes import scenes
from infrastructure.evidence.settings import LOG_KEY, SIGNER, WITNESSES
from infrastructure.settings import KEYS_URL, KEYS_WRAP, Settings
from tests.infrastructure.bundle.disputing import answers_of
from tests.infrastructure.cli.running import Said, accessledger
from tests.infrastructure.erasing.places import Places
from tests.infrastructure.signing.processes import signing, witnessing

SCENE = scenes()
MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


@dataclass
class Evident:
    """A ledger whose checkpoints are signed and witnessed, and a folder for what leaves it."""

    places: Places
    log: str
    witness: str
    more: dict[str, str]
    folder: Path

    def bundle(self, name: str, *options: str, signed: bool = True) -> Said:
        """Run `accessledger bundle` beside the ledger."""
        settings = self.places.settings
        more = {**keys_of(settings), **(self.more if signed else {})}
        output = ("-o", str(self.folder / name), *options)
        return accessledger(
            "bundle", SCENE.location, *MARCH, *output, database=settings.database_url, home=settings.home, more=more
        )

    def check(self, name: str, *options: str) -> Said:
        """Run `accessledger check` where there is no ledger, no database and no setting."""
        return accessledger("check", self.folder / name, *options, home=self.folder / "nothing")


def keys_of(settings: Settings) -> dict[str, str]:
    """Where the keys of a ledger lie, as a command is told."""
    return {KEYS_URL: settings.keys_url or "", KEYS_WRAP: str(settings.keys_wrap)}


@pytest.fixture
def evident(disputed_places: Places, tmp_path: Path) -> Iterator[Evident]:
    with signing(tmp_path / "signer") as signer, witnessing(tmp_path / "witness", signer.keys[0]) as witness:
        log, seen = signer.keys[0].written(), witness.keys[0].written()
        more = {
            SIGNER: str(signer.said["socket"]),
            LOG_KEY: log,
            WITNESSES: f"{witness.said['address']}={seen}",
        }
        yield Evident(disputed_places, log, seen, more, tmp_path)


def test_a_dispute_from_the_operator_s_command_to_the_auditor_s(evident: Evident) -> None:
    made = evident.bundle("first.zip", "--seat", SCENE.seat)
    assert made.code == 0, made.err.decode()
    keys = ("--key", evident.log, "--witness", evident.witness)
    said = evident.check("first.zip", *keys)
    assert said.code == 0, said.text
    assert said.text.endswith("Everything holds.\n")
    files = unpack((evident.folder / "first.zip").read_bytes())
    last = answers_of((evident.folder / "first.zip").read_bytes())["days"][-1]
    assert (last["then"]["billable"], last["explained"]["then"]["billable"]) == (7, True)
    note = evident.folder / "note"
    note.write_bytes(files["checkpoint"])
    assert evident.bundle("second.zip", "--since", str(note), "--json").answer["signed"]
    report = json.loads(evident.check("second.zip", *keys, "--earlier", str(note), "--json").out)
    assert report["holds"]
    assert {each["name"] for each in report["checks"] if "cosigned" in each["sentence"]} >= {"witnesses"}
    refused = evident.check("first.zip", *keys, "--earlier", str(note))
    assert refused.code == 0, "the very checkpoint of before is the one that it has"


def test_what_does_not_hold_is_said_and_the_exit_code_says_so(evident: Evident) -> None:
    assert evident.bundle("bundle.zip").code == 0
    data = bytearray((evident.folder / "bundle.zip").read_bytes())
    data[len(data) // 2] ^= 1
    (evident.folder / "spoilt.zip").write_bytes(data)
    said = evident.check("spoilt.zip", "--key", evident.log)
    assert said.code == 1
    assert "BROKEN archive" in said.text
    assert said.text.endswith("do not rely on it.\n")
    other = evident.check("bundle.zip", "--key", evident.log.replace("+", "x+", 1))
    assert (other.code, other.out) == (2, b"")
    swapped = evident.check("bundle.zip", "--key", evident.witness)
    assert "the key of a log" in swapped.err.decode()


def test_without_a_signer_only_what_is_asked_for_as_unsigned(evident: Evident) -> None:
    said = evident.bundle("none.zip", signed=False)
    assert said.code == 1
    assert "accessledger signer" in said.complaint
    assert not (evident.folder / "none.zip").exists()
    assert evident.bundle("none.zip", "--unsigned", signed=False).code == 0
    checked = evident.check("none.zip", "--key", evident.log)
    assert checked.code == 1
    assert "not signed" in checked.text


@pytest.mark.parametrize(
    "options",
    [
        ("--from", "2026-03-31", "--to", "2026-03-01"),
        ("--from", "2026-03-01T00:00:00Z", "--to", "2026-03-02"),
        ("--from", "2026-03-01"),
        ("--from", "2026-03-01", "--to", "2026-03-31", "--since", "README.md"),
    ],
)
def test_a_wrong_question_is_wrong_usage(evident: Evident, options: tuple[str, ...]) -> None:
    settings = evident.places.settings
    output = ("-o", str(evident.folder / "x.zip"), "--unsigned")
    database, home, more = settings.database_url, settings.home, keys_of(settings)
    said = accessledger("bundle", SCENE.location, *options, *output, database=database, home=home, more=more)
    assert said.code == 2
    assert said.complaint
