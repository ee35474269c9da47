"""Import of history over the real store: every line checked, all or nothing, the second run changes nothing."""

import io
import json
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from infrastructure.catalogues import shipped_catalogues
from infrastructure.desk import Desk
from infrastructure.importing import BadLine, Importer, ImportRefusedError, Report, Step
from infrastructure.mapper import read_rows
from infrastructure.store import FactExists, NewRow, OutOfOrder, Store
from tests.infrastructure.at_the_desk import KEY, Raw, books, command, stored, types
from tests.naive.ledgers import ledger

NOW = datetime(2026, 7, 1, tzinfo=UTC)
FIRST = datetime(2026, 3, 1, 9, tzinfo=UTC)
CATALOGUE = shipped_catalogues()[1]


def imported(store: Store, content: bytes | list[Raw], *, rejects: io.StringIO | None = None) -> Report:
    source = content if isinstance(content, bytes) else as_file(content)
    importer = Importer(store, shipped_catalogues(), clock=lambda: NOW)
    return importer.run(io.BytesIO(source), name="history.jsonl", by="tests", rejects=rejects)


def as_file(facts: list[Raw]) -> bytes:
    return "".join(json.dumps(fact) + "\n" for fact in facts).encode()


def fact(kind: str, minute: int, /, *, location: str | None = "L1", **data: Any) -> Raw:
    at = (FIRST + timedelta(minutes=minute)).isoformat()
    raw: Raw = {"id": str(uuid4()), "type": kind, "recorded_at": at, "effective_at": at, "actor": KEY, "change": "c"}
    return {**raw, "source": "old-app", "data": data} | ({} if location is None else {"location": location})


def history(location: str = "L1") -> list[Raw]:
    return [
        fact("LocationOpened", 0, location=location, name="Studio", time_zone="Europe/Berlin"),
        fact("TeamMemberAdded", 1, location=location, member="ann", name="Ann"),
        fact("AddedToSchedule", 2, location=location, member="ann"),
    ]


def grant(minute: int = 3, rights: Any = (), scopes: Any = None) -> Raw:
    listed = list(rights) if isinstance(rights, tuple) else rights
    return fact("AccessGranted", minute, account="acc-vic", role="viewer", rights=listed, scopes=scopes or {})


# --- What is kept ---


def test_facts_are_kept_as_they_are_and_stamped(store: Store) -> None:
    facts = history()
    assert imported(store, facts) == Report(appended=3, already=0, refused=0)
    store.sequence()
    entries, unread = read_rows(store.read_all())
    assert not unread
    assert [entry.fact.id for entry in entries] == [raw["id"] for raw in facts]
    assert {entry.fact.source for entry in entries} == {"old-app"}
    assert [entry.fact.recorded_at for entry in entries] == [FIRST + timedelta(minutes=n) for n in range(3)]
    for entry in entries:
        assert entry.stamp.imported is not None
        assert (entry.stamp.imported.at, entry.stamp.imported.by) == (NOW, "tests")


@pytest.mark.parametrize("seed", range(4))
def test_a_second_run_changes_nothing(store: Store, seed: int) -> None:
    content = as_file(ledger(seed))
    now = datetime(2030, 1, 1, tzinfo=UTC)
    importer = Importer(store, shipped_catalogues(), clock=lambda: now)
    first = importer.run(io.BytesIO(content), name="x", by="tests")
    before = stored(store)
    assert first.appended == len(before)
    again = importer.run(io.BytesIO(content), name="x", by="tests")
    assert again == Report(appended=0, already=first.appended, refused=0)
    assert stored(store) == before


def test_a_file_that_has_grown_adds_what_is_new(store: Store) -> None:
    facts = history()
    imported(store, facts[:2])
    assert imported(store, facts) == Report(appended=1, already=2, refused=0)
    assert types(stored(store)) == ["LocationOpened", "TeamMemberAdded", "AddedToSchedule"]


def test_the_same_line_twice_in_a_file_is_kept_once(store: Store) -> None:
    facts = history()
    assert imported(store, [*facts, facts[2]]) == Report(appended=3, already=1, refused=0)


def test_how_a_line_is_written_makes_no_difference(store: Store) -> None:
    facts = history()
    imported(store, facts)
    other = []
    for raw in facts:
        instant = datetime.fromisoformat(raw["recorded_at"])
        shifted = instant.astimezone(tz=datetime.fromisoformat("2026-01-01T00:00:00+05:45").tzinfo).isoformat()
        changed = {**dict(reversed(raw.items())), "id": raw["id"].upper()}
        other.append({**changed, "recorded_at": shifted, "effective_at": shifted})
    content = b"\xef\xbb\xbf" + as_file(other).replace(b"\n", b"\r\n\r\n  \r\n").rstrip()
    assert imported(store, content) == Report(appended=0, already=3, refused=0)


def test_an_empty_file_is_fine(store: Store) -> None:
    assert imported(store, b"") == Report(appended=0, already=0, refused=0)
    assert imported(store, b"\n\n  \n") == Report(appended=0, already=0, refused=0)


def test_older_spellings_of_rights_and_scopes_become_todays_slugs(store: Store) -> None:
    rights = ("create_records_access", "records_create_access", "users_access", "record_form_access", "unheard_of")
    facts = [*history(), grant(rights=rights, scopes={"master_id": "ann"})]
    imported(store, facts)
    kept = stored(store)[-1]["data"]
    assert kept["rights"] == ["records_create_access", "settings_users_access", "records_access", "unheard_of"]
    assert kept["scopes"] == {"timetable_staff_id": "ann"}
    assert imported(store, facts) == Report(appended=0, already=4, refused=0)


def test_history_is_not_judged_by_rules(store: Store) -> None:
    facts = [
        fact("AddedToSchedule", 1, member="nobody"),
        fact("UserLinked", 2, account="acc-x", member="nobody"),
        fact("LocationOpened", 3, name="Studio", time_zone="UTC"),
        fact("LocationOpened", 3, name="Studio", time_zone="UTC"),
    ]
    assert imported(store, facts).appended == 4


def test_a_known_version_of_the_catalogue_is_taken(store: Store) -> None:
    assert (
        imported(store, [fact("CataloguePublished", 1, location=None, version=1, sha256=CATALOGUE.sha256)]).appended
        == 1
    )


# --- What is refused ---


def late(inner: Raw) -> Raw:
    return fact("Correction", 3, kind="late", corrects=None, fact=inner)


def without(raw: Raw, key: str) -> Raw:
    return {name: value for name, value in raw.items() if name != key}


BAD: list[tuple[str, Callable[[], Raw | bytes], str, str]] = [
    ("half a line", lambda: as_file([history()[1]])[:60] + b"\n", "", "not whole JSON"),
    ("not UTF-8", lambda: b'{"id": "\xe9\xe8"}\n', "", "not UTF-8"),
    ("UTF-16", lambda: as_file([history()[1]]).decode().strip().encode("utf-16"), "", "not UTF-8"),
    ("no object", lambda: b"[1, 2]\n", "", "a fact is a JSON object"),
    ("a key twice", lambda: b'{"id": "a", "id": "b"}\n', "", "'id' is there twice"),
    ("half a character", lambda: {**history()[1], "reason": "\ud800"}, "", "half a character"),
    ("too deep", lambda: b'{"data":' * 5000 + b"\n", "", "nested too deep"),
    ("too long", lambda: b'{"reason": "' + b"x" * 1_000_001 + b'"}\n', "", "longer than 1,000,000 bytes"),
    ("unknown type", lambda: {**history()[1], "type": "TeamMemberHired"}, "type", "is not a type of fact"),
    ("unknown key", lambda: {**history()[1], "hat": "red"}, "hat", "is not a field"),
    ("unknown field", lambda: fact("AddedToSchedule", 2, member="ann", hat=1), "data.hat", "is not a field"),
    ("no location", lambda: without(history()[1], "location"), "location", "is missing"),
    ("no data", lambda: without(history()[1], "data"), "data", "is missing"),
    ("no time zone", lambda: fact("LocationOpened", 2, name="X", time_zone="Mars/Base"), "data.time_zone", "time zone"),
    (
        "no such date",
        lambda: fact("WorkingHoursPlanned", 2, member="a", until="2026-02-30"),
        "data.until",
        "does not exist",
    ),
    (
        "no such instant",
        lambda: {**history()[1], "recorded_at": "2026-02-30T09:00:00Z"},
        "recorded_at",
        "does not exist",
    ),
    ("no offset", lambda: {**history()[1], "recorded_at": "2026-03-01T09:01:00"}, "recorded_at", "with an offset"),
    (
        "the future",
        lambda: {**history()[1], "recorded_at": "2026-07-01T00:00:01Z", "effective_at": "2026-07-01T00:00:01Z"},
        "recorded_at",
        "is in the future",
    ),
    (
        "back in time",
        lambda: {**history()[1], "recorded_at": "2026-03-01T08:59:59Z"},
        "recorded_at",
        "is before the fact before it in L1",
    ),
    ("back-dated", lambda: {**history()[1], "effective_at": "2026-03-01T09:00:59Z"}, "effective_at", "kind late"),
    (
        "no such version",
        lambda: fact("CataloguePublished", 2, location=None, version=9, sha256="0" * 64),
        "data.version",
        "9",
    ),
    (
        "another catalogue",
        lambda: fact("CataloguePublished", 2, location=None, version=1, sha256="0" * 64),
        "data.sha256",
        "hash",
    ),
    (
        "inner version",
        lambda: without(late(fact("CataloguePublished", 1, location=None, version=9, sha256="0" * 64)), "location"),
        "data.fact.data.version",
        "9",
    ),
    (
        "inner location",
        lambda: late(fact("AddedToSchedule", 1, location="L2", member="a")),
        "data.fact.location",
        "another",
    ),
    ("rights of lists", lambda: grant(2, rights=[["x"]]), "data.rights.0", "is not a text"),
    ("rights no list", lambda: grant(2, rights={"a": 1}), "data.rights", "is not a list"),
    ("a scope of nothing", lambda: grant(2, scopes={"timetable_staff_id": None}), "data.scopes", ""),
    (
        "a system's device",
        lambda: {**history()[1], "actor": {"kind": "system", "id": "x"}, "device": {"id": "d"}},
        "device",
        "",
    ),
]


def spoilt(bad: Raw | bytes) -> bytes:
    first, _, last = history()
    line = bad if isinstance(bad, bytes) else as_file([bad])
    end = b"" if line.endswith(b"\n") else b"\n"
    return as_file([first]) + line + end + as_file([{**last, "recorded_at": last["effective_at"]}])


@pytest.mark.parametrize(("bad", "field", "why"), [pytest.param(*case, id=name) for name, *case in BAD])
def test_a_bad_line_is_refused_with_its_number_and_field_and_nothing_is_kept(
    store: Store, bad: Callable[[], Raw | bytes], field: str, why: str
) -> None:
    content = spoilt(bad())
    with pytest.raises(ImportRefusedError) as refused:
        imported(store, content)
    found = refused.value.bad[0]
    assert (found.line, why in found.reason) == (2, True), str(found)
    assert found.field.startswith(field) if field else found.field == ""
    assert refused.value.count == 1
    assert store.sequence() == 0
    rejects = io.StringIO()
    assert imported(store, content, rejects=rejects) == Report(appended=2, already=0, refused=1)
    (row,) = [json.loads(line) for line in rejects.getvalue().splitlines()]
    assert (row["line"], row["field"], row["reason"]) == (2, found.field, found.reason)
    assert types(stored(store)) == ["LocationOpened", "AddedToSchedule"]


def test_changed_content_under_a_known_id_is_refused(store: Store) -> None:
    facts = history()
    imported(store, facts)
    changed = [facts[0], {**facts[1], "data": {"member": "ann", "name": "Anna"}}, facts[2]]
    with pytest.raises(ImportRefusedError) as refused:
        imported(store, changed)
    (bad,) = refused.value.bad
    assert (bad.line, bad.field) == (2, "id")
    assert "another content" in bad.reason
    more = fact("RemovedFromSchedule", 5, member="ann")
    rejects = io.StringIO()
    assert imported(store, [*changed, more], rejects=rejects) == Report(appended=1, already=2, refused=1)
    assert json.loads(rejects.getvalue())["line"] == 2
    assert json.loads(json.loads(rejects.getvalue())["text"])["data"]["name"] == "Anna"


def test_one_id_for_two_contents_in_a_file_is_refused(store: Store) -> None:
    facts = history()
    twice = [*facts, {**facts[2], "type": "RemovedFromSchedule"}]
    with pytest.raises(ImportRefusedError) as refused:
        imported(store, twice)
    (bad,) = refused.value.bad
    assert (bad.line, bad.field) == (4, "id")
    assert bad.reason == "line 3 has the same id with another content"


def test_the_id_of_a_fact_inside_a_correction_is_taken(store: Store) -> None:
    facts = history()
    inner = fact("RemovedFromSchedule", 2, member="ann")
    imported(store, [*facts, late(inner)])
    with pytest.raises(ImportRefusedError) as refused:
        imported(store, [{**inner, "recorded_at": (FIRST + timedelta(hours=1)).isoformat()} | later(60)])
    assert "inside a correction" in refused.value.bad[0].reason


def later(minutes: int) -> Raw:
    at = (FIRST + timedelta(minutes=minutes)).isoformat()
    return {"recorded_at": at, "effective_at": at}


def test_lines_before_what_the_ledger_knows_of_the_location_are_refused(store: Store) -> None:
    imported(store, [*history(), {**fact("AddedToSchedule", 0, member="ann"), **later(60)}])
    early = {**fact("RemovedFromSchedule", 0, member="ann"), **later(59)}
    elsewhere = history("L2")
    with pytest.raises(ImportRefusedError) as refused:
        imported(store, [*elsewhere, early])
    (bad,) = refused.value.bad
    assert (bad.line, bad.field) == (4, "recorded_at")
    assert "is before the last fact of L1" in bad.reason
    assert imported(store, [*elsewhere, early], rejects=io.StringIO()).appended == 3


def test_every_bad_line_is_counted_and_the_first_ones_are_named(store: Store) -> None:
    lines = as_file(history()) + b"broken\n" * 100
    with pytest.raises(ImportRefusedError, match="100 lines are bad") as refused:
        imported(store, lines)
    assert [bad.line for bad in refused.value.bad] == list(range(4, 24))
    assert str(refused.value.bad[0]).startswith("line 4: this is not whole JSON")
    assert str(BadLine(7, "data.member", "is missing")) == "line 7, data.member: is missing"


class Endless(io.RawIOBase):
    """A good line, a line of so many bytes without an end, and a good line, never whole in memory."""

    def __init__(self, size: int) -> None:
        first, _, last = history()
        self._parts = [
            as_file([first]),
            b'{"reason": "',
            *([b"x" * 100_000] * (size // 100_000)),
            b'"}\n',
            as_file([last]),
        ]
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = self._parts.pop(0) if self._parts else b""
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


def test_a_line_without_an_end_takes_no_memory(store: Store) -> None:
    importer = Importer(store, shipped_catalogues(), clock=lambda: NOW)
    source = io.BufferedReader(Endless(100_000_000))
    tracemalloc.start()
    try:
        report = importer.run(source, name="x", by="tests", rejects=io.StringIO())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report == Report(appended=2, already=0, refused=1)
    assert peak < 20_000_000


def test_progress_is_told(store: Store) -> None:
    told: list[Step] = []
    facts = [*history(), *(fact("AddedToSchedule", 3, member=f"m{n}") for n in range(1_000))]
    content = as_file(facts)
    importer = Importer(store, shipped_catalogues(), clock=lambda: NOW, chunk_bytes=100_000)
    importer.run(io.BytesIO(content), name="x", by="tests", progress=told.append)
    read = [step for step in told if step.phase == "reading"]
    assert len(read) == 3
    assert (read[-1].done, read[-1].of, read[-1].facts) == (len(content), len(content), 1_003)
    assert [step.done for step in told if step.phase == "checking"] == [0, 1, 2]
    assert told[-1] == Step("storing", 1_003, 1_003, 1_003)


# --- At the same time ---


def test_commands_go_on_while_a_file_is_imported(store: Store) -> None:
    desk = Desk(store, shipped_catalogues())
    desk.submit(command("open_location", "L2", name="Studio", time_zone="UTC"))
    facts = [*history(), *(fact("AddedToSchedule", 3, member=f"m{n}") for n in range(4_000))]
    running = threading.Event()

    def importing() -> Report:
        importer = Importer(store, shipped_catalogues(), clock=lambda: NOW)
        running.set()
        return importer.run(io.BytesIO(as_file(facts)), name="x", by="tests")

    with ThreadPoolExecutor(1) as pool:
        report = pool.submit(importing)
        running.wait()
        submitted = 0
        while not report.done() or submitted < 5:
            outcome = desk.submit(command("add_team_member", "L2", member=f"m{submitted}", name="M"))
            assert outcome.refusal is None
            submitted += 1
        assert report.result().appended == len(facts)
    found = stored(store)
    assert len([one for one in found if one["location"] == "L1"]) == len(facts)
    assert len([one for one in found if one["type"] == "TeamMemberAdded" and one["location"] == "L2"]) == submitted
    assert len(books(store).seats("L2")["seats"]) == submitted


def test_two_imports_of_one_file_at_once_keep_it_once(database: str) -> None:
    content = as_file([*history(), *(fact("AddedToSchedule", 3, member=f"m{n}") for n in range(300))])

    def run(_: int) -> int:
        with Store(database) as own:
            try:
                return imported(own, content).appended
            except (FactExists, OutOfOrder, ImportRefusedError):
                return -1

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(run, range(2)))
    assert found in ([-1, 303], [0, 303])
    with Store(database) as store:
        assert imported(store, content) == Report(appended=0, already=303, refused=0)


def test_an_import_of_ids_whose_rows_cannot_be_read_is_refused(store: Store) -> None:
    facts = history()
    at = FIRST
    body = b'{"type":"AddedToAgenda"}'
    store.append([NewRow(UUID(facts[1]["id"]), "location:L9", 1, "AddedToAgenda", "L9", at, at, (), None, body, None)])
    with pytest.raises(ImportRefusedError) as refused:
        imported(store, facts)
    assert (refused.value.bad[0].line, refused.value.bad[0].field) == (2, "id")
