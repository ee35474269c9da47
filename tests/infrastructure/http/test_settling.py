"""What an import answers as its position: that to which everything is told, whoever gave the positions."""

from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest

from infrastructure.http import importing
from infrastructure.store import Store
from tests.infrastructure.store.making import rows


@pytest.mark.parametrize("believed", [False, True])
def test_positions_that_another_process_is_giving(
    store: Store, database: str, monkeypatch: pytest.MonkeyPatch, *, believed: bool
) -> None:
    """The other one ends just after this one has found nothing left to give: what `sequence` said then is of before."""
    store.append(rows("location:L1", 1, 5))
    read_lag = Store.lag
    with psycopg.connect(database) as other:
        other.execute("SELECT * FROM ledger.sequence(100)")
        found = store.sequence()

        def lag(own: Store) -> Any:
            other.commit()
            return read_lag(own)

        monkeypatch.setattr(Store, "lag", lag)
        house = cast("Any", SimpleNamespace(ledger=SimpleNamespace(store=store)))
        settled = found if believed else importing._settled(house)
    assert (settled == store.last_position() == 5) is not believed
