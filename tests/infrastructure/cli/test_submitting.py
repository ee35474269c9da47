"""Commands on the command line: accepted, refused, malformed, sent twice, and only tried."""

from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

from domain.catalogue import Catalogue
from infrastructure.catalogues import shipped_catalogues
from tests.infrastructure.cli.running import InProcess, Json, Said, accessledger, written

File = Callable[[bytes], Path]
KEY = {"kind": "api_key", "id": "key-head-office"}
OLGA = {"kind": "person", "id": "acc-olga"}
CATALOGUE: Catalogue = shipped_catalogues()[1]


def command(name: str, /, *, actor: Json = KEY, location: str | None = "L1", number: int = 0, **data: object) -> Json:
    """One command from one device; the same words have the same id."""
    content: Json = {"command": name, "actor": actor, "device": {"id": "dev-1"}, "data": data}
    if location is not None:
        content["location"] = location
    return {**content, "id": str(uuid5(NAMESPACE_URL, f"{number} {sorted(data.items())} {name} {location}"))}


OPEN = command("open_location", name="Studio", time_zone="Europe/Berlin")
OWNER = command("grant_access", account="acc-olga", name="Olga", role="owner")
SANA = command("add_team_member", actor=OLGA, member="sana", name="Sana")
BOOKABLE = command("add_to_schedule", actor=OLGA, member="sana")
OFF = command("remove_from_schedule", actor=OLGA, member="sana")
SETUP = [OPEN, OWNER, SANA, BOOKABLE]


@pytest.fixture
def submit(do: InProcess, file: File) -> Callable[..., Said]:
    """Submit commands as a file."""

    def submitted(commands: Iterable[Json], *options: str) -> Said:
        return do("submit", file(written(commands)), *options)

    return submitted


def test_accepted_commands_say_what_they_appended(submit: Callable[..., Said], do: InProcess) -> None:
    said = submit(SETUP)
    assert (said.code, said.err) == (0, b"")
    assert said.text.splitlines() == [
        "line 1: open_location appended LocationOpened",
        "line 2: grant_access appended AccessGranted",
        "line 3: add_team_member appended TeamMemberAdded",
        "line 4: add_to_schedule appended AddedToSchedule",
    ]
    assert do("seats", "L1", "--json").answer["billable"] == 1


def test_as_json_each_fact_has_its_position(submit: Callable[..., Said]) -> None:
    rows = submit(SETUP, "--json").rows
    assert [row["line"] for row in rows] == [1, 2, 3, 4]
    assert [fact["position"] for row in rows for fact in row["appended"]] == [1, 2, 3, 4]
    assert [row["position"] for row in rows] == [1, 2, 3, 4]
    assert rows[3]["appended"][0]["data"] == {"member": "sana"}


def test_a_refused_command_says_why_and_stops_nothing(submit: Callable[..., Said], do: InProcess) -> None:
    submit(SETUP)
    unsaid = command("dismiss", actor=OLGA, member="sana", date="2026-01-01", reason="Moved away")
    said = submit([command("link", actor=OLGA, account="acc-olga", member="nobody"), unsaid, OFF])
    lines = said.text.splitlines()
    assert said.code == 1
    assert said.err == b""
    assert lines[0].startswith("line 1: link refused (not_found): ")
    assert lines[1].startswith("line 2: dismiss refused (confirmation_required): ")
    assert lines[2].startswith("line 3: remove_from_schedule appended RemovedFromSchedule")
    rows = do("log", "--location", "L1", "--type", "CommandRefused", "--json").answer["log"]
    assert [row["outcome"] for row in rows] == ["refused", "refused"]


def test_a_refusal_as_json_has_its_code_and_sentence(submit: Callable[..., Said]) -> None:
    submit(SETUP)
    said = submit([command("add_team_member", actor=OLGA, member="sana", name="Again")], "--json")
    (row,) = said.rows
    assert said.code == 1
    assert row["refused"] == "exists"
    assert row["sentence"].endswith(".")
    assert "appended" not in row


def test_the_last_owner_stays(submit: Callable[..., Said]) -> None:
    submit(SETUP)
    said = submit([command("delete_user", actor=OLGA, location=None, account="acc-olga", locations=["L1"])])
    assert (said.code, said.text.startswith("line 1: delete_user refused (last_owner): ")) == (1, True)


MALFORMED = {
    b"{": "line 1: this is not whole JSON",
    b"\xff": "line 1: this is not UTF-8",
    b"[]": "line 1: a command is a JSON object",
    b"{}": "line 1: command: is missing",
    b'{"command": "hire"}': "line 1: command: 'hire' is not a command",
    written([{**OPEN, "id": "7"}]): "line 1: id: is not a UUID",
    written([{**OPEN, "mood": 1}]): "line 1: mood: is not a field of this form",
    written([{**OPEN, "location": "a b"}]): "line 1: location: 'a b' is not an id",
    written([{**OPEN, "location": None}]): "line 1: location: is missing",
    written([{key: value for key, value in OPEN.items() if key != "device"}]): "line 1: device: is missing",
    written([{**OPEN, "data": {"name": "Studio"}}]): "line 1: data.time_zone: is missing",
    written([{**OPEN, "data": []}]): "line 1: data: is an object",
    b'{"command": "\\u001b[2J\\u202e"}': "line 1: command: '\\x1b[2J\\u202e' is not a command",
    b"x" * 1_000_001: "line 1: this line is longer than any command",
}


@pytest.mark.parametrize("content", MALFORMED, ids=[words[8:40] for words in MALFORMED.values()])
def test_a_malformed_command_is_named_by_its_line(do: InProcess, file: File, content: bytes) -> None:
    said = do("submit", file(content))
    (line,) = said.err.decode().splitlines()
    assert (said.code, said.out) == (1, b"")
    assert line.startswith(MALFORMED[content])
    assert line.isprintable()
    said = do("submit", file(content), "--json")
    (row,) = said.rows
    assert (said.code, row["line"], set(row)) == (1, 1, {"line", "error"})


def test_a_malformed_command_stops_nothing(do: InProcess, file: File) -> None:
    said = do("submit", file(b"{\n" + written(SETUP)))
    assert (said.code, said.err.count(b"\n"), said.out.count(b"\n")) == (1, 1, 4)


def test_a_time_zone_that_does_not_exist_is_refused(submit: Callable[..., Said]) -> None:
    for zone in ("Europe/Atlantis", "../../etc/passwd", "\x1b[31m", "UTC\n", "x" * 300, "/etc/localtime"):
        said = submit([command("open_location", name="Studio", time_zone=zone)])
        assert (said.code, said.err) == (1, b"")
        (line,) = said.text.splitlines()
        assert line.startswith("line 1: open_location refused (invalid): ")
        assert "is not a time zone" in line
        assert line.isprintable()


def test_the_same_command_again_gets_its_first_outcome(submit: Callable[..., Said], do: InProcess) -> None:
    commands = [*SETUP, command("link", actor=OLGA, account="acc-olga", member="nobody")]
    first, again = submit(commands, "--json").rows, submit(commands, "--json").rows
    assert [{**row, "repeated": True} for row in first[:4]] == again[:4]
    assert {**first[4], "repeated": True} == {"position": 5, **again[4]}
    assert submit([OPEN]).text == "line 1: open_location sent before; appended then LocationOpened\n"
    assert len(do("log", "--json").answer["log"]) == 5


def test_another_command_under_the_same_id_is_refused(submit: Callable[..., Said]) -> None:
    submit(SETUP)
    said = submit([{**BOOKABLE, "id": SANA["id"]}])
    assert (said.code, said.text.startswith("line 1: add_to_schedule refused (id_reused): ")) == (1, True)


def test_a_dry_run_says_what_would_be_and_does_nothing(submit: Callable[..., Said], do: InProcess) -> None:
    submit([*SETUP])
    before = do("log", "--json").answer["log"]
    said = submit([OFF], "--dry-run")
    assert (said.code, said.err) == (0, b"")
    assert said.text.splitlines()[0].startswith("line 1: remove_from_schedule would append RemovedFromSchedule")
    assert "    L1: 1 billable seat, then 0" in said.text.splitlines()
    assert "        Sana: free" in said.text.splitlines()
    (row,) = submit([OFF], "--dry-run", "--json").rows
    assert [fact["type"] for fact in row["would_append"]] == ["RemovedFromSchedule"]
    (effect,) = row["effect"]
    assert (effect["before"]["billable"], effect["after"]["billable"]) == (1, 0)
    assert do("log", "--json").answer["log"] == before


def test_a_dry_run_of_a_refused_command_is_on_no_log(submit: Callable[..., Said], do: InProcess) -> None:
    submit(SETUP)
    said = submit([command("add_team_member", actor=OLGA, member="sana", name="Again")], "--dry-run")
    assert (said.code, said.text.startswith("line 1: add_team_member refused (exists): ")) == (1, True)
    assert do("log", "--location", "L1", "--type", "CommandRefused", "--json").answer["log"] == []


def test_partly_refused_commands_name_each_location(submit: Callable[..., Said]) -> None:
    second = [{**each, "location": "L2", "id": str(uuid5(NAMESPACE_URL, each["id"]))} for each in SETUP]
    helper = command("grant_access", actor=OLGA, account="acc-pavel", name="Pavel", role="owner")
    submit([*SETUP, *second, helper])
    both = command("delete_user", actor=OLGA, location=None, account="acc-olga", locations=["L1", "L2"])
    said = submit([both])
    assert said.code == 0
    assert said.text.splitlines()[0].startswith("line 1: delete_user appended AccessRevoked")
    assert said.text.splitlines()[1].startswith("    but not in L2 (last_owner): ")


def test_commands_come_from_standard_input_too(database: str) -> None:
    said = accessledger("submit", "-", "--json", database=database, stdin=written(SETUP) + b"{\n")
    assert said.code == 1
    assert [row["line"] for row in said.rows] == [1, 2, 3, 4, 5]
    assert said.err == b""
