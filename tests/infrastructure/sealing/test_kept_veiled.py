"""What is kept has no name in plain text; after an erasure it is kept again, and answers as a fresh fold does."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from domain import canonical
from domain.personal import pseudonym_of
from infrastructure.books import Books, NotFoundError
from infrastructure.kept.comparing import compare
from infrastructure.kept.kept import Kept
from infrastructure.kept.kept_again import KeptAgain
from infrastructure.kept.projector import Projector
from infrastructure.kept.rebuild import remake
from infrastructure.sealing.sealing import Sealing
from infrastructure.store import Store
from projections.filters import EVERYTHING
from tests.infrastructure.kept.telling import CATALOGUES, keep, tell
from tests.infrastructure.store.servers import Server
from tests.naive.ledgers import ledger

NOW = datetime(2027, 3, 1, tzinfo=UTC)
QUESTIONS = ("seats", "access", "roster", "charges")


def people(raw: list[dict[str, Any]]) -> list[str]:
    """The subjects that are named in a ledger."""
    found = set()
    for each in raw:
        data = each["data"].get("fact") or each
        if "member" in data["data"]:
            found.add(f"member:{each.get('location') or ''}/{data['data']['member']}")
        if "account" in data["data"]:
            found.add(f"account:{data['data']['account']}")
    return sorted(found)


def dumped(database: str) -> bytes:
    """Everything that is kept, as text."""
    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'kept'").fetchall()
        rows = [connection.execute(f"SELECT t::text FROM kept.{table} AS t").fetchall() for (table,) in tables]
    return str(rows).encode()


def answers(store: Store, last: int, kept: Kept | None) -> list[bytes]:
    books = Books(store, CATALOGUES, position=last, now=NOW, kept=kept)
    found = []
    for place in store.locations():
        for name in QUESTIONS:
            try:
                found.append(canonical.write(getattr(books, name)(place)))
            except NotFoundError:
                continue
        found.append(canonical.write(books.history(place, EVERYTHING)))
        found.append(canonical.write(books.log(place, EVERYTHING)))
    return found


@pytest.mark.parametrize("seed", [2, 7])
def test_kept_and_folded_are_the_same_bytes_before_and_after_an_erasure(
    sealed: Store, sealing: Sealing, database: str, seed: int
) -> None:
    raw = ledger(seed)
    last = tell(sealed, raw)
    projector = keep(sealed, last, Random(seed))
    kept = Kept(sealed, CATALOGUES)
    assert kept.position() == last
    assert compare(sealed, CATALOGUES, sample=None) == []
    before = answers(sealed, last, kept)
    assert before == answers(sealed, last, None)
    subjects = people(raw)
    erased = Random(seed).sample(subjects, max(2, len(subjects) // 3))
    sealing.store.destroy(erased)

    assert kept.position() == 0
    assert kept.opening().to_be_kept_again
    folded = answers(sealed, last, None)
    assert folded == answers(sealed, last, kept)
    assert folded != before
    projector.bring_forward(last)
    assert kept.position() == kept.opening().kept_to == last
    assert not kept.opening().to_be_kept_again
    assert compare(sealed, CATALOGUES, sample=None) == []
    assert answers(sealed, last, kept) == folded
    assert any(pseudonym_of(subject).encode() in answer for subject in erased for answer in folded)


def test_no_name_is_kept_in_plain_text(sealed: Store, database: str) -> None:
    raw = [{**each, "reason": "Canary reason"} for each in ledger(5)]
    for each in raw:
        for field in ("name", "contact"):
            if field in each["data"] and each["type"] != "LocationOpened":
                each["data"][field] = f"Canary {each['data'][field]}"
    last = tell(sealed, raw)
    keep(sealed, last, Random(5))
    assert b"Canary" not in dumped(database)
    remake(sealed, CATALOGUES)
    assert b"Canary" not in dumped(database)
    kept = Kept(sealed, CATALOGUES)
    assert kept.position() == last
    assert b"".join(answers(sealed, last, kept)).count(b"Canary") > 0


def test_a_projector_that_remembers_somebody_does_not_keep_the_name(
    sealed: Store, sealing: Sealing, database: str
) -> None:
    raw = ledger(3)
    last = tell(sealed, raw)
    projector = Projector(sealed, CATALOGUES)
    projector.bring_forward(last // 2)
    sealing.store.destroy(people(raw))
    projector.bring_forward(last)
    assert compare(sealed, CATALOGUES, sample=None) == []
    assert answers(sealed, last, Kept(sealed, CATALOGUES)) == answers(sealed, last, None)


def test_without_keeping_again_the_tables_are_not_those_of_a_fold(
    sealed: Store, sealing: Sealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tooth: what is kept before an erasure is found to differ from a fold after it."""
    raw = ledger(3)
    last = tell(sealed, raw)
    projector = Projector(sealed, CATALOGUES)
    projector.bring_forward(last)
    sealing.store.destroy(people(raw))
    monkeypatch.setattr(KeptAgain, "_location", lambda *_: True)
    projector.bring_forward(last)
    assert compare(sealed, CATALOGUES, sample=None) != []


@pytest.mark.parametrize("seed", [1, 8])
def test_sealed_and_unsealed_ledgers_answer_alike(
    sealed: Store, server: Server, template: str, seed: int, tmp_path: Path
) -> None:
    raw = ledger(seed)
    name = f"unsealed_{tmp_path.name}".lower().replace("-", "_")
    server.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}')
    with Store(server.url(name), patience=60.0) as plain:
        last = tell(plain, raw)
        expected = answers(plain, last, None)
    assert tell(sealed, raw) == last
    keep(sealed, last, Random(seed))
    assert answers(sealed, last, None) == expected
    assert answers(sealed, last, Kept(sealed, CATALOGUES)) == expected
    server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
