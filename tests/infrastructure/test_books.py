"""The books: dates where the location is, now as a default, answers that a position pins for ever."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import psycopg
import pytest

from domain import canonical
from domain.instants import read_instant
from infrastructure.books import Answer, Books, NotFoundError, NotSettledError, read_moment
from infrastructure.catalogues import shipped_catalogues
from infrastructure.store import Store
from infrastructure.wiring import application
from projections.filters import EVERYTHING
from tests.cast import Json, fact
from tests.infrastructure.walls.unguarded import unguard

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CATALOGUES = shipped_catalogues()
Bring = Callable[..., Books]


def opened(zone: str, location: str = "L1", at: str = "2019-01-01T00:00:00Z") -> Json:
    return fact("LocationOpened", at=at, location=location, name=f"Studio {location}", time_zone=zone)


def added(member: str, at: str, location: str = "L1") -> Json:
    return fact("TeamMemberAdded", at=at, location=location, member=member, name=member.title())


@pytest.fixture
def bring(store: Store) -> Bring:
    """Import facts and open the books after them."""

    def brought(*facts: Json, now: datetime = NOW) -> Books:
        lines = b"".join(canonical.write(each) + b"\n" for each in facts)
        report = application(store, clock=lambda: NOW).importer.run(BytesIO(lines), name="facts", by="tests")
        assert report.refused == 0
        return Books(store, CATALOGUES, now=now)

    return brought


def names(answer: Answer) -> list[str]:
    return [seat["name"] for seat in answer["seats"]]


# --- Dates are days of the location, on both axes ---

DAYS = {
    "an ordinary day": ("Europe/Berlin", "2026-03-10", "2026-03-10T22:59:59.999999Z"),
    "the clocks go forward": ("Europe/Berlin", "2026-03-29", "2026-03-29T21:59:59.999999Z"),
    "the clocks go back": ("Europe/Berlin", "2026-10-25", "2026-10-25T22:59:59.999999Z"),
    "west of Greenwich": ("America/New_York", "2026-03-10", "2026-03-11T03:59:59.999999Z"),
    "a zone of three quarters of an hour": ("Asia/Kathmandu", "2026-03-10", "2026-03-10T18:14:59.999999Z"),
    "a midnight that is skipped": ("America/Havana", "2026-03-07", "2026-03-08T04:59:59.999999Z"),
    "a midnight that comes twice": ("America/Havana", "2026-10-31", "2026-11-01T03:59:59.999999Z"),
    "a day that did not exist": ("Pacific/Apia", "2011-12-29", "2011-12-30T09:59:59.999999Z"),
    "no shift at all": ("UTC", "2026-03-10", "2026-03-10T23:59:59.999999Z"),
}


@pytest.mark.parametrize("what", DAYS)
def test_a_date_is_the_end_of_its_day_on_both_axes(bring: Bring, what: str) -> None:
    zone, day, end = DAYS[what]
    books = bring(opened(zone, at="2000-01-01T00:00:00Z"))
    answer = books.seats("L1", date.fromisoformat(day), date.fromisoformat(day))
    assert (answer["on"], answer["known"]) == (end, end)
    assert books.zone("L1").key == zone


def test_what_takes_effect_at_midnight_is_of_the_next_day(bring: Bring) -> None:
    books = bring(
        opened("Europe/Berlin"),
        added("last", "2026-03-29T21:59:59.999999Z"),
        added("first", "2026-03-29T22:00:00Z"),
    )
    day, next_day = date(2026, 3, 29), date(2026, 3, 30)
    assert names(books.seats("L1", day)) == ["Last"]
    assert names(books.seats("L1", next_day)) == ["First", "Last"]
    assert names(books.seats("L1", None, day)) == ["Last"]
    assert names(books.seats("L1", None, next_day)) == ["First", "Last"]


def test_every_answer_reads_dates_where_its_location_is(bring: Bring) -> None:
    books = bring(opened("Europe/Berlin"), opened("America/New_York", "L2"), added("m", "2026-03-01T00:00:00Z"))
    day = date(2026, 3, 10)
    ends = {"L1": "2026-03-10T22:59:59.999999Z", "L2": "2026-03-11T03:59:59.999999Z"}
    for place, end in ends.items():
        for answer in (
            books.seats(place, day, day),
            books.access(place, day, day),
            books.roster(place, day, day),
            books.charges(place, day, day),
            books.history(place, EVERYTHING, day, day),
            books.log(place, EVERYTHING, day, day),
        ):
            assert (answer["location"], answer["on"], answer["known"]) == (place, end, end)
        difference = books.difference(place, (day, None), (None, day))
        assert (difference["one"]["on"], difference["other"]["known"]) == (end, end)
    everywhere = books.log(None, EVERYTHING, None, day)["log"]
    assert {row["location"] for row in everywhere} == {"L1", "L2"}


def test_a_corrected_time_zone_counts_for_every_date(bring: Bring) -> None:
    wrong = opened("Europe/Berlin")
    right = fact("LocationOpened", at="2019-01-01T00:00:00Z", id="00000000-0000-4000-8000-000000000001",
                 name="Studio L1", time_zone="America/New_York")  # fmt: skip
    books = bring(
        wrong, fact("Correction", at="2026-02-01T00:00:00Z", kind="replace", corrects=wrong["id"], fact=right)
    )
    assert books.zone("L1").key == "America/New_York"
    assert books.seats("L1", date(2026, 3, 10))["on"] == "2026-03-11T03:59:59.999999Z"


def test_moments_are_instants_or_dates() -> None:
    assert read_moment("2026-03-10") == date(2026, 3, 10)
    assert read_moment("2026-03-10T12:00:00+02:00") == datetime(2026, 3, 10, 10, tzinfo=UTC)
    for text in ("2026-02-30", "2026-3-1", "", "now", "2026-03-10 12:00", "2026-03-10T12:00:00", "\u0662" * 10):
        with pytest.raises(ValueError, match=r"is not|does not exist"):
            read_moment(text)


# --- What is left out is now ---


def test_now_is_the_ledger_s_own_clock_unless_given(bring: Bring, store: Store) -> None:
    given = bring(opened("UTC"))
    assert given.seats("L1")["on"] == given.seats("L1")["known"] == "2026-11-01T00:00:00Z"
    before = store.now()
    books = Books(store, CATALOGUES)
    known = read_instant(books.seats("L1")["known"])
    assert before <= known <= store.now()
    assert books.seats("L1") == books.seats("L1"), "the clock stands still while the books are open"


def test_what_is_recorded_later_than_now_is_not_known(bring: Bring) -> None:
    books = bring(opened("UTC"), added("m", "2026-03-10T12:00:00Z"), now=read_instant("2026-03-10T11:59:59.999999Z"))
    assert names(books.seats("L1")) == []
    assert names(books.seats("L1", None, date(2026, 3, 10))) == []
    assert names(books.seats("L1", date(2026, 3, 10), date(2026, 3, 10))) == ["M"]


# --- Positions ---

PINNED: dict[str, Callable[[Books], object]] = {
    "seats": lambda books: books.seats("L1", NOW, NOW),
    "difference": lambda books: books.difference("L1", (date(2026, 2, 1), NOW), (NOW, NOW)),
    "explanation": lambda books: books.explanation("L1", "sana", NOW, NOW),
    "access": lambda books: books.access("L1", NOW, NOW),
    "roster": lambda books: books.roster("L1", NOW, NOW),
    "charges": lambda books: books.charges("L1", NOW, NOW),
    "history": lambda books: books.history("L1", EVERYTHING, NOW, NOW),
    "the whole history": lambda books: books.history(None, EVERYTHING, None, NOW),
    "log": lambda books: books.log("L1", EVERYTHING, None, NOW),
    "the whole log": lambda books: books.log(None, EVERYTHING, None, NOW),
    "locations": lambda books: books.locations(),
}
SANA = added("sana", "2026-01-02T09:00:00Z")
BOOKABLE = fact("AddedToSchedule", at="2026-01-03T09:00:00Z", member="sana")
GIVEN = fact("AccessGranted", at="2026-01-04T09:00:00Z", account="acc-sana", name="Sana", role="owner")
BEFORE = [
    opened("Europe/Berlin"),
    SANA,
    BOOKABLE,
    GIVEN,
    fact("SeatsCharged", at="2026-01-31T09:00:00Z", subscription="P", charge="C", billable=1, free=0),
]


def late(at: str, kind: str, **data: Any) -> Json:
    inner = fact(kind, at="2026-01-10T09:00:00Z", **data)
    return fact("Correction", at=at, kind="late", fact=inner)


NEWS = [
    late("2026-02-01T09:00:00Z", "RemovedFromSchedule", member="sana"),
    late("2026-02-01T09:00:00Z", "UserLinked", account="acc-sana", member="sana"),
    fact("Correction", at="2026-02-02T09:00:00Z", kind="void", corrects=GIVEN["id"]),
    fact("TeamMemberEdited", at="2026-02-03T09:00:00Z", member="sana", before={}, after={"name": "Sana Li"}),
    fact("SignedIn", at="2026-02-04T09:00:00Z", account="acc-sana"),
    fact("TwoStepEnabled", at="2026-02-04T09:00:00Z", account="acc-sana", channel="totp"),
    opened("UTC", "L0", "2026-02-05T09:00:00Z"),
]


def test_a_position_pins_every_answer_to_the_byte(bring: Bring, store: Store) -> None:
    """All of it is known at the time asked for: nothing but the position keeps it out."""
    books = bring(*BEFORE)
    before = {name: canonical.write(ask(books)) for name, ask in PINNED.items()}
    position = books.position
    assert position == len(BEFORE)
    bring(*NEWS)
    pinned = Books(store, CATALOGUES, position=position, now=read_instant("2026-12-24T00:00:00Z"))
    for name, ask in PINNED.items():
        assert canonical.write(ask(pinned)) == before[name], name
    moved = Books(store, CATALOGUES, now=NOW)
    for name, ask in PINNED.items():
        assert canonical.write(ask(moved)) != before[name], f"{name}: the news do not show"


def test_books_stay_open_at_their_position(bring: Bring) -> None:
    books = bring(*BEFORE)
    before = books.seats("L1", NOW, NOW)
    bring(*NEWS)
    assert books.seats("L1", NOW, NOW) == before


def test_every_position_on_the_way_can_be_asked_for(bring: Bring, store: Store) -> None:
    bring(*BEFORE, *NEWS)
    for position in range(1, len(BEFORE) + len(NEWS) + 1):
        at = Books(store, CATALOGUES, position=position, now=NOW)
        assert at.seats("L1")["position"] == at.position == position
        assert len(at.log(None, EVERYTHING)["log"]) >= position


def test_a_position_that_is_not_there_yet_is_refused(bring: Bring, store: Store) -> None:
    bring(*BEFORE)
    with pytest.raises(NotSettledError, match=f"settled up to position {len(BEFORE)}, not 99; ask for that"):
        Books(store, CATALOGUES, position=99)


def test_before_the_first_fact_there_is_no_location(bring: Bring, store: Store) -> None:
    bring(*BEFORE)
    books = Books(store, CATALOGUES, position=0)
    assert books.locations() == []
    with pytest.raises(NotFoundError, match="There is no location L1 in this ledger"):
        books.seats("L1")


# --- Locations ---


def test_locations_come_in_order_of_their_ids_and_only_when_opened(bring: Bring) -> None:
    assert bring().locations() == []
    books = bring(opened("UTC", "b"), opened("UTC", "B"), opened("UTC", "a.1"), added("m", "2026-01-02T09:00:00Z", "x"))
    assert list(books.locations()) == ["B", "a.1", "b"]


def test_a_location_opened_by_mistake_is_none(bring: Bring) -> None:
    wrong = opened("UTC", "L9")
    late_one = fact("Correction", at="2026-02-01T00:00:00Z", location="L8", kind="late", fact=opened("UTC", "L8"))
    void = fact("Correction", at="2026-02-01T00:00:00Z", location="L9", kind="void", corrects=wrong["id"])
    assert list(bring(wrong, opened("UTC"), void, late_one).locations()) == ["L1", "L8"]


def test_a_location_of_which_nothing_is_known_is_not_found(bring: Bring) -> None:
    books = bring(opened("UTC"))
    for ask in (
        lambda: books.seats("L2"),
        lambda: books.difference("L2", (None, None), (None, None)),
        lambda: books.explanation("L2", "m"),
        lambda: books.access("L2"),
        lambda: books.roster("L2"),
        lambda: books.charges("L2"),
        lambda: books.history("L2", EVERYTHING),
        lambda: books.log("L2", EVERYTHING),
        lambda: books.zone("L2"),
        lambda: books.citation("L2"),
    ):
        with pytest.raises(NotFoundError, match="There is no location L2 in this ledger"):
            ask()
    with pytest.raises(NotFoundError, match="There is no seat nobody in L1 on 2026-11-01T00:00:00Z, as known on"):
        books.explanation("L1", "nobody")


# --- What cannot be read ---


def test_rows_that_cannot_be_read_are_noted_and_the_rest_answers(bring: Bring, database: str) -> None:
    books = bring(*BEFORE)
    unguard(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE ledger.entries SET type = 'Surprise', body = convert_to(replace(convert_from(body, 'UTF8'),"
            " 'AddedToSchedule', 'Surprise'), 'UTF8')"
            " WHERE id = (SELECT entry FROM ledger.positions WHERE position = 3)"
        )
    answer = books.seats("L1", NOW, NOW)
    assert answer["notes"] == [{"code": "quarantined", "positions": [3]}]
    assert answer["billable"] == 0
    for told in (books.history("L1", EVERYTHING), books.log("L1", EVERYTHING), books.log(None, EVERYTHING)):
        assert [(row["position"], row["type"]) for row in told["quarantined"]] == [(3, "Surprise")]
        assert told["quarantined"][0]["id"] == BOOKABLE["id"]
        assert "'Surprise' is not a type of fact" in told["quarantined"][0]["reason"]


def test_a_location_of_which_nothing_can_be_read_is_still_there(bring: Bring, database: str) -> None:
    books = bring(opened("UTC"))
    unguard(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE ledger.entries SET body = ''")
    assert books.seats("L1")["notes"] == [{"code": "quarantined", "positions": [1]}]
    assert books.log("L1", EVERYTHING)["quarantined"][0]["position"] == 1


def test_terms_that_cannot_be_read_make_no_location(bring: Bring, database: str) -> None:
    begin: Json = {"from": "2020-01-01"}
    books = bring(fact("TermsPublished", at="2020-01-01T00:00:00Z", terms="access_rights", **begin), opened("UTC"))
    unguard(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE ledger.entries SET body = '' WHERE location IS NULL")
    assert books.seats("L1")["notes"] == [{"code": "quarantined", "positions": [1]}]
    with pytest.raises(NotFoundError):
        books.seats("L2")
