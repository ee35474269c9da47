"""The folds hold on ledgers full of late facts, corrections, contradictions and facts that rest on nothing."""

import json
from datetime import UTC, datetime

import pytest

from domain.facts import OBSERVATIONS
from domain.ledger import AsOf, Ledger
from domain.seating import Seating
from projections.access import access
from projections.charges import Seats, charges
from projections.filters import EVERYTHING
from projections.history import history
from projections.plain import one_line
from projections.security_log import security_log
from tests.cast import ALWAYS, BERLIN, CATALOGUE, entries
from tests.naive.ledgers import ledger as random_ledger
from tests.projections.rosters import folded_roster

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def seats_of(ledger: Ledger) -> Seats:
    return lambda at: Seating(ledger.as_of(at))


@pytest.mark.parametrize("seed", range(10))
def test_every_fold_has_an_answer(seed: int) -> None:
    facts = [{**raw, "data": CATALOGUE.modernise(raw["data"])} for raw in random_ledger(seed)]
    whole = Ledger(entries(facts), {1: CATALOGUE})
    said = whole.record(ALWAYS)

    log = security_log(said, EVERYTHING, BERLIN)
    changes = history(said, EVERYTHING, BERLIN)

    assert [row["id"] for row in log] == [line.fact.id for line in said.lines]
    assert sorted(fact["id"] for row in changes for fact in row["facts"]) == sorted(
        row["id"] for row in log if row["type"] not in OBSERVATIONS
    )
    assert all(row["sentence"] == one_line(row["sentence"]) for row in changes)
    assert all(
        row["left_out_by"] is None or "(left out since" in row["action"] or "; left out" in row["action"] for row in log
    )
    for location in sorted({str(raw["location"]) for raw in facts if "location" in raw}):
        here = [raw for raw in facts if raw.get("location", location) == location]
        ledger = Ledger(entries(here), {1: CATALOGUE})
        cut = ledger.as_of(AsOf(on=NOW, known=ALWAYS))
        users = {user["account"] for user in access(Seating(cut))["users"]}
        people = folded_roster(cut, ledger.record(ALWAYS))["people"]
        assert users == {row["account"] for row in people if row["access"] in {"active", "invited"}}
        assert json.dumps([people, charges(cut, seats_of(ledger))])
