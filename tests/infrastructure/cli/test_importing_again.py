"""An import that was killed is started again with the same command, and goes on from what it had staged."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from domain import canonical
from infrastructure.catalogues import shipped_catalogues
from infrastructure.importing import Importer, Report
from infrastructure.importing.chunks import Chunk
from infrastructure.store import migrate
from infrastructure.store.checks import check_all
from tests.benchmarks.generate import chain
from tests.infrastructure.cli.running import PROGRAM, ROOT, InProcess, Said, accessledger, environment
from tests.infrastructure.sealing.opened import sealed_store
from tests.infrastructure.store.servers import Server
from tests.infrastructure.store.waiting import ENOUGH, until

COUNT = 800
WIDTH = 7_000
"""Facts and the bytes of each line: more than the eight chunks that are read by one process alone."""

GOES_ON = "goes on where it was"
ANEW = "begins anew"


@cache
def lines() -> tuple[bytes, ...]:
    return tuple(canonical.write(fact).ljust(WIDTH) + b"\n" for fact in chain(COUNT, locations=5))


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"".join(lines()))
    return path


PHASES: dict[str, tuple[str, str]] = {
    "staging": ("INSERT INTO ledger.staged_chunks VALUES (1, 5, '', 0, %s)", ""),
    "checking": ("LOCK TABLE ledger.facts IN ACCESS EXCLUSIVE MODE", ""),
    "storing": ("INSERT INTO ledger.facts VALUES (%s, 0)", "of the last line"),
}
"""What keeps an import from staging its fifth chunk; from looking for known facts; from storing its last fact."""


WAITS = (
    "SELECT (SELECT count(*) FROM ledger.staged_chunks) >= %s AND EXISTS"
    " (SELECT FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid)))"
)


@contextmanager
def blocked(database: str, phase: str) -> Iterator[Callable[[], None]]:
    """Nobody gets beyond a phase in the meantime; yields what waits until an import stands before the end of it."""
    statement, parameter = PHASES[phase]
    last = canonical.read(lines()[-1])["id"]
    with psycopg.connect(database) as holder, psycopg.connect(database, autocommit=True) as look:
        holder.execute(statement.encode(), (last if parameter else "",) if "%s" in statement else None)

        def wait() -> None:
            # Processes also wait for one another, for a moment: only one held up by the holder stands there.
            until(lambda: look.execute(WAITS, (4, holder.info.backend_pid)).fetchall()[0][0])

        yield wait
        holder.rollback()


def started(database: str, path: Path, *more: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*PROGRAM, "import", str(path), "--by", "Grace Kim", *more],
        env=environment(database),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def killed(database: str, path: Path, phase: str, how: int = signal.SIGKILL) -> int:
    """Start an import, kill it in a phase, and wait until nothing is left of it; how many processes it had."""
    with blocked(database, phase) as wait:
        process = started(database, path)
        wait()
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(how)
        # Also while somebody else holds up what they wait for.
        process.communicate(timeout=ENOUGH)
        assert process.returncode == (-how if how == signal.SIGKILL else 130)
    _, alive = psutil.wait_procs(family, timeout=ENOUGH)
    assert not alive
    with psycopg.connect(database, autocommit=True) as look:
        until(lambda: look.execute("SELECT FROM pg_locks WHERE classid = 7305").fetchall() == [])
    return len(family)


def again(do: InProcess, path: Path) -> Said:
    return do("import", path, "--by", "Grace Kim", "--json")


def asked(database: str, question: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(question.encode()).fetchall()


STAMPS = (
    "SELECT DISTINCT convert_from(body, 'UTF8')::jsonb #>> '{stamp,imported,at}',"
    " convert_from(body, 'UTF8')::jsonb #>> '{stamp,imported,by}' FROM ledger.entries"
)


def check_whole(database: str, path: Path) -> None:
    """All facts are there once, in their order, as of one import, and a second run has nothing to do."""
    ids = [row[0] for row in asked(database, "SELECT fact::text FROM ledger.entries ORDER BY id")]
    assert ids == [canonical.read(line)["id"] for line in path.read_bytes().splitlines()]
    assert len(asked(database, STAMPS)) == 1
    assert asked(database, "SELECT count(*) FROM ledger.staging") == [(0,)]
    with sealed_store(database) as store:
        store.sequence()
        assert check_all(store) == []
        with path.open("rb") as file:
            anew = Importer(store, shipped_catalogues(), processes=0).run(file, name="once more", by="Grace Kim")
    assert anew == Report(appended=0, already=len(ids), refused=0)


@pytest.mark.parametrize("phase", PHASES)
def test_an_import_killed_in_any_phase_goes_on_from_what_is_staged(database: str, history: Path, phase: str) -> None:
    family = killed(database, history, phase)
    assert family >= 1 if phase == "staging" else family == 0
    assert asked(database, "SELECT count(*) FROM ledger.entries") == [(0,)]
    ((number, stamped_at),) = asked(database, "SELECT id, stamped_at FROM ledger.imports")
    ((chunks, rows),) = asked(database, "SELECT count(*), sum(rows) FROM ledger.staged_chunks")
    assert chunks >= 4
    assert rows == COUNT or phase == "staging"
    # What is staged is not staged once more: a mark on the first of its lines comes out at the end.
    with psycopg.connect(database) as connection:
        marked = connection.execute(
            "UPDATE ledger.staging SET command = gen_random_uuid() WHERE line = 1 RETURNING command::text"
        ).fetchall()
    said = accessledger("import", history, "--by", "Grace Kim", "--json", database=database)
    assert (said.answer, GOES_ON in said.err.decode()) == ({"appended": COUNT, "already": 0, "refused": 0}, True)
    assert asked(database, "SELECT command::text FROM ledger.entries WHERE command IS NOT NULL") == marked
    assert asked(database, "SELECT id, finished_at IS NULL, facts FROM ledger.imports") == [(number, False, COUNT)]
    ((at, by),) = asked(database, STAMPS)
    assert asked(database, f"SELECT '{at}'::timestamptz") == [(stamped_at,)]
    assert by == "Grace Kim"
    check_whole(database, history)


def test_it_may_be_killed_again_and_again(do: InProcess, database: str, history: Path) -> None:
    for phase in ("staging", "staging", "storing", "checking"):
        killed(database, history, phase)
    assert GOES_ON in again(do, history).err.decode()
    check_whole(database, history)
    assert len(asked(database, "SELECT FROM ledger.imports")) == 2  # and the one that checked


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("phase", ["staging", "storing"])
def test_one_that_is_asked_to_end_leaves_no_process_and_goes_on_too(
    do: InProcess, database: str, history: Path, how: int, phase: str
) -> None:
    killed(database, history, phase, how)
    assert asked(database, "SELECT count(*) FROM ledger.entries") == [(0,)]
    assert GOES_ON in again(do, history).err.decode()
    check_whole(database, history)


def changed(path: Path) -> None:
    """Another file of the same length: two names are exchanged in the second line."""
    content = path.read_bytes()
    other = content.replace(b'"source":"generated"', b'"source":"Generated"', 2)
    assert len(other) == len(content)
    assert other != content
    path.write_bytes(other)


def sources(database: str) -> int:
    return len(
        asked(database, "SELECT FROM ledger.entries WHERE convert_from(body, 'UTF8')::jsonb ->> 'source' = 'Generated'")
    )


def test_a_file_that_has_changed_is_imported_anew(do: InProcess, database: str, history: Path) -> None:
    killed(database, history, "storing")
    changed(history)
    said = again(do, history)
    assert (said.answer["appended"], ANEW in said.err.decode()) == (COUNT, True)
    assert sources(database) == 2
    check_whole(database, history)
    killed_once, anew, _ = asked(database, "SELECT finished_at, given_up_at FROM ledger.imports ORDER BY id")
    assert killed_once[0] is None
    assert killed_once[1] is not None
    assert anew[1] is None


def test_a_build_that_does_not_look_at_digests_keeps_the_old_file(
    do: InProcess, database: str, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(database, history, "storing")
    changed(history)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE ledger.staged_chunks SET sha256 = ''")
    monkeypatch.setattr(Chunk, "sha256", property(lambda _: b""))
    assert do("import", history, "--by", "Grace Kim").code == 0
    assert sources(database) == 0


def test_a_file_that_has_grown_is_imported_anew(do: InProcess, database: str, history: Path) -> None:
    whole = history.read_bytes()
    history.write_bytes(b"".join(lines()[:-10]))
    killed(database, history, "checking")
    history.write_bytes(whole)
    said = again(do, history)
    assert (said.answer["appended"], ANEW in said.err.decode()) == (COUNT, True)
    check_whole(database, history)


def test_somebody_elses_import_is_not_gone_on_with(do: InProcess, database: str, history: Path) -> None:
    killed(database, history, "checking")
    said = do("import", history, "--by", "Olga", "--json")
    assert said.answer["appended"] == COUNT
    assert GOES_ON not in said.err.decode()
    assert ANEW not in said.err.decode()
    assert asked(database, "SELECT imported_by, finished_at IS NOT NULL FROM ledger.imports ORDER BY id") == [
        ("Grace Kim", False),
        ("Olga", True),
    ]


def test_a_crash_of_the_database_empties_staging_and_the_import_begins_anew(
    on_ledger: Callable[[str], InProcess], history: Path
) -> None:
    server = Server()
    try:
        server.start()
        database = server.url()
        migrate(database)
        with suppress(psycopg.OperationalError), blocked(database, "checking") as wait:
            process = started(database, history)
            wait()
            server.kill()
            _, complaint = process.communicate(timeout=ENOUGH)
            assert process.returncode == 1
            assert b"Error: " in complaint
        server.start()
        said = again(on_ledger(database), history)
        assert said.answer["appended"] == COUNT
        assert "nothing is left of what it staged" in said.err.decode()
        assert ANEW in said.err.decode()
        check_whole(database, history)
    finally:
        server.remove()


def test_what_was_refused_is_over(do: InProcess, database: str, history: Path) -> None:
    history.write_bytes(lines()[0] + b"broken\n")
    for _ in range(2):
        said = do("import", history)
        assert said.code == 1
        assert GOES_ON not in said.err.decode()
        assert ANEW not in said.err.decode()
    assert asked(database, "SELECT count(*) FROM ledger.staged_chunks") == [(0,)]


def test_bad_lines_are_told_in_full_by_the_run_that_goes_on(do: InProcess, database: str, history: Path) -> None:
    spoilt = [*lines()[:50], b"broken\n", *lines()[50:], b"\xff\n"]
    history.write_bytes(b"".join(spoilt))
    killed(database, history, "checking")
    said = do("import", history, "--by", "Grace Kim", "--skip-bad", "--json")
    assert said.rows == [{"appended": COUNT, "already": 0, "refused": 2}]
    assert GOES_ON in said.err.decode()
    refused = [canonical.read(line) for line in Path(f"{history}.refused.jsonl").read_bytes().splitlines()]
    assert [(row["line"], row["text"]) for row in refused] == [(51, "broken"), (COUNT + 2, "\\xff")]
