"""Rows of before there were seals are sealed in their place, all or none, and the guard stands afterwards as before."""

import psycopg
import pytest

from infrastructure.mapper import read_rows
from infrastructure.sealing.converting import TreesStandError, seal_what_is_plain
from infrastructure.sealing.sealing import Sealing
from infrastructure.store import Store
from tests.infrastructure.kept.telling import tell
from tests.naive.ledgers import ledger

_GUARD = "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"


def plain(database: str) -> int:
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT count(*) FROM ledger.entries WHERE substr(personal, 1, 1) = '{'::bytea"
        ).fetchone()
    assert found is not None
    return int(found[0])


def test_rows_in_plain_text_are_sealed_and_read_as_before(database: str, sealing: Sealing) -> None:
    raw = [
        {**each, "device": {"id": "d", "ip": "198.51.100.1"}} for each in ledger(4) if each["actor"]["kind"] != "system"
    ]
    with Store(database) as before:
        tell(before, raw)
        read, unread = read_rows(before.read_all())
    assert plain(database) == len(raw)
    with psycopg.connect(database, autocommit=True) as connection:
        guard = connection.execute(_GUARD).fetchall()
        with Store(database, sealing=sealing) as store:
            told: list[tuple[int, int]] = []
            assert seal_what_is_plain(store, lambda done, total: told.append((done, total))) == len(raw)
            assert told[-1] == (len(raw), len(raw))
            assert plain(database) == 0
            assert read_rows(store.read_all()) == (read, unread)
            assert connection.execute(_GUARD).fetchall() == guard
            assert seal_what_is_plain(store) == 0
        with pytest.raises(psycopg.DatabaseError, match="never changed"):
            connection.execute("UPDATE ledger.entries SET personal = NULL")


def test_nothing_is_sealed_under_trees_that_stand(database: str, sealing: Sealing) -> None:
    with Store(database) as before:
        tell(before, [{**each, "reason": "why"} for each in ledger(4)])
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("INSERT INTO evidence.runs VALUES (0, 0, 1, '{1}', '')")
    with Store(database, sealing=sealing) as store, pytest.raises(TreesStandError, match="evidence has begun"):
        seal_what_is_plain(store)
    assert plain(database) > 0


def test_a_conversion_that_fails_changes_nothing(
    database: str, sealing: Sealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(database) as before:
        tell(before, [{**each, "reason": "why"} for each in ledger(4)])
    many = plain(database)
    with psycopg.connect(database, autocommit=True) as connection:
        guard = connection.execute(_GUARD).fetchall()
        with Store(database, sealing=sealing) as store:
            monkeypatch.setattr(Sealing, "seal", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                seal_what_is_plain(store)
        assert connection.execute(_GUARD).fetchall() == guard
    assert plain(database) == many
