"""An answer can be asked for again for ever: with the basis that it carries the bytes are the same."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from domain.instants import read_instant
from infrastructure.demo.scenes import scenes
from infrastructure.wiring import application
from tests.cast import fact
from tests.infrastructure.cli.conftest import AFTER_THE_STORY
from tests.infrastructure.cli.running import InProcess, accessledger, written
from tests.infrastructure.sealing.opened import sealed_store

SCENE = scenes()
PLACE, DAY = SCENE.location, str(SCENE.on)
LATER = "2026-11-01T10:00:00Z"
FROM: dict[str, Any] = {"from": "2020-01-01"}
QUESTIONS = {
    "seats": ["seats", PLACE],
    "explain": ["explain", PLACE, "max"],
    "access": ["access", PLACE],
    "roster": ["roster", PLACE],
    "charges": ["charges", PLACE],
    "history": ["history", "--location", PLACE],
    "log": ["log", "--location", PLACE],
    "the whole history": ["history"],
    "the whole log": ["log"],
}


def news() -> bytes:
    """Facts of every kind that could change an old answer, recorded after the story."""
    late = fact("TeamMemberDismissed", at="2025-11-01T00:00:00Z", location=PLACE, member="max")
    gone = fact(
        "SeatsCharged",
        at="2026-03-31T16:00:00Z",
        location=PLACE,
        subscription="P-berlin",
        charge="C",
        billable=1,
        free=1,
    )
    return written(
        [
            fact("Correction", at=LATER, location=PLACE, kind="late", fact=late),
            fact("Correction", at=LATER, location=PLACE, kind="replace", corrects=SCENE.charge_fact, fact=gone),
            fact("Correction", at=LATER, location=PLACE, kind="void", corrects=SCENE.corrections[0]),
            fact("TeamMemberEdited", at=LATER, location=PLACE, member="max", before={}, after={"name": "Someone Else"}),
            fact("SignedIn", at=LATER, location=PLACE, account="acc-max"),
            fact("TwoStepDisabled", at=LATER, account="acc-max", channel="totp"),
            fact("TermsPublished", at=LATER, terms="service_providers", **FROM),
            fact("LocationOpened", at=LATER, location="aachen", name="Aachen", time_zone="Europe/Berlin"),
            fact("LocationOpened", at=LATER, location=PLACE, name="Moved", time_zone="Asia/Tokyo"),
        ]
    )


@pytest.fixture
def move_on(retold: str) -> Callable[[], None]:
    """Let the ledger of the story hear the news."""

    def moved() -> None:
        with sealed_store(retold) as store:
            at = read_instant("2026-11-02T00:00:00Z")
            assert at > AFTER_THE_STORY
            report = application(store, clock=lambda: at).importer.run(BytesIO(news()), name="news", by="tests")
            assert (report.appended, report.refused) == (9, 0)
            store.sequence()

    return moved


def test_nothing_that_comes_later_changes_an_answer_with_its_basis(
    retold: str, on_ledger: Callable[[str], InProcess], move_on: Callable[[], None]
) -> None:
    ask = on_ledger(retold)
    first = {}
    for name, question in QUESTIONS.items():
        answer = ask(*question, "--json").answer
        basis = ["--position", str(answer["position"])]
        for key in ("on", "known"):
            if answer.get(key) is not None:
                basis += [f"--{key}", answer[key]]
        again = [*question, *basis, "--json"]
        first[name] = (again, ask(*again).out)
        if "known" in answer:
            assert first[name][1] == ask(*question, *basis, "--json").out
    difference = ["diff", PLACE, "--on", DAY, "--known", SCENE.known_then.isoformat(), "--known", LATER]
    answer = ask(*difference, "--json").answer
    points = [answer["one"], answer["other"]]
    times = [part for point in points for part in ("--on", point["on"], "--known", point["known"])]
    again = ["diff", PLACE, *times, "--position", str(answer["position"]), "--json"]
    first["diff"] = (again, ask(*again).out)
    assert first["diff"][1] == ask(*difference, "--json").out

    move_on()
    for name, (again, before) in first.items():
        assert ask(*again).out == before, name
    for name, question in QUESTIONS.items():
        assert ask(*question, "--json").out != first[name][1], f"{name}: nothing of the news came through"


def test_a_position_alone_does_not_stop_the_clock_but_stops_the_news(
    retold: str, on_ledger: Callable[[str], InProcess], move_on: Callable[[], None]
) -> None:
    ask = on_ledger(retold)
    before = ask("seats", PLACE, "--json").answer
    move_on()
    after = ask("seats", PLACE, "--position", str(before["position"]), "--json").answer
    assert after.pop("known") > before.pop("known")
    assert after.pop("on") > before.pop("on")
    assert after == before


def test_another_process_and_another_database_give_the_same_bytes(told: str, retold: str, ask: InProcess) -> None:
    question = ("seats", PLACE, "--on", DAY, "--known", SCENE.known_now.isoformat(), "--position", "2000", "--json")
    expected = ask(*question).out
    assert accessledger(*question, database=retold).out == expected
    assert accessledger(*question, database=told, more={"TZ": "Asia/Tokyo", "LC_ALL": "C"}).out == expected
