"""The recorders pass the suites that the eventsourcing library publishes for recorders."""

from typing import ClassVar
from uuid import uuid4

import pytest

pytest.importorskip("Crypto", reason="The library's suites import pycryptodome; install the development group.")

from eventsourcing.persistence import AggregateRecorder
from eventsourcing.tests.persistence import AggregateRecorderTestCase, ApplicationRecorderTestCase

from infrastructure.store import Store
from infrastructure.store.recorder import StoreAggregateRecorder, StoreApplicationRecorder


@pytest.fixture
def _given(request: pytest.FixtureRequest, store: Store) -> None:
    """Hand the store to a test case of unittest."""
    request.cls.store = store


@pytest.mark.usefixtures("_given")
class TestAggregateRecorder(AggregateRecorderTestCase):
    store: ClassVar[Store]

    def new_originator_id(self) -> str:
        return f"stream:{uuid4()}"

    def create_recorder(self) -> AggregateRecorder:
        return StoreAggregateRecorder(self.store)


@pytest.mark.usefixtures("_given")
class TestApplicationRecorder(ApplicationRecorderTestCase[StoreApplicationRecorder]):
    store: ClassVar[Store]

    def new_originator_id(self) -> str:
        return f"stream:{uuid4()}"

    def create_recorder(self) -> StoreApplicationRecorder:
        return StoreApplicationRecorder(self.store)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


# The library's abstract cases must not be collected themselves.
del AggregateRecorderTestCase, ApplicationRecorderTestCase
