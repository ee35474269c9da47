"""The folder of the socket: cleaned away, not ours, too long, or elsewhere for another process."""

import os
import shutil
import tempfile

import pytest

from infrastructure.embedded import EmbeddedServerError
from infrastructure.embedded.account import server_account
from infrastructure.embedded.sockets import ensure_socket_folder
from tests.infrastructure.embedded.stage import AS_ROOT, Stage, answer


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
