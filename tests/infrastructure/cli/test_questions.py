"""Every question on the demo's story, laid out for people and as JSON, and what the demo promises of it."""

from collections.abc import Sequence

import pytest

from infrastructure.cli.questions import QUESTIONS
from infrastructure.demo.scenes import scenes
from tests.infrastructure.cli.running import InProcess, Json, accessledger

SCENE = scenes()
PLACE, DAY = SCENE.location, str(SCENE.on)
THEN, NOW = SCENE.known_then.isoformat(), SCENE.known_now.isoformat()
ASKED: dict[str, Sequence[str]] = {
    "seats": ("seats", PLACE, "--on", DAY, "--known", THEN),
    "diff": ("diff", PLACE, "--on", DAY, "--known", THEN, "--known", NOW),
    "explain": ("explain", PLACE, SCENE.seat, "--on", DAY, "--known", THEN),
    "access": ("access", PLACE, "--on", DAY, "--known", NOW),
    "roster": ("roster", PLACE, "--on", DAY, "--known", NOW),
    "charges": ("charges", PLACE, "--on", NOW, "--known", NOW),
    "history": ("history", "--location", PLACE, "--known", NOW),
    "log": ("log", "--location", PLACE, "--known", NOW),
}
SAYS = {
    "seats": ["Seats of berlin", "Bought 8, billable 7, free 8", "● billable  Mia Lindner", "○ free      Olga Winter"],
    "diff": ["Two lists of berlin", "Mia Lindner: goes, was billable", "dismissed Mia Lindner as of 4 March 2026"],
    "explain": ["Mia Lindner is billable in berlin", "Rules tried", "yes  Mia Lindner is on the schedule"],
    "access": ["Access to berlin", "Olga Winter (acc-olga): owner", "access since"],
    "roster": ["Everybody of berlin", "Treatment room", "Last sign-in"],
    "charges": ["Charges of berlin", "C-berlin-2026-03", "133.00 EUR", "differs"],
    "history": ["Changes of berlin", "Olga Winter put Mia Lindner on the schedule"],
    "log": ["Security log of berlin", "wrong password  [Chrome on Android, 203.0.113.201]"],
}
KEYS = {
    "seats": {"subscription", "available", "billable", "free", "over", "seats", "former"},
    "diff": {"one", "other", "counts", "differences"},
    "explain": {"member", "account", "billable", "terms", "reasons", "rules", "facts"},
    "access": {"users"},
    "roster": {"people"},
    "charges": {"charges"},
    "history": {"changes"},
    "log": {"log"},
}


def row(answer: Json, seat: str) -> Json:
    found: Json = next(each for each in answer["seats"] if seat in {each["member"], each["account"]})
    return found


def test_every_question_is_asked_here() -> None:
    assert {str(question.name) for question in QUESTIONS} == set(ASKED) == set(SAYS) == set(KEYS)


@pytest.mark.parametrize("question", ASKED)
def test_an_answer_for_people(ask: InProcess, question: str) -> None:
    said = ask(*ASKED[question])
    assert (said.code, said.err) == (0, b"")
    for words in SAYS[question]:
        assert words in said.text


@pytest.mark.parametrize("question", ASKED)
def test_the_same_answer_as_json(ask: InProcess, question: str) -> None:
    answer = ask(*ASKED[question], "--json").answer
    assert answer["location"] == PLACE
    assert answer["position"] > 2000
    assert set(answer) >= KEYS[question]


def test_a_process_of_its_own_says_the_same(told: str, ask: InProcess) -> None:
    for form in ((), ("--json",)):
        said = accessledger(*ASKED["seats"], *form, database=told)
        assert (said.code, said.out, said.err) == (0, ask(*ASKED["seats"], *form).out, b"")


def test_seven_then_and_six_now(ask: InProcess) -> None:
    then = ask("seats", PLACE, "--on", DAY, "--known", THEN, "--json").answer
    now = ask("seats", PLACE, "--on", DAY, "--known", NOW, "--json").answer
    assert (then["billable"], now["billable"]) == (7, 6)
    assert row(then, SCENE.seat)["reasons"][0]["code"] == "schedule"
    charge = next(each for each in ask(*ASKED["charges"], "--json").answer["charges"] if each["charge"] == SCENE.charge)
    assert charge["billed"]["billable"] == charge["as_known_then"]["billable"] == 7
    assert charge["as_known_now"]["billable"] == 6


def test_the_difference_is_the_dismissal_and_nothing_else(ask: InProcess) -> None:
    rows = ask(*ASKED["diff"], "--json").answer["differences"]
    assert {name for each in rows for name in (fact["id"] for fact in each["facts"])} == {SCENE.dismissal}


def test_the_owner_is_free_until_the_terms_switch(ask: InProcess) -> None:
    before = ask("seats", PLACE, "--on", str(SCENE.old_terms), "--known", NOW, "--json").answer
    after = ask("seats", PLACE, "--on", str(SCENE.new_terms), "--known", NOW, "--json").answer
    assert [each["code"] for each in row(before, SCENE.owner)["reasons"]] == ["owner_free"]
    assert row(after, SCENE.owner)["billable"]


def test_a_date_is_the_end_of_that_day_where_the_location_is(ask: InProcess) -> None:
    assert ask("seats", PLACE, "--on", "2026-03-31", "--json").answer["on"] == "2026-03-31T21:59:59.999999Z"
    assert ask("seats", "new-york", "--on", "2026-03-31", "--json").answer["on"] == "2026-04-01T03:59:59.999999Z"
    at = "2026-03-31T20:00:00+02:00"
    assert ask("seats", PLACE, "--on", at, "--known", at, "--json").answer["known"] == "2026-03-31T18:00:00Z"


def test_the_stolen_device_is_found_by_its_id(ask: InProcess) -> None:
    rows = ask("log", "--location", PLACE, "--device", SCENE.device, "--json").answer["log"]
    assert len(rows) == 10
    assert {each["device"]["id"] for each in rows} == {SCENE.device}
    assert sum(each["outcome"] == "refused" for each in rows) == 4
    assert [each["type"] for each in rows if each["type"] == "DataExported"] == ["DataExported"]


def test_filters_narrow_and_their_edges_are_days(ask: InProcess) -> None:
    wanted = ("--account", SCENE.victim, "--from", "2026-05-15", "--to", "2026-05-15")
    rows = ask("history", "--location", PLACE, *wanted, "--json").answer["changes"]
    days = {each["recorded_at"][:13] for each in rows}
    assert rows
    assert min(days) >= "2026-05-14T22"
    assert max(days) < "2026-05-15T22"
    only = ask("log", "--location", PLACE, "--type", "CommandRefused", "--json").answer["log"]
    assert {each["type"] for each in only} == {"CommandRefused"}


def test_pages_are_the_whole_the_newest_first(ask: InProcess) -> None:
    for question, key in (("history", "changes"), ("log", "log")):
        asked = (question, "--location", PLACE, "--known", NOW)
        whole = ask(*asked, "--json").answer[key]
        pages: list[Json] = []
        before: tuple[str, ...] = ()
        while True:
            answer = ask(*asked, "--limit", "40", *before, "--json").answer
            assert 0 < len(answer[key]) <= 40
            pages = [*answer[key], *pages]
            if answer["earlier"] is None:
                break
            before = ("--before", str(answer["earlier"]))
        assert pages == whole


def test_a_page_says_how_to_ask_for_the_next(ask: InProcess) -> None:
    said = ask("log", "--location", PLACE, "--limit", "5")
    assert (said.code, "There is more before: ask again with --before " in said.err.decode()) == (0, True)
    wrong = ask("log", "--location", PLACE, "--before", "5")
    assert (wrong.code, "say with --limit how many rows" in wrong.err.decode()) == (2, True)


def test_every_location_at_once(ask: InProcess) -> None:
    for question, key in (("history", "changes"), ("log", "log")):
        rows = ask(question, "--known", NOW, "--json").answer[key]
        assert {each.get("location") for each in rows} >= {"berlin", "lisbon", "new-york"}
        positions = [each.get("position") or each["facts"][0]["position"] for each in rows]
        assert positions == sorted(positions)


def test_one_account_is_shown_right_by_right(ask: InProcess) -> None:
    said = ask("access", PLACE, "--account", SCENE.owner, "--on", DAY)
    assert "Olga Winter" in said.text
    assert "Max Brandt" not in said.text
    assert "paid Create appointments" in said.text


def test_wide_and_narrow_terminals_and_none_hold_the_same_words(
    ask: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ask(*ASKED["seats"]).text
    assert max(map(len, whole.splitlines())) <= 140
    monkeypatch.setenv("COLUMNS", "80")
    assert ask(*ASKED["seats"]).text == whole, "without a terminal the width is always the same"
