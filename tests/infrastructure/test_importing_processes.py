"""Large files are read by processes side by side, with the same outcome as line by line, and none of them is left."""

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from domain import canonical
from infrastructure.catalogues import shipped_catalogues
from infrastructure.importing import Importer, ImportRefusedError, Report, Step
from infrastructure.importing.chunks import CHUNK_BYTES, Chunk, chunks
from infrastructure.importing.staging import FileStaging
from infrastructure.store import Store, StoreError
from infrastructure.store.checks import check_all
from tests.infrastructure.store.servers import Server
from tests.infrastructure.store.waiting import ENOUGH
from tests.naive.ledgers import ledger

ROOT = Path(__file__).parents[2]
NOW = datetime(2030, 1, 1, tzinfo=UTC)
SMALL_CHUNKS = 3_000


def importer(store: Store, processes: int, chunk_bytes: int = SMALL_CHUNKS) -> Importer:
    return Importer(store, shipped_catalogues(), clock=lambda: NOW, processes=processes, chunk_bytes=chunk_bytes)


def spoilt(seed: int) -> bytes:
    """A ledger with every kind of bad line in it: broken, too long, twice, and back in time over a border of chunks."""
    lines = [canonical.write(fact) for fact in ledger(seed)]
    told = [fact for fact in map(json.loads, lines) if fact.get("location") is not None]
    last = told[-1]
    early = next(fact for fact in told if fact["location"] == last["location"])
    bad = [
        b"broken",
        b"\xff",
        b"",
        b'{"reason": "' + b"x" * 1_000_001 + b'"}',
        canonical.write({**last, "id": "00000000-0000-4000-8000-000000000001", "recorded_at": early["recorded_at"]}),
        canonical.write({**json.loads(lines[-1]), "reason": "another content"}),
        lines[-1],
    ]
    for number, line in enumerate(bad, 1):
        lines.insert(len(lines) * number // (len(bad) + 1), line)
    return b"\xef\xbb\xbf" + b"\r\n".join(lines)


def outcome(database: str, content: bytes, processes: int) -> tuple[Report, list[Any], str]:
    rejects = io.StringIO()
    with Store(database) as store:
        report = importer(store, processes).run(io.BytesIO(content), name="f", by="tests", rejects=rejects)
        store.sequence()
        rows = [(row.position, row.version, row.stream, row.body, row.personal) for row in store.read_all()]
        assert check_all(store) == []
    return report, rows, rejects.getvalue()


@pytest.mark.parametrize("seed", range(3))
def test_the_outcome_is_the_same_with_and_without_processes(
    server: Server, database: str, template: str, seed: int
) -> None:
    content = spoilt(seed)
    server.execute(f"CREATE DATABASE side_by_side TEMPLATE {template}")
    try:
        beside = outcome(server.url("side_by_side"), content, processes=3)
    finally:
        server.execute("DROP DATABASE side_by_side WITH (FORCE)")
    alone = outcome(database, content, processes=0)
    assert beside == alone
    assert alone[0].refused >= 5
    reasons = [json.loads(line)["reason"] for line in alone[2].splitlines()]
    for words in ("not whole JSON", "not UTF-8", "longer than", "is before the fact before it in"):
        assert any(words in reason for reason in reasons), reasons


def test_all_chunks_together_are_the_file_and_lines_stay_whole() -> None:
    content = spoilt(0)
    found = list(chunks(io.BytesIO(content), SMALL_CHUNKS))
    assert sum(chunk.size for chunk in found) == len(content)
    whole = [chunk for chunk in found if chunk.content is not None]
    assert len(found) - len(whole) == 1
    assert all(chunk.content and chunk.content.endswith(b"\n") for chunk in whole[:-1])
    for before, after in pairwise(found):
        assert (after.number, after.first) == (before.number + 1, before.first + before.lines)
    assert found[-1].first + found[-1].lines - 1 == content.count(b"\n") + 1


@pytest.mark.parametrize("size", [1, 7, 100, CHUNK_BYTES])
def test_the_longest_line_that_can_be_is_no_longer_than_said(size: int) -> None:
    fits, long = b"x" * 1_000_000 + b"\n", b"y" * 1_000_001 + b"\n"
    found = list(chunks(io.BytesIO(fits + long + b"z"), size))
    assert b"".join(chunk.content or b"" for chunk in found) == fits + b"z"
    assert [(chunk.first, chunk.size) for chunk in found if chunk.content is None] == [(2, len(long))]


def test_order_is_minded_over_borders_of_chunks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    content, a_line_each = spoilt(1), 1
    with pytest.raises(ImportRefusedError) as refused:
        importer(store, 2, a_line_each).run(io.BytesIO(content), name="f", by="tests")
    assert any("is before the fact before it" in bad.reason for bad in refused.value.bad)
    # A build that takes each chunk for itself lets a line go back in time where a chunk begins.
    monkeypatch.setattr(FileStaging, "_last", property(lambda _: {}, lambda _, __: None), raising=False)
    with pytest.raises(ImportRefusedError) as careless:
        importer(store, 2, a_line_each).run(io.BytesIO(content), name="f", by="tests")
    assert not any("is before the fact before it" in bad.reason for bad in careless.value.bad)


def test_a_process_that_dies_is_said_and_the_import_goes_on_later(store: Store) -> None:
    content = b"".join(canonical.write(fact) + b"\n" for fact in ledger(3))
    name = "history.jsonl"

    killed: list[psutil.Process] = []

    def kill_one(step: Step) -> None:
        if step.phase == "reading" and not killed:
            killed.append(workers()[0])
            killed[0].kill()

    with pytest.raises(StoreError, match="has ended before its time"):
        importer(store, 2).run(io.BytesIO(content), name=name, by="tests", progress=kill_one)
    assert workers() == []
    said: list[str] = []
    report = importer(store, 2).run(io.BytesIO(content), name=name, by="tests", remark=said.append)
    assert (report.appended, report.already) == (content.count(b"\n"), 0)
    assert "goes on where it was" in said[0]
    assert len(store.imports()) == 1
    assert workers() == []


def test_a_database_that_gives_out_under_the_processes_is_said(store: Store, database: str) -> None:
    content = b"".join(canonical.write(fact) + b"\n" for fact in ledger(3))

    def cut(step: Step) -> None:
        if step.phase == "reading":
            with psycopg.connect(database, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND query LIKE 'COMMIT%'"
                )

    with pytest.raises((StoreError, psycopg.OperationalError)):
        importer(store, 2).run(io.BytesIO(content), name="f", by="tests", progress=cut)
    assert workers() == []


def test_a_main_program_that_cannot_be_imported_is_not_run_again(database: str) -> None:
    program = f"""
import io, sys
from domain import canonical
from infrastructure.importing import Importer
from infrastructure.catalogues import shipped_catalogues
from infrastructure.store import Store
from tests.naive.ledgers import ledger
print("once")
content = b"".join(canonical.write(fact) + b"\\n" for fact in ledger(3))
with Store({database!r}) as store:
    done = Importer(store, shipped_catalogues(), processes=2, chunk_bytes={SMALL_CHUNKS}).run(
        io.BytesIO(content), name="f", by="tests")
    print(done.appended == content.count(b"\\n"))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-"],
        input=program,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=ENOUGH,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("once\nTrue\n", "")


def test_interrupting_ends_all_processes(store: Store) -> None:
    content = b"".join(canonical.write(fact) + b"\n" for fact in ledger(3))
    seen: list[psutil.Process] = []

    def interrupt(step: Step) -> None:
        if step.phase == "reading" and not seen:
            seen.extend(workers())
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        importer(store, 2).run(io.BytesIO(content), name="f", by="tests", progress=interrupt)
    assert len(seen) == 2
    assert not any(process.is_running() for process in seen)


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "infrastructure.importing.worker" in said_of(child)]


def said_of(process: psutil.Process) -> str:
    """Its command line; none, once it has ended."""
    with suppress(psutil.NoSuchProcess):
        return str(process.cmdline())
    return ""


def test_a_chunk_is_known_by_its_bytes() -> None:
    one, other = Chunk(0, 1, 1, 2, b"a\n"), Chunk(0, 1, 1, 2, b"b\n")
    assert one.sha256 != other.sha256
    assert Chunk(1, 9, 1, 2, b"a\n").sha256 == one.sha256
