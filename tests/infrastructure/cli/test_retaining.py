"""`retain` on the command line: terms, holds, what is due, retiring, and the drop that waits for a signature."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infrastructure.evidence.publishing import Publishing
from tests.infrastructure.cli.running import InProcess
from tests.infrastructure.evidence.signing_here import ORIGIN, SignsHere
from tests.infrastructure.retention.telling import corrected, written
from tests.infrastructure.sealing.opened import sealed_store

WHY = ("--by", "ada", "--because", "our policy")
File = Callable[[bytes], Path]


@pytest.fixture
def filled(do: InProcess, file: File) -> InProcess:
    """A ledger of three years of observations."""
    assert do("import", file(written(corrected()))).code == 0
    return do


def test_without_terms_nothing_happens_and_it_says_so(filled: InProcess) -> None:
    assert filled("retain").text == "No term is set: every observation is kept for ever.\n"
    assert filled("retain", "--dry-run", "--json").answer == {"due": [], "holds": [], "terms": []}
    assert filled("retain", "--drop").text == "Nothing is retired.\n"


def test_a_term_a_hold_and_what_comes_of_them(filled: InProcess) -> None:
    assert filled("retain", "term", "exports", "12", *WHY).text == "exports are kept for 12 months from now on.\n"
    assert filled("retain", "hold", "--location", "L1", *WHY).text == "Hold 1 is in force.\n"
    due = filled("retain", "--dry-run", "--json").answer
    assert [(each["year"], each["facts"], each["held"]) for each in due["due"]] == [
        (2019, 1, 1),
        (2020, 1, 1),
        (2021, 1, 1),
    ]
    said = filled("retain", "--dry-run").text
    assert "Hold 1: all observations of L1, until it is released, by ada: our policy" in said
    assert "due: 1 observations of 2019; 1 are held" in said
    assert filled("retain", "--json").answer["retired"][0] == {"facts": 1, "table": "observations_2019"}
    assert filled("retain", "release", "1", *WHY).text == "Hold 1 is released.\n"
    assert filled("retain").text.splitlines() == [f"Retired: 1 observations of {year}." for year in (2019, 2020, 2021)]
    assert "Retired, unless held or named by a later fact: exports before 2022-01-01." in filled("log").text
    assert filled("verify").code == 0


@pytest.mark.parametrize("months", ["11", "0", "-1", "many"])
def test_a_term_is_at_least_a_year(filled: InProcess, months: str) -> None:
    assert filled("retain", "term", "exports", "--", months, *WHY).code == 2


def test_what_was_retired_is_dropped_when_it_is_signed_and_the_evidence_still_holds(
    filled: InProcess, database: str, file: File
) -> None:
    filled("retain", "term", "log-views", "12", *WHY)
    filled("retain")
    refused = filled("retain", "--drop")
    assert refused.code == 1
    assert "no signed checkpoint covers" in refused.text
    signer = SignsHere()
    with sealed_store(database) as store:
        assert Publishing(store, ORIGIN, signer).publish() is not None
    hold = filled("retain", "hold", "--class", "log-views", *WHY)
    assert hold.code == 0
    held = filled("retain", "--drop")
    assert held.code == 1
    assert "is held" in held.text
    filled("retain", "release", "1", *WHY)
    dropped = filled("retain", "--drop", "--json").answer
    assert [each["facts"] for each in dropped["dropped"]] == [2, 2, 2]
    said = filled("verify", "--all", "--json")
    assert (said.code, said.answer["broken"]) == (0, [])
    with sealed_store(database) as store:
        assert Publishing(store, ORIGIN, signer).publish() is not None
    assert filled("verify", "--all").code == 0
    again = filled("import", file(written(corrected())), "--json").answer
    assert again["appended"] == 0
    assert filled("verify", "--last").text.endswith("nothing is broken.\n")
    assert filled("rebuild").code == 0
    assert filled("verify", "--all").code == 0
