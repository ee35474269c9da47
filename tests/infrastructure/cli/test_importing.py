"""The import of history: all or nothing, or the rest of it; what is bad is named, what is there stays."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from infrastructure.cli import progress
from tests.benchmarks.generate import chain
from tests.cast import fact
from tests.infrastructure.cli.running import (
    PATIENCE,
    PROGRAM,
    ROOT,
    InProcess,
    accessledger,
    environment,
    story_lines,
    written,
)

File = Callable[[bytes], Path]
OPENED = fact("LocationOpened", at="2026-03-01T09:00:00Z", name="Studio", time_zone="Europe/Berlin")
ADDED = fact("TeamMemberAdded", at="2026-03-02T09:00:00Z", member="sana", name="Sana")
GOOD = [OPENED, ADDED]


def count(database: str, table: str = "ledger.entries") -> int:
    with psycopg.connect(database) as connection:
        (found,) = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() or (0,)
        return int(found)


def test_a_file_is_appended_and_a_second_time_changes_nothing(do: InProcess, database: str, file: File) -> None:
    path = file(written(GOOD))
    said = do("import", path)
    assert (said.code, said.text, said.err) == (0, "2 facts appended, 0 already there.\n", b"")
    before = do("log", "--json").out
    assert do("import", path, "--json").answer == {"already": 2, "appended": 0, "refused": 0}
    assert re.sub(rb'"known":"[^"]+"', b"", do("log", "--json").out) == re.sub(rb'"known":"[^"]+"', b"", before)
    assert count(database) == 2


def test_who_imported_is_kept(do: InProcess, database: str, file: File) -> None:
    do("import", file(written(GOOD)), "--by", "Grace Kim")
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT convert_from(body, 'UTF8')::jsonb -> 'stamp' -> 'imported' FROM ledger.entries"
        )
        assert {row[0]["by"] for row in rows} == {"Grace Kim"}
        assert connection.execute("SELECT imported_by FROM ledger.imports").fetchall() == [("Grace Kim",)]


def test_standard_input_is_a_file_too(database: str) -> None:
    said = accessledger("import", "-", "--json", database=database, stdin=written(GOOD))
    assert said.answer == {"already": 0, "appended": 2, "refused": 0}
    assert said.err == b""


def test_empty_files_and_blank_lines_are_fine(do: InProcess, file: File) -> None:
    assert do("import", file(b"")).text == "0 facts appended, 0 already there.\n"
    padded = b"\xef\xbb\xbf" + written([OPENED]).replace(b"\n", b"\r\n") + b"\n  \n" + written([ADDED]).rstrip()
    assert do("import", file(padded), "--json").answer["appended"] == 2


BAD: dict[str, tuple[bytes, str]] = {
    "not UTF-8": (b'{"id": "\xff"}\n', "line 2: this is not UTF-8 (byte 9); save the file as UTF-8"),
    "UTF-16": ('{"id": 1}'.encode("utf-16"), "line 2: this is not UTF-8 (byte 1)"),
    "half a line": (written([ADDED])[:90], "line 2: this is not whole JSON"),
    "no JSON": (b"id,type\n", "line 2: this is not whole JSON"),
    "not an object": (b"[1]\n", "line 2: a fact is a JSON object"),
    "a key twice": (b'{"id": 1, "id": 2}\n', "line 2: the key 'id' is there twice"),
    "nested too deep": (b"[" * 100_000 + b"\n", "line 2: this JSON is nested too deep"),
    "not a number": (b'{"id": NaN}\n', "line 2: NaN is not a JSON number"),
    "too large a number": (b'{"id": 9007199254740993}\n', "write it as a string"),
    "half a character": (b'{"id": "\\ud800"}\n', "line 2: a text with half a character"),
    "no type": (written([{"id": ADDED["id"]}]), "line 2, type: is missing"),
    "a type nobody knows": (written([{**ADDED, "type": "Hired"}]), "line 2, type: 'Hired' is not a type of fact"),
    "a key nobody knows": (written([{**ADDED, "mood": "fine"}]), "line 2, mood: is not a field of this form"),
    "a time zone that does not exist": (
        written([{**OPENED, "id": ADDED["id"], "data": {"name": "X", "time_zone": "Europe/Atlantis"}}]),
        "line 2, data.time_zone: 'Europe/Atlantis' is not a time zone: use a name of the IANA list",
    ),
    "a time zone outside its folder": (
        written([{**OPENED, "id": ADDED["id"], "data": {"name": "X", "time_zone": "../../etc/passwd"}}]),
        "line 2, data.time_zone: '../../etc/passwd' is not a time zone",
    ),
    "a date that does not exist": (
        written([fact("WorkingHoursPlanned", at="2026-03-03T09:00:00Z", member="sana", until="2026-02-30")]),
        "line 2, data.until: '2026-02-30' does not exist",
    ),
    "a local time": (written([{**ADDED, "recorded_at": "2026-03-02T09:00:00"}]), "line 2, recorded_at: '2026-03-02T"),
    "the future": (
        written([{**ADDED, "recorded_at": "2999-01-01T00:00:00Z", "effective_at": "2999-01-01T00:00:00Z"}]),
        "line 2, recorded_at: is in the future",
    ),
    "a plain fact about the past": (
        written([{**ADDED, "effective_at": "2026-03-01T09:00:00Z"}]),
        "line 2, effective_at: is before recorded_at; say something about the past with a Correction of kind late",
    ),
    "before the fact before it": (
        written([fact("TeamMemberAdded", at="2026-02-01T09:00:00Z", member="x", name="X")]),
        "line 2, recorded_at: is before the fact before it in L1, recorded at 2026-03-01T09:00:00Z",
    ),
    "the same id with another content": (
        written([{**ADDED, "id": OPENED["id"]}]),
        "line 2, id: line 1 has the same id with another content",
    ),
    "a hostile type": (b'{"type": "\\u001b[31m\\u202e"}\n', "line 2, type: '\\x1b[31m\\u202e' is not a type of fact"),
    "a hostile key": (written([{**ADDED, "\x1b[2J\n": 1}]), "line 2, \\x1b[2J\\n: is not a field of this form"),
}


@pytest.mark.parametrize("what", BAD)
def test_one_bad_line_refuses_the_file(do: InProcess, database: str, file: File, what: str) -> None:
    bad, words = BAD[what]
    said = do("import", file(written([OPENED]) + bad))
    first, last = said.err.decode().splitlines()
    assert said.code == 1
    assert said.out == b""
    assert words in first
    assert first.isprintable()
    assert last == (
        "Error: one line is bad, so nothing of the file was appended; mend it, or import the rest with --skip-bad."
    )
    assert count(database) == 0


def test_bad_lines_as_json_and_no_more_than_twenty_of_them(do: InProcess, file: File) -> None:
    path = file(b"x\n" * 30)
    said = do("import", path, "--json")
    assert said.code == 1
    (answer,) = said.rows
    assert (answer["appended"], answer["refused"], len(answer["bad"])) == (0, 30, 20)
    assert answer["bad"][0]["line"] == 1
    lines = do("import", path).err.decode().splitlines()
    assert len(lines) == 22
    assert lines[-2:] == [
        "and 10 more",
        "Error: 30 lines are bad, so nothing of the file was appended; mend it, or import the rest with --skip-bad.",
    ]


def test_the_rest_is_imported_and_the_bad_lines_are_kept_with_reasons(do: InProcess, file: File) -> None:
    halves = written([ADDED])[:40], b"\xff\n"
    path = file(written([OPENED]) + b"\n".join(halves) + written([ADDED]))
    said = do("import", path, "--skip-bad")
    assert (said.code, said.err) == (1, b"")
    assert said.text.splitlines()[0] == "2 facts appended, 0 already there."
    refused = Path(f"{path}.refused.jsonl")
    assert str(refused) in said.text
    rows = [json.loads(line) for line in refused.read_text(encoding="utf-8").splitlines()]
    assert [row["line"] for row in rows] == [2, 3]
    assert rows[0]["text"] == halves[0].decode()
    assert rows[0]["reason"].startswith("this is not whole JSON")
    assert rows[1] == {
        "line": 3,
        "field": "",
        "reason": "this is not UTF-8 (byte 1); save the file as UTF-8",
        "text": "\\xff",
    }
    again = do("import", path, "--skip-bad", "--json")
    assert again.rows == [{"already": 2, "appended": 0, "refused": 2}]


def test_refused_lines_go_where_they_are_wanted(do: InProcess, file: File, tmp_path: Path) -> None:
    path, wanted = file(b"x\n"), tmp_path / "bad lines"
    said = do("import", path, "--skip-bad", "--refused", wanted)
    assert (said.code, said.text.splitlines()[1]) == (
        1,
        f"One line refused, to be found with the reasons in {wanted}.",
    )
    assert json.loads(wanted.read_text())["text"] == "x"
    assert "Not a directory" in do("import", path, "--skip-bad", "--refused", f"{path}/x").complaint


def test_the_file_itself_is_never_taken_for_the_refused_lines(do: InProcess, file: File) -> None:
    path = file(written(GOOD))
    other = path.with_name("link")
    other.symlink_to(path)
    said = do("import", path, "--skip-bad", "--refused", other)
    assert (said.code, "names the file that is to be imported" in said.complaint) == (2, True)
    assert path.read_bytes() == written(GOOD)


def test_a_fact_that_is_there_never_changes(do: InProcess, file: File) -> None:
    do("import", file(written(GOOD)))
    said = do("import", file(written([{**ADDED, "reason": "because"}])))
    assert "a fact never changes, correct it instead" in said.err.decode().splitlines()[0]
    late = {**ADDED, "id": "00000000-0000-4000-8000-000000000001", "recorded_at": "2026-03-01T10:00:00Z"}
    late["effective_at"] = late["recorded_at"]
    said = do("import", file(written([late])))
    assert "is before the last fact of L1, recorded at 2026-03-02T09:00:00Z" in said.err.decode().splitlines()[0]


def test_names_of_files_and_people_in_any_bytes(database: str, tmp_path: Path) -> None:
    path = Path(f"{tmp_path}/facts-\udcff.jsonl")
    path.write_bytes(written(GOOD))
    said = accessledger("import", path, "--by", b"Z\xfcrich", "--json", database=database)
    assert said.answer["appended"] == 2
    with psycopg.connect(database) as connection:
        ((name, by),) = connection.execute("SELECT file_name, imported_by FROM ledger.imports").fetchall()
    assert (name, by) == (f"{tmp_path}/facts-\\xff.jsonl", "Z\\xfcrich")


# --- Too much, and interruptions ---

_MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def measured(*arguments: str | Path, database: str) -> tuple[int, int, str]:
    """The exit code, the largest memory in bytes, and what stood on standard error.

    Through a small process: what a large one had when it forked is counted to its child.
    """
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *PROGRAM, *map(str, arguments)],
        env=environment(database),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=PATIENCE,
    )
    code, kilobytes = done.stdout.split()
    return int(code), int(kilobytes) * 1024, done.stderr


def test_a_line_of_a_hundred_megabytes_does_not_fill_the_memory(database: str, tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(written([OPENED]))
    code, usual, _ = measured("import", path, database=database)
    assert code == 0
    with path.open("r+b") as file:
        file.truncate(100_000_000)
    for command in ("import", "submit"):
        code, most, complaint = measured(command, path, database=database)
        assert code == 1
        assert most < usual + 20_000_000, f"{command}: {most:,} bytes, {usual:,} without that line"
        assert "longer than" in complaint


def test_a_large_file_takes_no_more_memory_in_any_process(database: str, tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_bytes(b"".join(written([fact]).rstrip().ljust(6_000) + b"\n" for fact in chain(1_000, locations=5)))
    _, usual, _ = measured("import", path, database=database)
    path.write_bytes(b"".join(written([fact]) for fact in chain(12_000, seed=2, locations=5)))
    code, most, _ = measured("import", path, "--skip-bad", database=database)
    assert code == 1  # the same locations, told from the beginning
    assert most < usual + 20_000_000, f"{most:,} bytes, {usual:,} for a twelfth of the lines, as many bytes"


def test_progress_is_told_in_plain_lines_where_nobody_watches(
    do: InProcess, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(written(GOOD))
    assert do("import", path).err == b""
    monkeypatch.setattr(progress, "BETWEEN_LINES", 0.0)
    said = do("import", path, "--json")
    assert said.answer["already"] == 2
    reading, *checking, storing = said.err.decode().splitlines()
    assert re.fullmatch(r"reading: 2 lines, [\d,]+ a second, 100% done, about 0 s left", reading)
    assert all(line.startswith("checking: 2 facts") for line in checking[:1])
    assert storing.startswith("storing: 0 facts, 0 a second")


@pytest.mark.parametrize(("how", "said"), [(signal.SIGINT, b"\nError: interrupted\n"), (signal.SIGTERM, b"")])
def test_an_import_that_is_ended_leaves_nothing(do: InProcess, database: str, how: int, said: bytes) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "import", "-"],
        env=environment(database),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(b"".join(story_lines()))  # far more than a pipe holds: it is being read
    process.send_signal(how)
    assert process.wait(PATIENCE) == 130
    assert process.stdout
    assert process.stderr
    with process.stdin, process.stdout, process.stderr:
        assert process.stdout.read() == b""
        assert process.stderr.read() == said
    assert count(database) == 0
    assert count(database, "ledger.staging") == 0
    assert do("verify").code == 0
