"""The embedded server under real faults: killed processes, stale files, interrupted beginnings."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from infrastructure.embedded import control
from infrastructure.embedded.account import server_account
from infrastructure.embedded.binaries import wheel_binaries
from infrastructure.embedded.programs import run
from tests.infrastructure.embedded.stage import PYTHON, USER, Stage, answer, checkpointer, kill, only_root, setting
from tests.infrastructure.store.waiting import ENOUGH, until


@pytest.mark.parametrize("victims", ["postmaster", "children", "everybody", "everybody and the user"])
def test_after_kill_9_the_next_start_works(seeded: Stage, victims: str) -> None:
    user = seeded.user()
    said = user.report()
    family = psutil.Process(int(said["pid"]))
    children = family.children()
    assert children
    kill(*([] if victims == "children" else [family]), *([] if victims == "postmaster" else children))
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
        kill(psutil.Process(server.postmaster_pid))
        assert answer(server.start()) == 42


def test_children_that_outlive_their_postmaster_are_ended_first(seeded: Stage) -> None:
    user = seeded.user()
    family = psutil.Process(int(user.report()["pid"]))
    survivor = checkpointer(family)
    survivor.suspend()
    user.kill()
    family.kill()
    until(lambda: seeded.alive() == [survivor])
    with seeded.server() as server:
        assert answer(server.url()) == 42
        assert survivor not in seeded.alive()


def test_a_postmaster_that_answers_nobody_is_replaced(seeded: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "SILENCE", 0.5)
    user = seeded.user()
    frozen = psutil.Process(int(user.report()["pid"]))
    user.kill()
    frozen.suspend()
    with seeded.server() as server:
        assert answer(server.url()) == 42
        assert server.postmaster_pid != frozen.pid


def test_a_pid_used_again_by_another_program_fools_pg_ctl_but_not_us(seeded: Stage) -> None:
    account = server_account(seeded.places.cluster)
    stranger = subprocess.Popen(["sleep", "3600"], text=True, user=account.uid if account.borrowed else None)
    seeded.processes.append(stranger)
    stale = seeded.places.pid_file
    stale.write_text(f"{stranger.pid}\n{seeded.places.cluster}\n1700000000\n5432\n/tmp\n\n  1 1\nready   \n")
    stale.chmod(0o644)
    pg_ctl, nowhere = wheel_binaries() / "pg_ctl", Path("/")
    naive = run(pg_ctl, "status", "-D", str(seeded.places.cluster), account=account, folder=nowhere, timeout=ENOUGH)
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
    until((stage.places.unfinished / "PG_VERSION").exists)
    user.kill()
    assert not stage.places.cluster.exists()
    with stage.server() as server:
        assert setting(server.url(), "server_encoding") == "UTF8"
    assert not stage.places.unfinished.exists()


def test_a_caller_killed_while_the_server_starts(seeded: Stage) -> None:
    user = seeded.user()
    until(seeded.alive)
    user.kill()
    with seeded.server() as server:
        assert answer(server.url()) == 42
    assert seeded.alive() == []


def test_a_caller_interrupted_while_the_server_starts_leaves_none_running(seeded: Stage) -> None:
    user = seeded.user()
    until(seeded.alive)
    user.process.send_signal(signal.SIGINT)
    assert user.process.wait(ENOUGH) != 0
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
    survivor = checkpointer(family)
    survivor.suspend()
    user.kill()
    family.kill()
    until(lambda: seeded.alive() == [survivor])
    blind = ["setpriv", "--bounding-set=-sys_ptrace", sys.executable, "-c"]
    look = f"import psutil; psutil.Process({survivor.pid}).cwd()"
    assert b"AccessDenied" in subprocess.run([*blind, look], capture_output=True, check=False).stderr
    ended = subprocess.run(
        [*blind, USER, str(seeded.home), ""],
        capture_output=True,
        timeout=ENOUGH,
        check=True,
        env=os.environ | PYTHON,
    )
    assert json.loads(ended.stdout)["pid"]
    assert seeded.alive() == []
