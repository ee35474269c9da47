"""The check's own count is the law's: over random ledgers the same bytes as a plain fold of each point by itself."""

from datetime import timedelta

import pytest

from domain import canonical
from domain.instants import end_of_day
from domain.ledger import AsOf, Ledger
from domain.seating import Seating
from infrastructure.bundle.recounting import Recount
from projections.seats import seats
from tests.infrastructure.bundle.operating import OWN, Operator, entries_of


@pytest.mark.parametrize("seed", range(40))
def test_days_gone_over_once_are_days_folded_one_by_one(seed: int) -> None:
    operator = Operator(seed, size=80, days=40)
    entries, unread = entries_of(operator.files())
    recount = Recount(operator.asked, entries, unread, OWN.catalogues, (operator.at, len(operator.rows)))
    ledger = Ledger(entries, OWN.catalogues)
    for number, day in enumerate(recount.days):
        end = end_of_day(operator.asked.first + timedelta(days=number), recount.zone)
        for side, known in ((day.then, end), (day.now, operator.at)):
            plain = Seating(ledger.as_of(AsOf(end, known)))
            assert canonical.write(seats(side)) == canonical.write(seats(plain))


def test_some_of_these_ledgers_differ_between_both_clocks() -> None:
    """Else nothing would have been compared but one and the same list."""
    differing = 0
    for seed in range(40):
        operator = Operator(seed, size=80, days=40)
        entries, unread = entries_of(operator.files())
        recount = Recount(operator.asked, entries, unread, OWN.catalogues, (operator.at, len(operator.rows)))
        differing += bool(recount.answers()["differences"])
    assert differing > 10
