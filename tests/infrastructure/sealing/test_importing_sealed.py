"""An import seals in whatever process reads the file, and knows facts again by what they say."""

import io
import json
from typing import Any

import psycopg
import pytest

from domain.entries import Entry, Stamp, in_parts
from domain.facts import read_fact
from infrastructure.importing import Importer, Report
from infrastructure.importing.importer import ImportRefusedError
from infrastructure.library import LedgerEvent, ledger_event_store
from infrastructure.mapper import read_rows
from infrastructure.sealing.sealing import Sealing
from infrastructure.store import Store
from tests.infrastructure.kept.telling import CATALOGUES, tell
from tests.infrastructure.sealing.test_boundary import ADDED
from tests.infrastructure.sealing.test_converting import plain
from tests.naive.ledgers import ledger


def facts() -> list[dict[str, Any]]:
    """History of one location with everything personal in it, in order."""
    found = [each for each in ledger(6) if each.get("location") == "L1" and each["type"] != "Correction"]
    found = [
        {**each, "effective_at": each["recorded_at"]} for each in sorted(found, key=lambda each: each["recorded_at"])
    ]
    return [{**each, "source": "shop", "reason": f"because {n}"} for n, each in enumerate(found)]


def brought(store: Store, lines: list[dict[str, Any]], *, processes: int = 0, name: str = "f") -> Report:
    source = io.BytesIO("\n".join(map(json.dumps, lines)).encode())
    importer = Importer(store, CATALOGUES, processes=processes, chunk_bytes=2_000)
    return importer.run(source, name=name, by="ada")


@pytest.mark.parametrize("processes", [0, 2])
def test_what_is_imported_is_sealed_and_read_as_it_was(sealed: Store, database: str, processes: int) -> None:
    lines = facts()
    assert brought(sealed, lines, processes=processes).appended == len(lines)
    assert plain(database) == 0
    sealed.sequence()
    entries, unread = read_rows(sealed.read_all())
    assert not unread
    assert {(entry.fact.id, entry.fact.reason) for entry in entries} == {(each["id"], each["reason"]) for each in lines}


def test_the_same_file_again_changes_nothing_also_when_somebody_was_erased(sealed: Store, sealing: Sealing) -> None:
    lines = facts()
    brought(sealed, lines)
    sealed.sequence()
    assert brought(sealed, lines, name="again") == Report(appended=0, already=len(lines), refused=0)
    subjects = {part.subject for each in lines for part in _parts(each)}
    sealing.store.destroy(subjects)
    assert brought(sealed, lines, name="once more") == Report(appended=0, already=len(lines), refused=0)
    other = [{**each, "change": "another"} if n == 3 else each for n, each in enumerate(lines)]
    with pytest.raises(ImportRefusedError) as refused:
        brought(sealed, other, name="another")
    assert [bad.line for bad in refused.value.bad] == [4]


def _parts(raw: dict[str, Any]) -> Any:
    return in_parts(Entry(read_fact(raw), Stamp()))[2]


def test_a_name_that_differs_is_another_content(sealed: Store) -> None:
    lines = facts()
    brought(sealed, lines)
    other = [{**each, "reason": "another"} if n == 2 else each for n, each in enumerate(lines)]
    with pytest.raises(ImportRefusedError) as refused:
        brought(sealed, other, name="another")
    assert [bad.line for bad in refused.value.bad] == [3]


def test_lines_that_come_twice_are_compared_by_what_they_say(sealed: Store) -> None:
    lines = facts()
    assert brought(sealed, [lines[0], *lines]) == Report(appended=len(lines), already=1, refused=0)


def test_lines_with_one_id_and_other_personal_fields_are_refused(sealed: Store) -> None:
    lines = facts()
    with pytest.raises(ImportRefusedError) as refused:
        brought(sealed, [{**lines[0], "reason": "another"}, *lines])
    assert [bad.line for bad in refused.value.bad] == [2]


def test_the_library_reads_and_writes_plain_over_sealed_rows(sealed: Store, database: str) -> None:
    tell(sealed, [ADDED])
    (read,) = read_rows(sealed.read_all())[0]
    events = ledger_event_store(sealed)
    (event,) = events.get("location:L1")
    assert isinstance(event, LedgerEvent)
    assert event.entry == type(read)(read.fact, read.stamp)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM ledger.entries WHERE personal LIKE '%Canary%'").fetchone() == (
            0,
        )
