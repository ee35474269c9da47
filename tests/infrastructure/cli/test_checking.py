"""`verify` on sound and on broken ledgers, and `rebuild`: digests that are the same wherever the facts are."""

import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest

from infrastructure.kept import rebuild
from infrastructure.rebuilding import PROJECTIONS
from infrastructure.store import checks
from tests.cast import fact
from tests.infrastructure.cli.running import InProcess, Json, Said, accessledger, story_lines, written
from tests.infrastructure.walls.unguarded import unguard

File = Callable[[bytes], Path]
Break = Callable[[str], Said]
FACTS = [
    fact("LocationOpened", at="2026-03-01T09:00:00Z", name="Studio", time_zone="Europe/Berlin"),
    *[
        fact("TeamMemberAdded", at=f"2026-03-0{day}T09:00:00Z", member=f"m-{day}", name=f"Member {day}", device="dev-1")
        for day in range(2, 9)
    ],
    fact("RecordEdited", at="2026-03-09T09:00:00Z", entity="client", entity_id="c", before={"a": 1}, after={"a": 2}),
]
LAST = len(FACTS)


def test_a_sound_ledger(ask: InProcess) -> None:
    said = ask("verify")
    assert (said.code, said.err) == (0, b"")
    assert said.text.splitlines()[-1].endswith(" facts verified: nothing is broken.")
    answer = ask("verify", "--json").answer
    assert (answer["position"], answer["broken"]) == (len(story_lines()), [])


def test_the_ledger_that_is_broken_below_is_sound(do: InProcess, file: File) -> None:
    do("import", file(written(FACTS)))
    assert do("verify").text == f"{LAST} facts verified: nothing is broken.\n"


def test_an_empty_ledger(do: InProcess) -> None:
    assert do("verify").text == "0 facts verified: nothing is broken.\n"
    assert do("rebuild", "--json").answer == {"position": 0, "locations": 0, "irregular": 0}
    assert [row["locations"] for row in do("rebuild", "seats", "--json").answer["projections"]] == [0]


def test_facts_that_fold_to_nothing_are_named_and_are_no_fault(do: InProcess, file: File) -> None:
    idle = [fact("AddedToSchedule", at=f"2026-03-09T09:{minute:02}:00Z", member="nobody") for minute in range(30)]
    do("import", file(written([*FACTS, *idle])))
    said = do("verify")
    lines = said.text.splitlines()
    assert said.code == 0
    assert lines[0] == f"note: L1: the AddedToSchedule {idle[0]['id']} changes nothing"
    assert lines[20] == "note: and 10 more facts that fold to nothing (--json names all)"
    assert len(do("verify", "--json").answer["idle"]) == 30


@pytest.fixture
def broken(do: InProcess, database: str, file: File, monkeypatch: pytest.MonkeyPatch) -> Break:
    """Import good facts, change something as a superuser, and verify."""
    monkeypatch.setattr(checks, "_TIME_TO_SETTLE", 0.1)
    do("import", file(written(FACTS)))
    do("seats", "L1")  # positions are given when they are first needed

    def verified(statement: str) -> Said:
        unguard(database)
        with psycopg.connect(database, autocommit=True) as connection:
            assert connection.execute(statement.encode()).rowcount > 0
        return do("verify")

    return verified


def entry(position: int) -> str:
    return f"(SELECT entry FROM ledger.positions WHERE position = {position})"


def update(position: int, what: str) -> str:
    return f"UPDATE ledger.entries SET {what} WHERE id = {entry(position)}"


def replaced(column: str, old: str, new: str) -> str:
    return f"{column} = convert_to(replace(convert_from({column}, 'UTF8'), '{old}', '{new}'), 'UTF8')"


ID = FACTS[3]["id"]
EXCHANGED = """
    UPDATE ledger.positions AS p SET entry = -q.entry FROM ledger.positions AS q
        WHERE q.position = 9 - p.position AND p.position IN (4, 5);
    UPDATE ledger.positions SET entry = -entry WHERE entry < 0
"""
TEETH = {
    "a payload edited": (
        update(4, replaced("body", '"member":"', '"member": "')),
        f"Position 4 (fact {ID}) is not written in the one form: its bytes were changed.",
    ),
    "a payload edited to what no fact says": (
        update(4, replaced("body", '"member":"m-4"', '"member":""')),
        f"Position 4 (fact {ID}) cannot be read and is quarantined: data.member: ",
    ),
    "a payload cut short": (
        update(4, "body = substring(body FOR 40)"),
        f"Position 4 (fact {ID}) cannot be read and is quarantined: this is not whole JSON",
    ),
    "a payload emptied": (update(4, "body = ''"), f"Position 4 (fact {ID}) cannot be read and is quarantined: "),
    "a payload of bytes": (
        update(4, r"body = '\xff00'"),
        f"Position 4 (fact {ID}) cannot be read and is quarantined: this is not UTF-8",
    ),
    "a payload with the time of another day": (
        update(4, replaced("body", "2026-03-04", "2026-03-03")),
        f"Position 4 (fact {ID}): the column recorded_at says something else than the fact.",
    ),
    "a payload of another fact": (
        update(4, f"body = (SELECT body FROM ledger.entries WHERE id = {entry(5)})"),
        f"Position 4 (fact {ID}) cannot be read and is quarantined: the row's columns are not those of its body.",
    ),
    "personal fields in a payload": (
        update(4, 'personal = convert_to(\'{"data":{"name":"Mallory","x":1}}\', \'UTF8\')'),
        f"Position 4 (fact {ID}) cannot be read and is quarantined: data.x",
    ),
    "an unknown type": (
        update(4, replaced("body", "TeamMemberAdded", "TeamMemberHired") + ", type = 'TeamMemberHired'"),
        f"Position 4 (fact {ID}) cannot be read and is quarantined: type: 'TeamMemberHired' is not a type of fact.",
    ),
    "the type column": (update(4, "type = 'TeamMemberDeleted'"), f"Position 4 (fact {ID}) cannot be read"),
    "the location column": (update(4, "location = 'L2'"), f"Position 4 (fact {ID}) cannot be read"),
    "the time it was recorded": (
        update(4, "recorded_at = recorded_at + interval '1 microsecond'"),
        f"Position 4 (fact {ID}): the column recorded_at says something else than the fact.",
    ),
    "the time it holds from": (
        update(4, "effective_at = effective_at - interval '1 year'"),
        f"Position 4 (fact {ID}): the column effective_at says something else than the fact.",
    ),
    "the command it came from": (
        update(4, "command = gen_random_uuid()"),
        f"Position 4 (fact {ID}): the column command says something else than the fact.",
    ),
    "the facts it carries": (
        update(4, "carries = ARRAY[gen_random_uuid()]"),
        f"Position 4 (fact {ID}): the column inner says something else than the fact.",
    ),
    "the stream it is in": (
        update(LAST, "stream = 'observations:L2'"),
        f"Position {LAST} (fact {FACTS[-1]['id']}): the column stream says something else than the fact.",
    ),
    "a version of what has none": (
        update(LAST, "version = 1"),
        f"Position {LAST} (fact {FACTS[-1]['id']}): the column stream says something else than the fact.",
    ),
    "a row deleted": (
        f"DELETE FROM ledger.entries WHERE id = {entry(4)}",
        "Position 4 is that of entry 4, which is gone.",
    ),
    "a position removed": (
        "DELETE FROM ledger.positions WHERE position = 4",
        "Position 5 comes after position 3.",
    ),
    "the last position removed": (f"DELETE FROM ledger.positions WHERE position = {LAST}", f"position {LAST}, entry"),
    "two positions exchanged": (
        EXCHANGED,
        "Position 5 (transaction",
    ),
    "an id that is nobody's": (
        f"UPDATE ledger.facts SET fact = gen_random_uuid() WHERE entry = {entry(4)}",
        f"Entry 4 has the fact id {ID} without having claimed it.",
    ),
}


@pytest.mark.parametrize("what", TEETH)
def test_a_broken_ledger_is_named_where_it_is_broken(broken: Break, what: str) -> None:
    statement, sentence = TEETH[what]
    said = broken(statement)
    assert (said.code, said.err) == (1, b"")
    assert sentence in said.text
    assert "nothing is broken" not in said.text
    assert all(line.endswith(".") for line in said.text.splitlines())


def test_what_is_broken_is_json_too_with_its_position(broken: Break, do: InProcess) -> None:
    statement, sentence = TEETH["the time it was recorded"]
    broken(statement)
    said = do("verify", "--json")
    answer: Json = said.rows[0]
    assert said.code == 1
    assert answer == {"position": LAST, "broken": [{"sentence": sentence, "position": 4}], "idle": []}


def test_a_row_put_in_by_hand_is_quarantined_and_the_rest_still_answers(
    broken: Break, do: InProcess, database: str
) -> None:
    said = broken(
        "INSERT INTO ledger.entries"
        " (generation, fact, stream, version, type, location, recorded_at, effective_at, body)"
        " SELECT generation, '00000000-0000-4000-8000-00000000000f', stream, 9, 'Surprise', location, recorded_at,"
        f" effective_at, '{{}}' FROM ledger.entries WHERE id = {entry(8)}"
    )
    assert said.code == 1
    assert (
        f"Position {LAST + 1} (fact 00000000-0000-4000-8000-00000000000f) cannot be read and is quarantined"
        in said.text
    )
    assert "00000000-0000-4000-8000-00000000000f without having claimed it" in said.text
    answer = do("seats", "L1", "--json").answer
    assert (answer["free"], answer["notes"]) == (7, [{"code": "quarantined", "positions": [LAST + 1]}])
    assert "Some stored rows cannot be read by this program" in do("seats", "L1").text
    told = do("history", "--location", "L1").text
    assert f"position {LAST + 1} cannot be read by this program (Surprise: " in told


def test_a_process_ends_with_one_when_the_ledger_is_broken(retold: str) -> None:
    unguard(retold)
    with psycopg.connect(retold, autocommit=True) as connection:
        connection.execute(update(1000, "effective_at = effective_at + interval '1 day'").encode())
    said = accessledger("verify", database=retold)
    assert said.code == 1
    assert said.text.startswith("Position 1000 (fact ")
    assert said.err == b""


# --- Rebuilds ---


def test_a_rebuild_gives_the_same_digest_again_and_elsewhere(
    told: str, do: InProcess, file: File, on_ledger: Callable[[str], InProcess]
) -> None:
    ask = on_ledger(told)
    first = {name: ask("rebuild", name, "--json").answer for name in PROJECTIONS}
    assert {name: ask("rebuild", name, "--json").answer for name in PROJECTIONS} == first
    assert len({answer["projections"][0]["sha256"] for answer in first.values()}) == 6
    assert do("import", file(b"".join(story_lines())), "--json").answer["appended"] == len(story_lines())
    assert {name: do("rebuild", name, "--json").answer for name in PROJECTIONS} == first


def test_another_fact_is_another_digest(do: InProcess, file: File) -> None:
    do("import", file(written(FACTS[:7])))
    before = do("rebuild", "seats", "--json").answer["projections"][0]["sha256"]
    do("import", file(written(FACTS)))
    assert do("rebuild", "seats", "--json").answer["projections"][0]["sha256"] != before


def test_a_rebuild_for_people_names_what_was_rebuilt(ask: InProcess) -> None:
    said = ask("rebuild", "charges")
    digest = ask("rebuild", "charges", "--json").answer["projections"][0]["sha256"]
    assert (said.code, said.err) == (0, b"")
    first, second = said.text.splitlines()
    assert first == f"charges: 3 locations up to position {len(story_lines())}"
    assert second == f"    sha256 {digest}"


def test_a_rebuild_begins_as_many_workers_as_wanted(ask: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, begun = rebuild._worker, list[object]()

    def noted(share: rebuild.Share) -> AbstractContextManager["subprocess.Popen[str]"]:
        begun.append(share)
        return begin(share)

    monkeypatch.setattr(rebuild, "FEW", 1)
    monkeypatch.setattr(rebuild, "_worker", noted)
    made = {}
    for workers in ("1", "3"):
        begun.clear()
        made[workers] = ask("rebuild", "--workers", workers, "--json").answer
        assert len(begun) == int(workers)
    assert made["1"] == made["3"]


def test_a_rebuild_leaves_out_no_fact_because_another_location_lags_behind(
    do: InProcess, retold: str, on_ledger: Callable[[str], InProcess], file: File
) -> None:
    """The last position need not hold the fact recorded last."""
    lagging = file(written([fact("LocationOpened", at="2020-01-01T00:00:00Z", name="L", time_zone="UTC")]))
    ahead = fact("DataExported", at="2026-11-01T09:00:00Z", location="berlin", what="clients", format="csv", rows=1)
    story = file(b"".join(story_lines()))
    do("import", story)
    do("import", file(written([ahead])))
    do("import", lagging)
    other = on_ledger(retold)
    other("import", file(written([{**ahead, "data": {**ahead["data"], "rows": 2}}])))
    other("import", lagging)
    with_one, with_two = do("rebuild", "log", "--json").answer, other("rebuild", "log", "--json").answer
    assert with_one["position"] == with_two["position"] == len(story_lines()) + 2
    assert with_one != with_two
