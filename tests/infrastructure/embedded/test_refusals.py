"""What the embedded server refuses or cannot do is told in a sentence, and changes nothing."""

import shutil
import subprocess

import pytest

from infrastructure.embedded import EmbeddedServer, EmbeddedServerError
from tests.infrastructure.embedded.stage import DEBIAN, FAST, Stage, answer, only_root, only_user, setting


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
