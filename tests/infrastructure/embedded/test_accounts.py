"""Accounts: root has the server run without rights, and nobody takes the home of another."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import psutil
import pytest

from infrastructure.embedded import EmbeddedServer, EmbeddedServerError
from infrastructure.embedded.binaries import wheel_binaries
from tests.infrastructure.embedded.stage import FAST, Stage, answer, only_root


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
