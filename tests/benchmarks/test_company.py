"""The made-up company: the same for the same seed, every line a fact, of the shares asked for, sensible, and loaded."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from itertools import islice, pairwise

import pytest

from domain import canonical
from domain.facts import OBSERVATIONS, Correction, read_fact, written
from domain.instants import read_instant
from infrastructure.store import Store
from infrastructure.store.checks import check_all
from infrastructure.store.rows import as_new
from infrastructure.wiring import application
from tests.benchmarks.busy_hours import END, START, instant
from tests.benchmarks.company import COMPANIES, lines, plans, timed
from tests.benchmarks.company_rows import IMPORTED, new_rows
from tests.benchmarks.databases import sealed_store
from tests.benchmarks.loading import load
from tests.infrastructure.store.servers import Server

TINY = COMPANIES["tiny"]


def test_the_same_company_is_told_alike_whole_or_in_parts() -> None:
    whole = sorted(line["id"] for line in lines(TINY))
    assert whole == sorted(line["id"] for part in range(3) for line in lines(TINY, part, 3))
    assert len(whole) == len(set(whole)) == TINY.facts


def test_every_line_is_written_as_the_ledger_writes_it() -> None:
    assert all(written(read_fact(line)) == line for line in lines(TINY))


def test_it_is_recorded_in_order_within_the_five_years() -> None:
    seconds = [second for second, _ in timed(TINY)]
    assert seconds == sorted(seconds)
    assert START <= seconds[0] <= seconds[-1] < END
    assert all(line["recorded_at"] == instant(second) for second, line in timed(TINY))


def test_it_has_the_shares_asked_for() -> None:
    facts = [read_fact(line) for line in lines(COMPANIES["million"], 1, 120)]
    deciding = [fact for fact in facts if fact.type not in OBSERVATIONS]
    corrections = [fact for fact in deciding if fact.type == "Correction"]
    assert len(deciding) / len(facts) == pytest.approx(0.2, abs=0.01)
    assert len(corrections) / len(deciding) == pytest.approx(0.3, abs=0.02)
    assert set(Counter(fact.data.kind for fact in corrections if isinstance(fact.data, Correction))) == {
        "late",
        "replace",
        "void",
    }


def test_it_is_late_by_hours_to_weeks_and_now_and_then_by_a_year() -> None:
    company = COMPANIES["million"]
    late: list[timedelta] = []
    for line in islice(lines(company, 12, 120), 8_000):
        inner = line["data"].get("fact")
        if inner and line["data"]["kind"] == "late":
            late.append(read_instant(line["recorded_at"]) - read_instant(inner["effective_at"]))
    within = [sum(low <= one < high for one in late) for low, high in pairwise(_DELAYS)]
    assert len(late) > 50
    assert within[0] > 0.3 * len(late)
    assert within[1] > 0.3 * len(late)
    assert min(late) >= timedelta(0)


_DELAYS = (timedelta(0), timedelta(days=2), timedelta(days=61), timedelta(days=500))


def test_people_sign_in_from_their_own_few_devices() -> None:
    devices: dict[str, set[str]] = {}
    for fact in map(read_fact, islice(lines(COMPANIES["million"], 4, 120), 4_000)):
        if fact.type == "SignedIn" and fact.device is not None and fact.device.id is not None:
            devices.setdefault(fact.actor.id, set()).add(fact.device.id)
    assert {len(own) for own in devices.values()} == {1, 2, 3}


def test_the_places_to_ask_about_are_the_same_in_a_company_of_any_size() -> None:
    million = {plan.name: plan for plan in plans(COMPANIES["million"])}
    full = {plan.name: plan for plan in plans(COMPANIES["full"])}
    assert million["fifty-0"] == full["fifty-0"]
    assert (full["big-3"].people, full["big-3"].decided) == (200, 100_000)
    assert sum(plan.decided + plan.observed for plan in full.values()) + 3 == 10_000_000
    assert len(full) == 2_000


def test_loaded_rows_are_those_of_an_import(server: Server, template: str) -> None:
    server.execute(f"CREATE DATABASE imported TEMPLATE {template}")
    with Store(server.url("imported")) as store:
        source = BytesIO(b"".join(canonical.write(line) + b"\n" for line in lines(TINY)))
        application(store, clock=lambda: IMPORTED.at).importer.run(source, name="company", by=IMPORTED.by)
        store.sequence()
        imported = {str(row.fact): as_new(row) for row in store.read_all()}
    server.execute("DROP DATABASE imported WITH (FORCE)")
    assert imported == {str(row.fact): as_new(row) for row in new_rows(lines(TINY))}


@pytest.fixture(scope="module")
def loaded(server: Server, template: str) -> Iterator[str]:
    name = "company"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    load(server.url(name), TINY, processes=1)
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_loaded_company_is_a_sound_ledger(loaded: str) -> None:
    with sealed_store(loaded) as store:
        assert store.last_position() == TINY.facts
        assert check_all(store) == []


def test_what_was_loaded_is_what_was_told(loaded: str) -> None:
    with sealed_store(loaded) as store:
        stored = {str(row.fact): as_new(row) for row in store.read_all()}
    assert stored == {str(row.fact): as_new(row) for row in new_rows(lines(TINY))}


def test_it_makes_sense(loaded: str) -> None:
    with sealed_store(loaded) as store:
        books = application(store).books()
        answers = [books.seats(location) for location in books.locations()]
    assert all(answer["subscription"] is not None for answer in answers)
    assert all(answer["billable"] > 0 for answer in answers)
    assert any(answer["free"] for answer in answers)
    assert {reason["code"] for answer in answers for seat in answer["seats"] for reason in seat["reasons"]} >= {
        "schedule",
        "right",
    }
