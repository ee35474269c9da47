"""What nobody should ask: one clear sentence on standard error, the right exit code, never a traceback."""

from pathlib import Path

import pytest

from tests.infrastructure.cli.running import InProcess, accessledger

REFUSED, WRONG_USAGE = 1, 2
BAD = {
    "no such location": (["seats", "nowhere"], REFUSED, "There is no location nowhere in this ledger."),
    "no location at all": (["seats", ""], REFUSED, "There is no location"),
    "no such location to explain": (["explain", "nowhere", "mia"], REFUSED, "There is no location nowhere"),
    "no such location in a history": (["history", "--location", "nowhere"], REFUSED, "There is no location nowhere"),
    "no such location in a log": (["log", "--location", "nowhere"], REFUSED, "There is no location nowhere"),
    "no such seat": (["explain", "berlin", "nobody"], REFUSED, "There is no seat nobody in berlin"),
    "a position beyond the end": (["seats", "berlin", "--position", "999999999"], REFUSED, "settled up to position"),
    "a position beyond any number": (["log", "--position", "9" * 40], REFUSED, "settled up to position"),
    "a date that does not exist": (["seats", "berlin", "--on", "2026-02-30"], WRONG_USAGE, "'2026-02-30' does not"),
    "garbage for a time": (
        ["seats", "berlin", "--known", "yesterday"],
        WRONG_USAGE,
        "write it like 2026-03-03T14:02:0",
    ),
    "ten letters for a time": (["seats", "berlin", "--on", "garbage123"], WRONG_USAGE, "'garbage123' is not a date"),
    "an instant without an offset": (
        ["roster", "berlin", "--on", "2026-03-03T14:02:00"],
        WRONG_USAGE,
        "with an offset",
    ),
    "an hour that does not exist": (
        ["charges", "berlin", "--on", "2026-03-03T24:02:00Z"],
        WRONG_USAGE,
        "does not exist",
    ),
    "a year too late": (["seats", "berlin", "--on", "9999-12-31"], WRONG_USAGE, "keeps years 1900 to 9998"),
    "a year too early": (["seats", "berlin", "--on", "0001-01-01"], WRONG_USAGE, "keeps years 1900 to 9998"),
    "an empty time": (["seats", "berlin", "--on", ""], WRONG_USAGE, "'' is not an instant"),
    "a hostile time": (["seats", "berlin", "--on", "\x1b[31m2026"], WRONG_USAGE, "\\x1b[31m2026"),
    "a position below zero": (["seats", "berlin", "--position", "-1"], WRONG_USAGE, "-1 is not in the range"),
    "a position that is no number": (["seats", "berlin", "--position", "last"], WRONG_USAGE, "is not a valid int"),
    "one point to compare": (["diff", "berlin", "--on", "2026-03-03"], WRONG_USAGE, "Name two points"),
    "three points to compare": (["diff", "berlin", *["--on", "2026-03-03"] * 3], WRONG_USAGE, "Name two points"),
    "nothing to compare": (["diff", "berlin"], WRONG_USAGE, "Name two points"),
    "no location given": (["seats"], WRONG_USAGE, "Missing argument 'LOCATION'"),
    "one argument too many": (["seats", "berlin", "mia"], WRONG_USAGE, "unexpected extra argument"),
    "no such command": (["seat", "berlin"], WRONG_USAGE, "No such command 'seat'"),
    "no such option": (["seats", "berlin", "--when", "now"], WRONG_USAGE, "No such option"),
    "a hostile option": (["seats", "--\x1b[31m"], WRONG_USAGE, "\\x1b[31m"),
    "no such type of fact": (["log", "--type", "Nothing"], WRONG_USAGE, "'Nothing' is not one of 'AccessGranted'"),
    "no worker": (["rebuild", "--workers", "0"], WRONG_USAGE, "0 is not in the range 1<=x<=64"),
    "no such projection": (["rebuild", "everything"], WRONG_USAGE, "'everything' is not one of 'seats'"),
    "a file that is not there": (["import", "/no/such/file"], WRONG_USAGE, "'/no/such/file' does not exist"),
    "commands that are not there": (["submit", "/no/such/file"], WRONG_USAGE, "'/no/such/file' does not exist"),
    "a catalogue that is not there": (["catalogue", "/no/such/file"], WRONG_USAGE, "'/no/such/file' does not exist"),
    "a directory for a file": (["import", "/"], WRONG_USAGE, "File '/' is a directory"),
    "a directory for commands": (["submit", "/"], WRONG_USAGE, "File '/' is a directory"),
    "no name of who imports": (["import", "-", "--by", ""], WRONG_USAGE, "--by is a name of 1 to 300 characters"),
    "too long a name of who imports": (["import", "-", "--by", "x" * 301], WRONG_USAGE, "--by is a name of 1 to 300"),
    "refused lines of nothing": (["import", "-", "--refused", "/x"], WRONG_USAGE, "--refused goes with --skip-bad"),
    "a type that history does not know": (["history", "--type", "SignedIn"], WRONG_USAGE, "No such option"),
}


@pytest.mark.parametrize("what", BAD)
def test_one_sentence_and_the_exit_code(ask: InProcess, what: str) -> None:
    arguments, code, words = BAD[what]
    said = ask(*arguments)
    assert words in said.complaint
    assert said.code == code
    assert said.complaint.endswith(".")
    assert said.complaint.isprintable()


@pytest.mark.parametrize("what", ["no such seat", "a date that does not exist"])
def test_json_or_not_the_complaint_is_a_sentence(ask: InProcess, what: str) -> None:
    arguments, code, words = BAD[what]
    said = ask(*arguments, "--json")
    assert (said.code, words in said.complaint) == (code, True)


def test_wrong_usage_says_where_to_read_on(ask: InProcess) -> None:
    assert ask("seats", "berlin", "--on", "x").complaint.endswith("(see accessledger seats --help).")


def test_a_process_says_the_same(told: str) -> None:
    said = accessledger("seats", "berlin", "--on", "2026-02-30", database=told)
    assert said.code == WRONG_USAGE
    assert said.complaint.startswith("Invalid value for '--on': '2026-02-30' does not exist")


def test_arguments_that_are_not_utf_8_find_nothing(told: str) -> None:
    """They are no reason to fall over: a location of that name is not there, and that is all."""
    said = accessledger("seats", b"ber\xff", database=told)
    assert (said.code, said.complaint) == (REFUSED, "There is no location ber\\xff in this ledger.")


def test_facts_of_before_the_ledger_are_no_error(ask: InProcess) -> None:
    answer = ask("seats", "berlin", "--on", "1900-01-01", "--json").answer
    assert (answer["seats"], answer["subscription"], answer["available"]) == ([], None, 0)
    assert "No subscription yet. Bought 0, billable 0, free 0" in ask("seats", "berlin", "--on", "1900-01-01").text
    assert ask("seats", "berlin", "--on", "9998-12-31", "--json").code == 0


def test_position_zero_is_before_everything(ask: InProcess) -> None:
    assert "There is no location berlin" in ask("seats", "berlin", "--position", "0").complaint


# --- The catalogue ---

_COLUMNS = "section,slug,name,kind,parent,scope_type,billing_class,certain,default_roles,legacy_slugs\n"
CATALOGUES = {
    "a cycle in the parents": (
        _COLUMNS + "S,a,A,view,b,,F,yes,,\nS,b,B,view,c,,F,yes,,\nS,c,C,view,a,,F,yes,,\n",
        "go in a circle: a -> b -> c -> a",
    ),
    "a right below itself": (_COLUMNS + "S,a,A,view,a,,F,yes,,\n", "go in a circle: a -> a"),
    "a parent that is not there": (
        _COLUMNS + "S,a,A,view,b,,F,yes,,\n",
        "a has the parent b, which is not in the catalogue",
    ),
    "a billing class that is not there": (_COLUMNS + "S,a,A,view,,,Q,yes,,\n", "line 2: 'Q' is not a billing class"),
    "a slug that comes twice": (
        _COLUMNS + "S,a,A,view,,,F,yes,,\nS,a,A,view,,,F,yes,,\n",
        "line 3: the slug a is there twice",
    ),
    "other columns": ("slug;name\n", "the columns of a catalogue are section, slug"),
    "nothing": ("", "the columns of a catalogue are section, slug"),
    "half a line": (_COLUMNS + "S,a,A", "line 2"),
}


@pytest.mark.parametrize("what", CATALOGUES)
def test_a_bad_catalogue_is_refused(ask: InProcess, tmp_path: Path, what: str) -> None:
    content, words = CATALOGUES[what]
    path = tmp_path / "rights.csv"
    path.write_text(content, encoding="utf-8")
    said = ask("catalogue", path)
    assert said.code == REFUSED
    assert words in said.complaint


def test_a_catalogue_that_is_no_text_or_too_large_is_refused(ask: InProcess, tmp_path: Path) -> None:
    path = tmp_path / "rights.csv"
    path.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in ask("catalogue", path).complaint
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    assert "larger than 10,000,000 bytes" in ask("catalogue", path).complaint


def test_the_shipped_catalogue_passes_its_own_check(ask: InProcess) -> None:
    shipped = Path(__file__).parents[3] / "domain" / "catalogue" / "rights_v1.csv"
    (known,) = ask("catalogue", "--json").answer["catalogues"]
    (checked,) = ask("catalogue", shipped, "--json").answer["catalogues"]
    assert checked["sha256"] == known["sha256"]
    assert f"version {known['version']}: {known['rights']} rights" in ask("catalogue").text
