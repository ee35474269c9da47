"""What people were called at a time on which facts hold, by the lines that have the last word there: as a fold says."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from domain import canonical
from infrastructure.books import Books
from infrastructure.catalogues import shipped_catalogues
from infrastructure.kept import kept_names, naming, naming_then, reading
from infrastructure.kept.asked import Asked
from infrastructure.kept.log_answers import KeptLog
from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from projections.filters import EVERYTHING
from tests.cast import Json, fact
from tests.infrastructure.kept.log_tables import NOW, bring
from tests.infrastructure.kept.telling import keep

CATALOGUES = shipped_catalogues()
_LOG, _LISTS = statements("kept_log"), statements("kept_lists")
LAST = 24


def day(number: int, hour: int = 9) -> str:
    return f"2026-01-{number:02}T{hour:02}:00:00Z"


def role(at: int, after: str, effective_at: int | None = None) -> Json:
    held = day(effective_at) if effective_at is not None else None
    return fact("RoleChanged", at=day(at), effective_at=held, account="acc-ann", before="viewer", after=after)


def void(at: int, corrects: Json) -> Json:
    return fact("Correction", at=day(at), kind="void", corrects=corrects["id"])


def told_late(at: int, carried: Json) -> Json:
    return fact("Correction", at=day(at), kind="late", fact=carried)


def renamed() -> list[Json]:
    """People who are called otherwise nearly every day: told in time, late, ahead of time, and taken back."""
    granted = fact("AccessGranted", at=day(5), account="acc-ann", role="viewer")
    to_manager = role(7, "manager")
    linked = fact("UserLinked", at=day(10), account="acc-ann", member="m2")
    named = fact("AccessGranted", at=day(16), account="acc-bob", name="Bob", role="accountant")
    edited = fact("TeamMemberEdited", at=day(14), effective_at=day(3), member="m2", after={"name": "Beatrix"})
    story = [
        fact("LocationOpened", at=day(1), name="Studio", time_zone="UTC"),
        fact("TeamMemberAdded", at=day(2), member="m1", name="Ann A.", position="Stylist"),
        fact("TeamMemberAdded", at=day(2, 10), member="m2", name="Bea"),
        fact("UserInvited", at=day(3), account="acc-ann", name="Ann", role="manager"),
        granted,
        fact("UserLinked", at=day(6), account="acc-ann", member="m1"),
        to_manager,
        fact("TeamMemberEdited", at=day(8), member="m1", after={"name": "Anna", "position": None}),
        fact("TeamMemberEdited", at=day(9), member="m1", after={"phone": "030"}),
        linked,
        told_late(11, role(11, "accountant", effective_at=4)),
        role(12, "owner", effective_at=22),
        void(13, to_manager),
        told_late(14, edited),
        fact("UserInvited", at=day(15), account="acc-bob", role="viewer", member="m2"),
        named,
        void(17, named),
        fact("TeamMemberEdited", at=day(18), member="m2", after={"position": "Chef"}),
        void(19, linked),
        void(20, granted),
    ]
    acts = [
        fact("AddedToSchedule", at=day(number, 12), actor=actor, member="m1" if number % 2 else "m2")
        for number in range(4, LAST)
        for actor in ("acc-ann", "acc-bob")
    ]
    return sorted([*story, *acts], key=lambda told: str(told["recorded_at"]))


def points() -> Iterator[tuple[datetime, datetime]]:
    for on in range(2, LAST + 1):
        for known in sorted({on, on + 2, on + 5, LAST} & set(range(LAST + 1))):
            yield datetime(2026, 1, on, 13, tzinfo=UTC), datetime(2026, 1, known, 13, tzinfo=UTC)


def wrong(store: Store) -> Iterator[str]:
    """The points at which kept and folded answers differ."""
    books = Books(store, CATALOGUES, now=NOW)
    for on, known in points():
        for observed in (True, False):
            asked = Asked("L1", EVERYTHING, store.last_position(), NOW, on, known, observed=observed)
            folded = (books.log if observed else books.history)("L1", EVERYTHING, on, known)
            if canonical.write(KeptLog(store, CATALOGUES).answer(asked)) != canonical.write(folded):
                yield f"on {on}, known {known}, observed {observed}"


@pytest.fixture
def told(store: Store) -> Store:
    bring(store, renamed())
    keep(store, store.last_position(), random.Random(1))
    return store


@pytest.mark.parametrize("steps", [(1, 6, 1 << 30), (1, 2, 3, 1 << 30), (1 << 30,)])
def test_names_at_every_point_are_those_of_a_fold(
    steps: tuple[int, ...], told: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming_then, "_STEPS", steps)
    assert not list(wrong(told))


def _before_all(store: Store) -> bool:
    """Whether who acts in a location of which nothing is known yet is called in the log as a fold calls them."""
    bring(store, [fact("AddedToSchedule", at="2025-12-31T09:00:00Z", actor="acc-ann", member="m1"), *renamed()])
    keep(store, store.last_position(), random.Random(1))
    books, known = Books(store, CATALOGUES, now=NOW), datetime(2025, 12, 31, 13, tzinfo=UTC)
    for on in (None, known):
        asked = Asked("L1", EVERYTHING, store.last_position(), NOW, on, known)
        folded = books.log("L1", EVERYTHING, on, known)
        assert folded["log"]
        if canonical.write(KeptLog(store, CATALOGUES).answer(asked)) != canonical.write(folded):
            return False
    return True


def test_nobody_is_called_as_known_later_before_anything_is_known(store: Store) -> None:
    assert _before_all(store)


def test_a_build_that_takes_nothing_for_everything_is_caught(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    names = _LOG["known_names"].replace(b"least(coalesce(last.position, 0), %(upto)s)", b"%(upto)s::bigint")
    monkeypatch.setattr(reading, "_SQL", {**_LOG, **_LISTS, "known_names": names})
    assert not _before_all(store)


def test_lines_are_read_from_the_last_one_down(told: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of everybody who was called otherwise, not of those of whom nothing came later; and no list to its end."""
    asked: list[tuple[int, int]] = []
    places = naming_then._places

    def noted(*args: Any) -> Any:
        asked.append((len(args[1]), args[3]))
        return places(*args)

    monkeypatch.setattr(naming_then, "_places", noted)
    on, known = datetime(2026, 1, 21, 13, tzinfo=UTC), datetime(2026, 1, 23, 13, tzinfo=UTC)
    KeptLog(told, CATALOGUES).answer(Asked("L1", EVERYTHING, told.last_position(), NOW, on, known))
    assert asked[0][1] == naming_then._STEPS[0]
    assert 0 < asked[0][0] <= len(naming.lists_of(naming.Who("L1", "acc-ann", is_member=False)))
    assert all(most < naming_then._STEPS[-1] for _, most in asked)


@pytest.mark.parametrize("name", ["told_since", "held_later", "naming_places"])
def test_whether_something_holds_is_told_by_the_index_of_the_list(name: str, database: str, told: Store) -> None:
    """The lines about somebody lie on as many pages of the table."""
    now, end = datetime(2026, 1, 21, tzinfo=UTC), 1 << 40
    asked = {
        "keys": [1],
        "locations": [1],
        "ons": [now],
        "known": [now],
        "thens": [0],
        "ends": [end],
        "most": 1,
    }
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) kept.log_lines")

        def reads_the_index_alone() -> bool:
            with connection.transaction():
                connection.execute(_LISTS["in_order"])
                plan = connection.execute(b"EXPLAIN " + _LOG[name], asked).fetchall()
            return any("Index Only Scan" in line and "log_lines_about" in line for (line,) in plan)

        assert reads_the_index_alone()
        connection.execute("DROP INDEX kept.log_lines_about")
        connection.execute("CREATE INDEX log_lines_about ON kept.log_lines (by_about, place)")
        assert not reads_the_index_alone()


def test_by_a_time_after_everything_no_location_is_asked_how_far_it_was_known(database: str, told: Store) -> None:
    asked: dict[str, Any] = {"places": ["L1"], "ons": [None], "upto": 9, "locations": ["L1"], "keys": ["@"]}
    with psycopg.connect(database, autocommit=True) as connection:

        def ways(known: datetime) -> set[bool]:
            plan = connection.execute(
                b"EXPLAIN (ANALYZE) " + _LOG["known_names"], {**asked, "known": [known]}, prepare=False
            )
            return {"never executed" in line for (line,) in plan if "on lines" in line}

        assert ways(NOW) == {True}
        assert ways(datetime(2026, 1, 10, tzinfo=UTC)) == {True, False}


def hear_what_does_not_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(naming_then, "_left_out", lambda *_: set())


def hear_the_last_line_of_a_list_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(naming_then, "_STEPS", (1,))


def hear_nothing_that_was_told_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(naming_then, "lists_of", lambda who: [each for each in naming.lists_of(who) if not each.late])


def take_only_what_came_since_for_later(patch: pytest.MonkeyPatch) -> None:
    asked = kept_names._asked
    patch.setattr(kept_names, "_asked", lambda *args: () if args[1] == "held_later" else asked(*args))


def take_everything_for_known(patch: pytest.MonkeyPatch) -> None:
    names = _LOG["known_names"].replace(b"max(s.known_to)", b"min(s.known_from)")
    patch.setattr(reading, "_SQL", {**_LOG, **_LISTS, "known_names": names})


@pytest.mark.parametrize(
    "break_it",
    [
        hear_what_does_not_count,
        hear_the_last_line_of_a_list_only,
        hear_nothing_that_was_told_late,
        take_only_what_came_since_for_later,
        take_everything_for_known,
    ],
)
def test_a_broken_build_is_found_out(
    break_it: Callable[[pytest.MonkeyPatch], None], told: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(monkeypatch)
    assert any(wrong(told))
