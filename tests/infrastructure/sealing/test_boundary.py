"""Above the store personal fields are plain, below it they are sealed; what is erased comes up as a placeholder."""

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest

from domain import canonical
from domain.entries import Entry, Quarantined, Stamp
from domain.facts import read_fact
from domain.personal import Opened, joined, pseudonym_of
from infrastructure.mapper import entry_of, new_row
from infrastructure.sealing.checking import seal_fault
from infrastructure.sealing.sealed_bytes import sealed_parts
from infrastructure.sealing.sealing import Sealing, open_sealing
from infrastructure.store import NewRow, Row, Store, SubjectErased
from infrastructure.store.appending import _read_back
from infrastructure.store.boundary import BROKEN, Keys
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


def sealed_one(sealing: Sealing) -> tuple[NewRow, bytes]:
    row = new_row(Entry(read_fact(ADDED), Stamp()), 1)
    (lies,) = sealing.seal([row])
    assert lies is not None
    return row, lies


def written(parts: list[dict[str, object]]) -> bytes:
    return canonical.write(parts)


def test_sealed_bytes_are_in_their_one_form(sealing: Sealing) -> None:
    _, lies = sealed_one(sealing)
    assert written(sealed_parts(lies)) == lies


def test_a_part_opens_for_no_other_fact_subject_or_key(sealing: Sealing) -> None:
    row, lies = sealed_one(sealing)
    assert sealing.open([(row.fact, lies)]) == [(row.personal, False)]
    assert sealing.open([(uuid4(), lies)])[0].personal == BROKEN
    parts = sealed_parts(lies)
    for name in ("ciphertext", "nonce", "subject", "key"):
        swapped = [dict(part) for part in parts]
        swapped[0][name], swapped[1][name] = swapped[1][name], swapped[0][name]
        assert sealing.open([(row.fact, written(swapped))])[0].personal == BROKEN, name


def test_every_byte_of_a_ciphertext_counts(sealing: Sealing) -> None:
    row, lies = sealed_one(sealing)
    parts = sealed_parts(lies)
    content = bytearray(a2b_base64(parts[1]["ciphertext"]))
    for place in range(len(content)):
        changed = bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        other = [parts[0], {**parts[1], "ciphertext": b2a_base64(changed, newline=False).decode()}]
        assert sealing.open([(row.fact, written(other))])[0].personal == BROKEN


def test_a_changed_seal_is_quarantined_and_no_word_of_it_is_said(sealed: Store) -> None:
    tell(sealed, [ADDED])
    (row,) = rows_of(sealed)
    found = entry_of(replace(row, personal=BROKEN))
    assert isinstance(found, Quarantined)
    assert "do not open" in found.reason
    spoilt = entry_of(replace(row, personal=b'{"data":{"name":{"Canary":1}}}'))
    assert isinstance(spoilt, Quarantined)
    assert "Canary" not in spoilt.reason


def test_what_was_committed_to_is_checked(sealed: Store, sealing: Sealing) -> None:
    tell(sealed, [ADDED])
    (row,) = rows_of(sealed)
    entry = entry_of(row)
    assert isinstance(entry, Entry)
    assert seal_fault(row, entry, sealing) is None
    assert row.sealed is not None
    parts = sealed_parts(row.sealed)
    for name, value, said in [
        ("commit", "0" * 64, "commitment"),
        ("fields", ["data.contact"], "whom the fact is about"),
        ("extra", "x", "one form"),
    ]:
        broken = replace(row, sealed=written([parts[0], {**parts[1], name: value}]))
        assert said in (seal_fault(broken, entry, sealing) or ""), name
    assert "order" in (seal_fault(replace(row, sealed=written(parts[::-1])), entry, sealing) or "")
    assert "plain text" in (seal_fault(replace(row, sealed=row.personal), entry, sealing) or "")


def test_a_key_that_is_lost_is_no_erasure(sealed: Store, sealing: Sealing) -> None:
    tell(sealed, [ADDED])
    with psycopg.connect(sealing.keys.conninfo) as connection:
        connection.execute("DELETE FROM keys.secrets")
    with Store(sealed.connections.conninfo, sealing=open_sealing(sealing.keys)) as later:
        (row,) = rows_of(later)
        entry = entry_of(row)
        assert isinstance(entry, Entry)
        assert "neither there nor was it destroyed" in (seal_fault(row, entry, later.connections.boundary) or "")


def test_rows_of_before_there_were_seals_are_read(database: str, sealing: Sealing) -> None:
    with Store(database) as before:
        tell(before, [ADDED])
    with Store(database, sealing=sealing) as sealed:
        (row,) = rows_of(sealed)
        entry = entry_of(row)
        assert isinstance(entry, Entry)
        assert entry.fact == read_fact(ADDED)


def test_the_same_append_again_is_the_same_also_when_erased_meanwhile(sealed: Store, sealing: Sealing) -> None:
    row = new_row(Entry(read_fact(ADDED), Stamp()), 1)
    sealed.append([row])
    with sealed.connections.take(own=True) as connection:
        assert _read_back(connection, [row]) is not None
        assert _read_back(connection, [replace(row, personal=b"{}")]) is None
        sealing.store.destroy(["member:L1/sana"])
        assert _read_back(connection, [row]) is not None
        assert _read_back(connection, [replace(row, body=b"{}")]) is None


def test_who_decided_before_an_erasure_decides_again(sealed: Store, other: Store, sealing: Sealing) -> None:
    tell(sealed, [ADDED])
    seen = other.look({"location:L1": 0}, uuid4())
    sealing.store.destroy(["member:L1/sana"])
    edited = {
        **ADDED,
        "id": "22222222-2222-4222-8222-222222222222",
        "type": "TeamMemberEdited",
        "data": {"member": "sana", "before": {"name": "Sana Canary"}, "after": {"name": "S."}},
    }
    row = new_row(Entry(read_fact(edited), Stamp()), 2)
    with pytest.raises(SubjectErased):
        other.gather([row], epoch=seen.epoch)
    assert len(rows_of(sealed)) == 1
    other.gather([row], epoch=other.look({}, uuid4()).epoch)
    assert len(rows_of(sealed)) == 2


def test_a_kill_between_key_and_append_leaves_a_key_and_nothing_else(
    sealed: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = new_row(Entry(read_fact(ADDED), Stamp()), 1)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Store, "_append", killed)
        with pytest.raises(KeyboardInterrupt):
            sealed.append([row])
    assert stored(sealed) == []
    other.append([row])
    assert rows_of(sealed)[0].personal == row.personal


def test_nothing_personal_is_sealed_without_its_subject(sealing: Sealing) -> None:
    row = new_row(Entry(read_fact(ADDED), Stamp()), 1)
    with pytest.raises(ValueError, match="cannot be sealed"):
        sealing.seal([replace(row, parts=())])


def test_texts_are_veiled_alike_until_the_key_is_destroyed(sealing: Sealing, keys: Keys) -> None:
    veiled = sealing.veil("account:vic", "Vic")
    assert veiled == sealing.veil("account:vic", "Vic")
    assert veiled != sealing.veil("account:ann", "Vic")
    elsewhere = open_sealing(keys)
    elsewhere.fetch([veiled])
    assert elsewhere.unveil("account:vic", veiled) == "Vic"
    assert elsewhere.unveil("account:ann", veiled) is None
    sealing.store.destroy(["account:vic"])
    elsewhere.epoch()
    assert elsewhere.unveil("account:vic", veiled) is None
    assert sealing.epoch() == elsewhere.epoch()
    assert sealing.veil("account:vic", "Vic") != veiled
    elsewhere.close()
