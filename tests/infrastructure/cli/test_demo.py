"""The demo from nothing: the embedded server, the story, the replay, and commands that go on from there."""

import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infrastructure.embedded.places import Places
from infrastructure.embedded.processes import belongs, end_all
from tests.infrastructure.cli.running import PATIENCE, PROGRAM, ROOT, Said, accessledger, environment, story_lines

FACTS = f"A year of three locations: {len(story_lines()):,} facts"
PROMISED = (
    "C-berlin-2026-03  31 March 2026 18:00  7       7              6             133.00 EUR  differs",
    "Bought 8, billable 7, free 8",
    "● billable  Mia Lindner",
    "Mia Lindner: goes, was billable",
    "dismissed Mia Lindner as of 4 March 2026: resigned",
    "Olga Winter: becomes billable",
    "The subscription P-berlin was renewed automatically",
    "Max Brandt (manager) signed in: password reset by e-mail  [Chrome on Android, 203.0.113.201]",
    "Vic Hansen: becomes billable",
)


@pytest.fixture
def home() -> Iterator[Path]:
    """A home folder that is not there yet, in one that the server's account can reach; nothing runs on afterwards."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder / "home"
    for cluster in (folder / "home").rglob("cluster"):
        end_all(cluster, Places(cluster.parent).mark)
    shutil.rmtree(folder)


def running(home: Path) -> list[psutil.Process]:
    """The servers that run in a home."""
    places = [Places(cluster.parent) for cluster in home.rglob("cluster")]
    return [each for each in psutil.process_iter() for place in places if belongs(each, place.cluster, place.mark)]


def test_the_demo_runs_from_nothing_and_again(home: Path) -> None:
    first = accessledger("demo", home=home)
    assert (first.code, first.err) == (0, b"")
    assert first.text.splitlines()[0] == f"{FACTS}."
    for words in PROMISED:
        assert words in first.text
    (own,) = home.iterdir()
    assert own.name.startswith("demo-")
    assert running(home) == []

    again = accessledger("demo", home=home)
    assert again.text.splitlines()[0] == f"{FACTS} ({len(story_lines()):,} were there already)."
    assert again.text.splitlines()[1:] == first.text.splitlines()[1:]
    goes_on(first)


def goes_on(said: Said) -> None:
    """The commands at the end work as they stand."""
    offered = [
        line.strip() for line in said.text.splitlines() if re.match(r"  ACCESSLEDGER_HOME=\S+ accessledger ", line)
    ]
    assert len(offered) == 8
    assert offered[-1].endswith(" serve")
    setting, program, *arguments = shlex.split(offered[0])
    assert program == "accessledger"
    name, _, value = setting.partition("=")
    answered = accessledger(*arguments, more={name: value})
    assert answered.code == 0
    assert "Bought 8, billable 6, free 9" in answered.text


def test_a_polite_end_gives_the_embedded_server_back(home: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "import", "-"],
        env=environment(None, home),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(b"".join(story_lines()))  # far more than a pipe holds: the server runs, the file is being read
    assert running(home)
    process.send_signal(signal.SIGTERM)
    _, complaint = process.communicate(timeout=PATIENCE)
    assert (process.returncode, complaint) == (130, b"")
    assert running(home) == []
    after = accessledger("verify", home=home)
    assert (after.code, after.text) == (0, "0 facts verified: nothing is broken.\n")
