"""Users are counted by locks of the kernel: the last one stops the server, however it ends."""

import fcntl
import json
import os
import subprocess
import sys

import psutil

from infrastructure.embedded.binaries import wheel_binaries
from tests.infrastructure.embedded.stage import PYTHON, USER, Stage, answer
from tests.infrastructure.store.waiting import ENOUGH


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
    assert user.process.wait(ENOUGH) == 0
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
    assert user.process.wait(ENOUGH) == 0
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
        timeout=ENOUGH,
        text=True,
        check=True,
        start_new_session=True,
        env=os.environ | PYTHON,
    )
    said = json.loads(ended.stdout)
    assert answer(said["url"]) == 42
    with seeded.server() as server:
        assert server.postmaster_pid == said["pid"]
