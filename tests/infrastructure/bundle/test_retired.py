"""A dispute is settled by facts that decide: observations that were retired, and even dropped, are not missed."""

from datetime import UTC, datetime

import psycopg
import pytest

from domain.retention import CLASSES
from infrastructure.retention.retaining import Dropped, Retaining
from infrastructure.store import Store
from infrastructure.verifying import verify
from tests.infrastructure.bundle.disputing import Dispute, answers_of

LONG_AFTER = datetime(2040, 1, 1, tzinfo=UTC)


def test_a_bundle_of_after_a_retirement_and_a_drop_holds_like_the_one_before(
    dispute: Dispute, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = dispute.ledger.store
    before = dispute.bundle()
    retaining = Retaining(store, dispute.ledger.projector)
    for name in CLASSES:
        retaining.rules.set_term(name, 12, by="ada", reason="our policy")
    _many_years_go_by(store, monkeypatch)
    retired = sum(one.facts for one in retaining.run())
    assert retired > 100
    between = dispute.bundle()
    dropped = list(retaining.drop())
    assert all(isinstance(each, Dropped) for each in dropped), dropped
    assert sum(each.facts for each in dropped if isinstance(each, Dropped)) == retired
    after = dispute.bundle()
    for made in (before, between, after):
        report = dispute.checked(made.data)
        assert [each.sentence for each in report.findings if not each.holds] == []
        last = answers_of(made.data)["days"][-1]
        assert (last["then"]["billable"], last["now"]["billable"]) == (7, 6)
    assert [each.sentence for each in verify(store, dispute.ledger.catalogues).broken] == []


def _many_years_go_by(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The year is over for long, by the clock that terms are counted by and by the wall in the database."""
    monkeypatch.setattr(Store, "now", lambda _store: LONG_AFTER)
    with psycopg.connect(store.connections.conninfo, autocommit=True) as connection:
        connection.execute(
            b"CREATE OR REPLACE FUNCTION ledger.may_retire(year int) RETURNS boolean LANGUAGE sql AS 'SELECT true'"
        )
