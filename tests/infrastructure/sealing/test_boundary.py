"""Above the store personal fields are plain, below it they are sealed; what is erased comes up as a placeholder."""

from collections.abc import Iterator

import psycopg
import pytest

from domain.entries import Entry, Stamp
from domain.facts import read_fact
from domain.personal import Opened, joined, pseudonym_of
from infrastructure.mapper import entry_of, new_row
from infrastructure.sealing.sealed_bytes import sealed_parts
from infrastructure.sealing.sealing import Sealing, open_sealing
from infrastructure.store import Row, Store
from infrastructure.store.boundary import Keys
from tests.domain.every_type import EVERY
from tests.infrastructure.kept.telling import tell

ADDED = {
    "id": "11111111-1111-4111-8111-111111111111",
    "type": "TeamMemberAdded",
    "location": "L1",
    "recorded_at": "2026-03-10T10:00:00Z",
    "effective_at": "2026-03-10T10:00:00Z",
    "actor": {"kind": "person", "id": "acc-olga"},
    "device": {"id": "dev-1", "ip": "198.51.100.51", "user_agent": "Safari"},
    "change": "c1",
    "data": {"member": "sana", "name": "Sana Canary"},
}


@pytest.fixture
def other(keys: Keys, sealed: Store) -> Iterator[Store]:
    """The same ledger in another process."""
    with Store(sealed.connections.conninfo, patience=60.0, sealing=open_sealing(keys, patience=60.0)) as found:
        yield found


def stored(store: Store) -> list[tuple[bytes, bytes | None]]:
    """What lies in the database."""
    with psycopg.connect(store.connections.conninfo) as connection:
        return connection.execute("SELECT body, personal FROM ledger.entries ORDER BY id").fetchall()


def rows_of(store: Store) -> list[Row]:
    return list(store.read_all(0, store.sequence()))


def test_the_database_has_sealed_bytes_and_readers_have_plain_ones(sealed: Store) -> None:
    tell(sealed, [ADDED])
    ((body, lies),) = stored(sealed)
    assert lies is not None
    assert b"Canary" not in body + lies
    assert b"198.51" not in body + lies
    assert [(part["subject"], part["fields"]) for part in sealed_parts(lies)] == [
        ("account:acc-olga", ["device.ip", "device.user_agent"]),
        ("member:L1/sana", ["data.name"]),
    ]
    (row,) = rows_of(sealed)
    assert (row.sealed, row.erased) == (lies, False)
    assert row.personal == b'{"data":{"name":"Sana Canary"},"device":{"ip":"198.51.100.51","user_agent":"Safari"}}'
    entry = entry_of(row)
    assert isinstance(entry, Entry)
    assert entry.fact == read_fact(ADDED)


def test_a_fact_of_every_type_comes_up_as_it_went_down(sealed: Store) -> None:
    entries = [Entry(read_fact(raw), Stamp()) for raw in EVERY]
    for entry in entries:
        row = new_row(entry, 1)
        (lies,) = sealed.connections.boundary.seal([row])
        (plain,) = sealed.connections.boundary.open([(row.fact, lies)])
        assert plain == (row.personal, False)


def test_after_a_destruction_every_process_shows_the_pseudonym(sealed: Store, other: Store, sealing: Sealing) -> None:
    tell(sealed, [ADDED])
    assert rows_of(other)[0].personal == rows_of(sealed)[0].personal
    sealing.store.destroy(["member:L1/sana"])
    for store in (sealed, other):
        (row,) = rows_of(store)
        assert row.erased
        entry = entry_of(row)
        assert isinstance(entry, Entry)
        assert entry.fact.data == read_fact({**ADDED, "data": {"member": "sana", "name": NAME}}).data
        assert entry.fact.device == read_fact(ADDED).device


NAME = pseudonym_of("member:L1/sana")


def test_the_pseudonym_is_short_stable_and_says_nothing() -> None:
    assert NAME == "erased-30ce58f410"
    assert joined([Opened("member:L1/sana", ("data.name",), None)]) == f'{{"data":{{"name":"{NAME}"}}}}'.encode()
