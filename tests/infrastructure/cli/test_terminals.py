"""What reaches a terminal, a pipe, or nothing at all."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, PlainSerializer
from pydantic_core import PydanticSerializationError

from infrastructure.cli.main import asked_to_end
from infrastructure.demo.scenes import scenes
from tests.cast import fact
from tests.infrastructure.cli.running import PATIENCE, PROGRAM, ROOT, InProcess, accessledger, environment, written

SCENE = scenes()
SEATS = ("seats", SCENE.location, "--on", str(SCENE.on), "--known", SCENE.known_then.isoformat())
STYLES = re.compile(rb"\x1b\[[0-9;]*m")
COLOUR = re.compile(rb"\x1b\[[0-9;]*3[0-9]")
OPEN_AGAIN = {
    "command": "open_location",
    "location": "berlin",
    "actor": {"kind": "system", "id": "s"},
    "id": "00000000-0000-4000-8000-000000000001",
    "data": {"name": "x", "time_zone": "UTC"},
}
EVIL = "\x1b[2J\x1b]0;owned\x07\u202egnihtemos\u2066\n\r\tmember\x00\x9b31m\u2028\u200f!"


def in_terminal(
    *arguments: str, database: str, columns: int = 80, more: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """The exit code, and everything that came to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        env=environment(database, more={"TERM": "xterm-256color", **(more or {})}),
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 65536):
            said += piece
    except OSError:
        pass  # the other side is closed
    finally:
        os.close(ours)
    return process.wait(PATIENCE), said


def test_a_terminal_gets_colours_and_its_own_width(told: str) -> None:
    code, said = in_terminal(*SEATS, database=told)
    plain = STYLES.sub(b"", said).decode()
    assert code == 0
    assert STYLES.search(said)
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= 80
    assert "billable 7, free 8" in plain


def test_no_color_means_no_colour(told: str, tmp_path: Path) -> None:
    """An answer is written by one library and a message by another; both have to heed it."""
    seats = in_terminal(*SEATS, database=told, more={"NO_COLOR": "1"})[1]
    commands = tmp_path / "commands"
    commands.write_bytes(written([OPEN_AGAIN]))
    coloured = in_terminal("submit", str(commands), "--dry-run", database=told)[1]
    plain = in_terminal("submit", str(commands), "--dry-run", database=told, more={"NO_COLOR": "1"})[1]
    assert COLOUR.search(coloured)
    assert not COLOUR.search(plain)
    assert not COLOUR.search(seats)


def test_no_terminal_gets_no_styles(ask: InProcess) -> None:
    for question in (SEATS, ("verify",), ("log", "--location", "berlin")):
        said = ask(*question)
        assert b"\x1b" not in said.out
        assert said.err == b""


def test_progress_is_for_terminals_alone_and_leaves_nothing_behind(told: str) -> None:
    code, said = in_terminal("verify", database=told)
    assert code == 0
    assert said.decode().splitlines()[-1].endswith("facts verified: nothing is broken.\x1b[0m")


@pytest.fixture
def evil(do: InProcess, tmp_path: Path) -> InProcess:
    """A ledger whose every free text attacks the terminal."""
    at = iter(f"2026-03-01T09:00:{second:02}Z" for second in range(60))
    device = {"id": "dev-1", "ip": EVIL, "user_agent": EVIL, "session": EVIL}
    facts = [
        fact("LocationOpened", at=next(at), name=EVIL, time_zone="UTC"),
        fact("TeamMemberAdded", at=next(at), member="m", name=EVIL, position=EVIL, device=device, because=EVIL),
        fact("AddedToSchedule", at=next(at), member="m"),
        fact(
            "AccessGranted",
            at=next(at),
            account="a",
            name=EVIL,
            role="owner",
            rights=["records_create_access"],
            scopes={"clients_visit_staff_id": EVIL},
        ),
        fact("UserInvited", at=next(at), account="b", name=EVIL, contact=EVIL, role="viewer"),
        fact("TeamMemberEdited", at=next(at), member="m", before={"name": EVIL}, after={EVIL: EVIL, "name": EVIL}),
        fact("TeamMemberAdded", at=next(at), member="n", name=EVIL),
        fact("TeamMemberDismissed", at=next(at), member="n", dismissal_date="2026-03-01", reason=EVIL),
        fact("SeatsCharged", at=next(at), subscription="P", charge="c", billable=2, free=0),
        fact("DataExported", at=next(at), what=EVIL, format=EVIL, rows=3, device=device),
        fact("RecordEdited", at=next(at), entity=EVIL, entity_id=EVIL, before={EVIL: EVIL}, after={EVIL: EVIL}),
        fact("LogViewed", at=next(at), filter={EVIL: EVIL}),
        fact("SignInRefused", at=next(at), account="a", why=EVIL, device=device),
    ]
    path = tmp_path / "evil.jsonl"
    path.write_bytes(written(facts))
    said = do("import", path)
    assert (said.code, said.err) == (0, b"")
    return do


QUESTIONS = {
    "seats": ["seats", "L1"],
    "diff": ["diff", "L1", "--on", "2026-02-01", "--on", "2026-03-02"],
    "explain": ["explain", "L1", "m"],
    "access": ["access", "L1"],
    "one access": ["access", "L1", "--account", "a"],
    "roster": ["roster", "L1"],
    "charges": ["charges", "L1"],
    "history": ["history"],
    "log": ["log", "--location", "L1"],
    "verify": ["verify"],
}


def test_hostile_texts_are_shown_and_not_done(evil: InProcess) -> None:
    for name, question in QUESTIONS.items():
        said = evil(*question)
        assert (said.code, said.err) == (0, b""), name
        assert all(line.isprintable() for line in said.text.split("\n")), said.text
        if name not in {"charges", "verify"}:
            assert "\\x1b[2J" in re.sub(r"\s", "", said.text), name


def test_hostile_lines_are_kept_in_refusals_and_not_done(do: InProcess, tmp_path: Path) -> None:
    path = tmp_path / "bad\x1b[31m\n.jsonl"
    path.write_bytes(written([{**fact("TeamMemberAdded", member="m", name=EVIL), "mood": EVIL}]))
    for options in ([], ["--skip-bad"]):
        said = do("import", path, *options)
        assert said.code == 1
        assert all(line.isprintable() for line in (said.text + said.err.decode()).split("\n"))


# --- Pipes and closed streams ---


def piped(command: str, database: str) -> subprocess.CompletedProcess[bytes]:
    """A line of bash, with the program as $A and the exit code of the first part of a pipe."""
    script = f'set -o pipefail; A() {{ "$0" "$@"; }}; {command}'
    return subprocess.run(
        ["bash", "-c", script, PROGRAM[0]],
        env=environment(database),
        cwd=ROOT,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


CASES: dict[str, tuple[str, int, bytes]] = {
    "a page of which the head is read": (
        "A -m infrastructure.cli log | head -1",
        0,
        b"Security log of every location\n",
    ),
    "JSON of which the head is read": ("A -m infrastructure.cli log --json | head -c 9", 0, b'{"known":'),
    "a message that nobody reads": ("A -m infrastructure.cli import /dev/null | true", 0, b""),
    "no standard input": ("A -m infrastructure.cli seats nowhere <&-", 1, b""),
    "no standard output": ("A -m infrastructure.cli seats berlin >&-", 0, b""),
    "no standard error": ("A -m infrastructure.cli seats nowhere 2>&-", 1, b""),
    "no stream at all": ("A -m infrastructure.cli verify <&- >&- 2>&-", 0, b""),
}


@pytest.mark.parametrize("case", CASES)
def test_pipes_and_closed_streams(told: str, case: str) -> None:
    command, code, out = CASES[case]
    done = piped(command, told)
    assert (done.returncode, done.stdout) == (code, out)
    assert done.stderr == (
        b"Error: There is no location nowhere in this ledger.\n" if case == "no standard input" else b""
    )


def test_a_full_disk_and_a_closed_input_are_said_in_a_sentence(told: str) -> None:
    done = piped("A -m infrastructure.cli history > /dev/full", told)
    assert (done.returncode, done.stderr) == (1, b"Error: No space left on device\n")
    done = piped("A -m infrastructure.cli import - <&-", told)
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: Standard input is closed; name a file")


def test_an_encoding_without_some_characters_gets_escapes(told: str) -> None:
    said = accessledger(*SEATS, database=told, more={"PYTHONIOENCODING": "ascii"})
    assert (said.code, said.err) == (0, b"")
    assert b"\\u25cf billable  Mia Lindner" in said.out


@pytest.mark.parametrize("request_to_end", [SystemExit(130), KeyboardInterrupt()])
def test_a_request_to_end_is_known_also_inside_a_form(request_to_end: BaseException) -> None:
    def interrupted(_: int) -> str:
        raise request_to_end

    class Form(BaseModel):
        field: Annotated[int, PlainSerializer(interrupted)]

    with pytest.raises(PydanticSerializationError) as hidden:
        Form(field=1).model_dump()
    assert asked_to_end(hidden.value) is request_to_end
    assert asked_to_end(ValueError("something else")) is None
