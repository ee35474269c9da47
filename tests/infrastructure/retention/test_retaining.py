"""What is due is retired class by class, nothing before its term or while it is held; answers say so."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO

import psycopg
import pytest

from domain.facts import OBSERVATIONS
from domain.retention import CLASSES, TYPES, due_from, due_types
from infrastructure.importing import Importer
from infrastructure.retention import retaining
from infrastructure.retention.retaining import NotRetiredError, Retaining
from infrastructure.store import LedgerUnavailable, Store
from infrastructure.verifying import verify
from infrastructure.wiring import Application, application
from projections.filters import EVERYTHING
from tests.infrastructure.retention.telling import corrected, written
from tests.infrastructure.store.making import row
from tests.infrastructure.store.test_partitions import lies_in


@pytest.fixture
def ledger(store: Store) -> Application:
    """Three years of observations of every class, told and kept."""
    made = application(store)
    assert isinstance(made.importer, Importer)
    made.importer.run(BytesIO(written(corrected())), name="history", by="tests")
    made.projector.bring_forward(store.sequence())
    return made


@pytest.fixture
def retaining_(ledger: Application) -> Retaining:
    return Retaining(ledger.store, ledger.projector)


def _months_since(year: int, store: Store) -> int:
    """A term that is over for a year, and not for the next."""
    now = store.now()
    return (now.year - year - 1) * 12 + now.month - 1


def _seen(ledger: Application, *types: str) -> list[tuple[str, str]]:
    rows = ledger.books().log(None, EVERYTHING)["log"]
    return [(each["recorded_at"][:4], each["type"]) for each in rows if not types or each["type"] in types]


def _sound(ledger: Application) -> None:
    found = verify(ledger.store, ledger.catalogues)
    assert [each.sentence for each in found.broken] == []


def test_every_observation_has_one_class() -> None:
    listed = [kind for name in CLASSES for kind in TYPES[name]]
    assert sorted(listed) == sorted(OBSERVATIONS)


def test_a_year_is_due_when_the_term_of_its_last_instant_is_over() -> None:
    assert due_from(2024, 12) == datetime(2026, 1, 1, tzinfo=UTC)
    assert due_from(2024, 30) == datetime(2027, 7, 1, tzinfo=UTC)
    terms = dict.fromkeys(CLASSES, 24)
    at = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert due_types(2024, terms, at) == ()
    assert due_types(2024, terms, at + timedelta(minutes=1)) is None
    assert due_types(2024, {**terms, "exports": None}, at + timedelta(days=9000)) == (
        *TYPES["sign_ins"],
        *TYPES["record_edits"],
        *TYPES["log_views"],
        *TYPES["refusals"],
    )


def test_without_a_term_nothing_is_retired(ledger: Application, retaining_: Retaining, database: str) -> None:
    before = lies_in(database)
    assert retaining_.due() == []
    assert retaining_.run() == []
    assert lies_in(database) == before


def test_a_term_is_twelve_months_at_least(retaining_: Retaining, database: str) -> None:
    with pytest.raises(ValueError, match="12"):
        retaining_.rules.set_term("exports", 11, by="ada", reason="no")
    with psycopg.connect(database) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            b"INSERT INTO ledger.retention_terms (class, months, set_by, reason) VALUES ('exports', 11, 'a', 'b')"
        )


def test_one_class_is_retired_and_the_others_stay(ledger: Application, retaining_: Retaining, database: str) -> None:
    before = _seen(ledger)
    retaining_.rules.set_term("exports", _months_since(2020, ledger.store), by="ada", reason="our policy")
    due = retaining_.due()
    assert [(each.year, each.facts, each.held, each.whole) for each in due] == [
        (2019, 2, 0, False),
        (2020, 2, 0, False),
    ]
    assert [(one.partition, one.facts) for one in retaining_.run()] == [
        ("observations_2019", 2),
        ("observations_2020", 2),
    ]
    gone = [("2019", "DataExported"), ("2020", "DataExported")]
    assert _seen(ledger) == [each for each in before if each not in gone]
    assert retaining_.due() == []
    assert retaining_.run() == []
    answer = ledger.books().log("L1", EVERYTHING)
    assert answer["retired"] == [{"class": "exports", "before": "2021-01-01T00:00:00Z"}]
    assert "retired" not in ledger.books().roster("L1")
    _sound(ledger)


def test_classes_go_one_after_the_other_and_the_last_takes_the_rest(
    ledger: Application, retaining_: Retaining, database: str
) -> None:
    months = _months_since(2021, ledger.store)
    for name in CLASSES:
        retaining_.rules.set_term(name, months, by="ada", reason="our policy")
        assert len(retaining_.run()) == 3
        _sound(ledger)
    left = _seen(ledger, *OBSERVATIONS)
    assert left == [("2019", "SignedIn")], "what a correction names stays with it"
    assert lies_in(database)["ledger.observations_2019"] == 1
    ledger.books().roster("L1")


def test_a_year_of_which_all_is_due_is_detached_as_it_is(
    ledger: Application, retaining_: Retaining, database: str
) -> None:
    with psycopg.connect(database) as connection:
        (before,) = connection.execute(b"SELECT 'ledger.observations_2021'::regclass::oid").fetchone() or (0,)
    for name in CLASSES:
        retaining_.rules.set_term(name, _months_since(2021, ledger.store), by="ada", reason="our policy")
    assert [due.whole for due in retaining_.due()] == [False, True, True]
    retaining_.run()
    with psycopg.connect(database) as connection:
        (after,) = connection.execute(b"SELECT 'ledger.observations_2021'::regclass::oid").fetchone() or (0,)
    assert before == after, "no row of it was copied"
    _sound(ledger)


def test_nothing_goes_before_its_term(ledger: Application, retaining_: Retaining) -> None:
    for name in CLASSES:
        retaining_.rules.set_term(name, _months_since(2018, ledger.store), by="ada", reason="our policy")
    assert retaining_.due() == []
    assert retaining_.run() == []


@pytest.mark.parametrize(
    ("location", "name", "left"), [("L1", "exports", 1), (None, "exports", 2), ("L2", None, 1), (None, None, 2)]
)
def test_what_is_held_stays_and_goes_when_it_is_released(
    ledger: Application, retaining_: Retaining, location: str | None, name: str | None, left: int
) -> None:
    held = next((one for one in CLASSES if one == name), None)
    hold = retaining_.rules.place_hold(by="olga", reason="a dispute", location=location, name=held)
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    (due,) = retaining_.due()
    assert (due.facts, due.held) == (2 - left, left)
    assert sum(one.facts for one in retaining_.run()) == 2 - left
    assert len([one for one in _seen(ledger, "DataExported") if one[0] == "2019"]) == left
    (said,) = retaining_.rules.holds()
    assert "a dispute" in said.sentence()
    _sound(ledger)
    retaining_.rules.release_hold(hold, by="olga", reason="settled")
    assert sum(one.facts for one in retaining_.run()) == left
    assert [one for one in _seen(ledger, "DataExported") if one[0] == "2019"] == []
    _sound(ledger)


def test_a_hold_with_a_term_ends_by_itself(ledger: Application, retaining_: Retaining) -> None:
    retaining_.rules.place_hold(by="olga", reason="a dispute", ends_at=ledger.store.now() - timedelta(seconds=1))
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    assert retaining_.rules.holds() == []
    assert [one.facts for one in retaining_.run()] == [2]


def test_a_hold_that_comes_in_the_middle_is_heeded(
    ledger: Application, retaining_: Retaining, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the copying and the moment when the tables change places."""
    step = retaining._patiently
    placed: list[int] = []

    def late(connection: object, name: str, *given: object) -> object:
        if name == "end_division" and not placed:
            placed.append(retaining_.rules.place_hold(by="olga", reason="a dispute", location="L1"))
        return step(connection, name, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(retaining, "_patiently", late)
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    assert [one.facts for one in retaining_.run()] == [1]
    _sound(ledger)


def test_without_looking_again_it_would_be_lost(
    ledger: Application, retaining_: Retaining, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _again(database, "end_division", "IF changed OR", "IF")
    step = retaining._patiently
    placed: list[int] = []

    def late(connection: object, name: str, *given: object) -> object:
        if name == "end_division" and not placed:
            placed.append(retaining_.rules.place_hold(by="olga", reason="a dispute", location="L1"))
        return step(connection, name, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(retaining, "_patiently", late)
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    assert [one.facts for one in retaining_.run()] == [2]


def test_a_killed_division_is_begun_anew(
    ledger: Application, retaining_: Retaining, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    with monkeypatch.context() as broken:
        broken.setattr(retaining, "_patiently", _killed)
        with suppress(KeyboardInterrupt):
            retaining_.run()
    _sound(ledger)
    assert [one.facts for one in retaining_.run()] == [2]
    with psycopg.connect(database) as connection:
        left = connection.execute(b"SELECT FROM pg_class WHERE relname LIKE 'dividing%' AND relkind = 'r'").fetchall()
    assert left == []
    _sound(ledger)


def _killed(*_given: object) -> None:
    raise KeyboardInterrupt


def test_a_division_that_loses_a_row_gives_up(ledger: Application, retaining_: Retaining, database: str) -> None:
    _again(database, "divide_some", "WHERE NOT t.goes", "WHERE NOT t.goes AND s.type <> ''LogViewed''")
    before = lies_in(database)
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    with pytest.raises(NotRetiredError, match="while they were divided"):
        retaining_.run(patience=0)
    assert lies_in(database) == before


def test_it_gives_way_to_who_reads_for_long(
    ledger: Application, retaining_: Retaining, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retaining, "_BETWEEN_TRIES", 0.1)
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    with psycopg.connect(database) as reader:
        reader.execute(b"SELECT count(*) FROM ledger.observations_2019")
        with pytest.raises(LedgerUnavailable, match="try again"):
            retaining_.run(patience=0.2)
        ledger.store.append([row("location:L9", 1)])
    assert [one.facts for one in retaining_.run()] == [2]


def test_what_was_retired_in_part_comes_back(ledger: Application, retaining_: Retaining, database: str) -> None:
    before, tables = list(ledger.store.read_all()), lies_in(database)
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    retaining_.run()
    assert list(ledger.store.read_all()) != before
    retaining_.rules.set_term("exports", None, by="ada", reason="a dispute")
    retaining_.restore(2019)
    assert list(ledger.store.read_all()) == before
    assert lies_in(database) == tables
    assert retaining_.run() == []


def test_an_old_year_can_be_imported_again_and_falls_due_again(ledger: Application, retaining_: Retaining) -> None:
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    retaining_.run()
    assert isinstance(ledger.importer, Importer)
    again = ledger.importer.run(BytesIO(written(corrected())), name="history", by="tests")
    assert again.appended == 0
    _sound(ledger)


def test_nothing_is_dropped_that_no_checkpoint_covers(ledger: Application, retaining_: Retaining) -> None:
    retaining_.rules.set_term("exports", _months_since(2019, ledger.store), by="ada", reason="our policy")
    retaining_.run()
    (refused,) = retaining_.drop()
    assert isinstance(refused, NotRetiredError)
    assert "no signed checkpoint covers" in str(refused)
    _sound(ledger)


def _again(database: str, function: str, fragment: str, replacement: str) -> None:
    """Make a function again with another fragment."""
    with psycopg.connect(database, autocommit=True) as connection:
        found = connection.execute(b"SELECT pg_get_functiondef(%s::regproc)", (f"ledger.{function}",)).fetchone()
        assert found is not None
        assert fragment in found[0], f"it has no {fragment!r} any more"
        connection.execute(found[0].replace(fragment, replacement).encode())
