"""The key store: keys are made once, destroyed for good, and of no use without the wrapping key."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infrastructure.sealing.keys import KeyStore
from infrastructure.sealing.wrapping import WrappingKeyError
from tests.infrastructure.store.servers import Server


@pytest.fixture
def wrapping(tmp_path: Path) -> Path:
    return tmp_path / "home" / "wrapping.key"


@pytest.fixture
def keys(database: str, wrapping: Path) -> Iterator[KeyStore]:
    found = KeyStore(database, wrapping, patience=60.0)
    yield found
    found.close()


@pytest.fixture
def others(database: str, wrapping: Path, keys: KeyStore) -> Iterator[KeyStore]:
    """The key store as another process has it."""
    found = KeyStore(database, wrapping, patience=60.0)
    yield found
    found.close()


def test_a_subject_has_one_key_whoever_asks(keys: KeyStore, others: KeyStore) -> None:
    made = keys.for_sealing(["account:vic", "account:olga"])
    assert made["account:vic"].id != made["account:olga"].id
    assert others.for_sealing(["account:olga", "account:vic", "account:sana"]).items() >= made.items()
    assert others.for_opening([made["account:vic"].id]) == {made["account:vic"].id: made["account:vic"].secret}


def test_many_processes_make_the_same_keys(keys: KeyStore, others: KeyStore) -> None:
    subjects = [f"account:a{n}" for n in range(300)]
    found: list[dict[str, str]] = []

    def make(store: KeyStore, some: list[str]) -> None:
        found.append({subject: key.id for subject, key in store.for_sealing(some).items()})

    threads = [
        threading.Thread(target=make, args=(store, some))
        for store in (keys, others)
        for some in (subjects, subjects[::-1], subjects[100:])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(threads)
    whole = {subject: key.id for subject, key in keys.for_sealing(subjects).items()}
    assert all(some.items() <= whole.items() for some in found)


def test_a_destroyed_key_opens_nowhere_and_never_comes_back(keys: KeyStore, others: KeyStore) -> None:
    vic = keys.for_sealing(["account:vic"])["account:vic"]
    olga = keys.for_sealing(["account:olga"])["account:olga"]
    others.epoch()
    assert others.for_opening([vic.id])[vic.id] == vic.secret

    assert keys.destroy(["account:vic", "account:nobody"]) == [vic.id]
    assert keys.for_opening([vic.id, olga.id]) == {vic.id: None, olga.id: olga.secret}
    others.epoch()
    assert others.for_opening([vic.id]) == {vic.id: None}
    again = others.for_sealing(["account:vic"])["account:vic"]
    assert again.id != vic.id
    assert keys.lost([vic.id, olga.id, again.id]) == set()


def test_each_destruction_raises_the_epoch_and_no_other_call_does(keys: KeyStore, others: KeyStore) -> None:
    keys.for_sealing(["account:vic"])
    before = keys.epoch()
    assert keys.destroy(["account:nobody"]) == []
    assert keys.epoch() == others.epoch() == before
    keys.destroy(["account:vic"])
    after = others.epoch()
    assert after > before
    assert len(keys.erased_since(before)) == 1
    assert keys.erased_since(after) == set()


def test_who_does_not_ask_for_the_epoch_still_has_what_it_remembers(keys: KeyStore, others: KeyStore) -> None:
    """The tooth of the tests above: it is the question that keeps other processes from showing what is erased."""
    others.epoch()
    vic = others.for_sealing(["account:vic"])["account:vic"]
    keys.destroy(["account:vic"])
    assert others.for_opening([vic.id]) == {vic.id: vic.secret}


def test_the_wrapped_bytes_leave_the_file_of_the_table(server: Server, keys: KeyStore, database: str) -> None:
    keys.for_sealing(["account:vic", "account:olga"])
    with psycopg.connect(database, autocommit=True) as connection:
        rows = connection.execute("SELECT wrapped FROM keys.secrets").fetchall()
        connection.execute("CHECKPOINT")
        assert all(_in_table(server, connection, bytes(wrapped)) for (wrapped,) in rows)
        keys.destroy(["account:vic"])
        connection.execute("CHECKPOINT")
        ((left,),) = connection.execute("SELECT wrapped FROM keys.secrets").fetchall()
        assert [_in_table(server, connection, bytes(wrapped)) for (wrapped,) in rows].count(True) == 1
        assert _in_table(server, connection, bytes(left))


def _in_table(server: Server, connection: psycopg.Connection[tuple[str]], wanted: bytes) -> bool:
    (path,) = connection.execute("SELECT pg_relation_filepath('keys.secrets')").fetchone() or ("",)
    return wanted in (server.data / path).read_bytes()


def test_a_destruction_that_was_killed_is_cleared_away_by_the_next(
    keys: KeyStore, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.for_sealing(["account:vic"])

    def killed(_self: KeyStore, _connection: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(KeyStore, "_sweep", killed)
        with pytest.raises(KeyboardInterrupt):
            keys.destroy(["account:vic"])
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT swept < epoch FROM keys.state").fetchone() == (True,)
    assert keys.destroy(["account:vic"]) == []
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT swept = epoch FROM keys.state").fetchone() == (True,)


def test_keys_that_an_old_backup_brings_back_are_destroyed_again(keys: KeyStore, database: str) -> None:
    vic = keys.for_sealing(["account:vic"])["account:vic"]
    olga = keys.for_sealing(["account:olga"])["account:olga"]
    with psycopg.connect(database) as connection:
        backup = connection.execute("SELECT id, subject, wrapped FROM keys.secrets").fetchall()
        before = connection.execute("SELECT epoch, swept FROM keys.state").fetchone()
    keys.destroy(["account:vic"])
    later = keys.for_sealing(["account:vic"])["account:vic"]
    with psycopg.connect(database) as connection:
        connection.execute("TRUNCATE keys.secrets, keys.destroyed")
        connection.execute("UPDATE keys.state SET epoch = %s, swept = %s", before)
        connection.cursor().executemany("INSERT INTO keys.secrets (id, subject, wrapped) VALUES (%s, %s, %s)", backup)
    keys.epoch()
    assert keys.for_opening([vic.id])[vic.id] == vic.secret
    assert keys.lost([later.id, vic.id]) == {later.id}

    assert keys.replay({"account:vic": [vic.id]}) == [vic.id]
    assert keys.for_opening([vic.id, olga.id]) == {vic.id: None, olga.id: olga.secret}
    epoch = keys.epoch()
    assert keys.replay({"account:vic": [vic.id]}) == []
    assert keys.epoch() == epoch
    assert keys.lost([vic.id]) == set()


def test_a_key_of_after_the_erasure_is_not_replayed_away(keys: KeyStore) -> None:
    first = keys.for_sealing(["account:vic"])["account:vic"]
    keys.destroy(["account:vic"])
    second = keys.for_sealing(["account:vic"])["account:vic"]
    assert keys.replay({"account:vic": [first.id]}) == []
    assert keys.for_opening([second.id])[second.id] == second.secret


def test_the_wrapping_key_is_made_for_this_user_alone(keys: KeyStore, wrapping: Path) -> None:
    assert wrapping.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(wrapping.read_text().strip())) == 32
    assert [found.name for found in wrapping.parent.iterdir()] == [wrapping.name]


def test_a_missing_wrapping_key_is_said_and_none_is_made(keys: KeyStore, database: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.key"
    with pytest.raises(WrappingKeyError, match=r"elsewhere\.key is missing"):
        KeyStore(database, elsewhere)
    assert not elsewhere.exists()


def test_another_wrapping_key_is_refused(keys: KeyStore, database: str, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.write_text("ab" * 32)
    other.chmod(0o600)
    with pytest.raises(WrappingKeyError, match="is another wrapping key"):
        KeyStore(database, other)


@pytest.mark.parametrize(
    ("text", "mode", "said"), [("abc", 0o600, "is not a wrapping key"), ("ab" * 32, 0o640, "chmod")]
)
def test_a_file_that_is_no_key_or_open_to_others_is_refused(
    database: str, tmp_path: Path, text: str, mode: int, said: str
) -> None:
    path = tmp_path / "some.key"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(WrappingKeyError, match=said):
        KeyStore(database, path)


def test_wrapped_keys_cannot_change_places(keys: KeyStore, others: KeyStore, database: str) -> None:
    made = keys.for_sealing(["account:vic", "account:olga"])
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE keys.secrets AS a SET wrapped = b.wrapped FROM keys.secrets AS b WHERE a.id <> b.id")
    with pytest.raises(WrappingKeyError, match="does not open"):
        others.for_opening([made["account:vic"].id])


def test_processes_that_start_at_once_get_one_wrapping_key(database: str, wrapping: Path) -> None:
    found: list[KeyStore] = []
    threads = [
        threading.Thread(target=lambda: found.append(KeyStore(database, wrapping, patience=60.0))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(threads)
    ids = {store.for_sealing(["account:vic"])["account:vic"].id for store in found}
    assert len(ids) == 1
    for store in found:
        store.close()


def test_what_is_no_key_opens_nothing(keys: KeyStore) -> None:
    assert keys.for_opening(["not a key"]) == {"not a key": None}
