"""One look gives what reading stream by stream, the command and the clock give."""

from uuid import uuid4

import pytest

from infrastructure.store import Store, looking
from tests.infrastructure.store.making import row, rows


def test_a_look_gives_news_the_command_and_the_clock(store: Store) -> None:
    command = uuid4()
    inner = (uuid4(),)
    store.append([*rows("location:L1", 1, 5), row("terms", 1, inner=inner), row("location:L2", 1)])
    store.append([row("location:L1", 6, minute=9, command=command), row("observations:L1", command=command)])
    store.sequence()
    before = store.now()
    found = store.look({"location:L1": 4, "terms": 0, "location:none": 0}, command)
    assert before <= found.now <= store.now()
    assert [one.version for one in found.news["location:L1"]] == [5, 6]
    assert [one.inner for one in found.news["terms"]] == [inner]
    assert found.news["location:none"] == []
    assert set(found.news) == {"location:L1", "terms", "location:none"}
    assert found.of_command == store.find_command(command)
    assert [one.position for one in found.of_command] == [8, 9]


def test_a_look_finds_what_has_no_position_yet(store: Store) -> None:
    store.append(rows("location:L1", 1, 2))
    assert [one.version for one in store.look({"location:L1": 0}, uuid4()).news["location:L1"]] == [1, 2]
    assert store.look({"location:L1": 2}, uuid4()).of_command == []


def test_a_look_brings_so_many_rows_of_a_stream_at_most(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "AT_ONCE", 3)
    store.append([*rows("location:L1", 1, 5), *rows("location:L2", 1, 2)])
    news = store.look({"location:L1": 1, "location:L2": 0}, uuid4()).news
    assert [one.version for one in news["location:L1"]] == [2, 3, 4]
    assert [one.version for one in news["location:L2"]] == [1, 2]
