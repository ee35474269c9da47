"""The command `kit`: every file of the kit is written as it ships, and nothing is overwritten."""

import os
import subprocess
from hashlib import sha256
from pathlib import Path

from infrastructure.evidence import kit
from infrastructure.evidence.kit import kit_files
from tests.infrastructure.cli.running import accessledger


def test_the_kit_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "for" / "auditors"
    said = accessledger("kit", "-o", folder)
    assert (said.code, said.err) == (0, b"")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kit_files()
    for line in said.text.splitlines():
        digest, _, path = line.partition("  ")
        assert sha256(Path(path).read_bytes()).hexdigest() == digest
    assert os.access(folder / "verify.sh", os.X_OK)
    assert not os.access(folder / "README", os.X_OK)


def test_everything_in_its_folder_is_written() -> None:
    shipped = {path.name for path in Path(kit.__path__[0]).iterdir() if path.suffix != ".py" and path.is_file()}
    assert shipped == kit_files().keys()


def test_the_digests_come_as_json(tmp_path: Path) -> None:
    answer = accessledger("kit", "-o", tmp_path / "kit", "--json").answer
    assert {each["name"]: each["sha256"] for each in answer["files"]} == {
        name: sha256(content).hexdigest() for name, content in kit_files().items()
    }


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "verify.sh").write_text("mine")
    said = accessledger("kit", "-o", tmp_path)
    assert said.code == 1
    assert said.complaint == f"{tmp_path / 'verify.sh'} is there already; name another folder, or move it away."
    assert [path.name for path in tmp_path.iterdir()] == ["verify.sh"]
    assert (tmp_path / "verify.sh").read_text() == "mine"


def test_a_folder_that_is_a_file_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "kit").write_text("")
    assert accessledger("kit", "-o", tmp_path / "kit").code == 2


def test_what_is_written_runs(tmp_path: Path) -> None:
    """Without a bundle it says how to use it."""
    accessledger("kit", "-o", tmp_path)
    said = subprocess.run([tmp_path / "verify.sh"], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == "usage: verify.sh FOLDER VKEY [WITNESS-VKEY...]\n"
