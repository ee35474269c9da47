"""Instants and days: the start of a day against a reading that looks at every minute."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.instants import end_of_day, local_date, read_date, read_instant, read_time_zone, start_of_day, write_instant
from tests.naive import reading

LONG = os.environ.get("ACCESSLEDGER_LONG_TESTS") == "1"
EVERY_ZONE = sorted(available_timezones())
ZONES = [
    "Africa/Cairo",
    "America/Asuncion",
    "America/Havana",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Manila",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Kwajalein",
]
CHOSEN = EVERY_ZONE if LONG else ZONES
STEP = timedelta(days=10)
NEAR = timedelta(hours=2)
HOUR = timedelta(hours=1)


@lru_cache(maxsize=1)
def all_changes() -> dict[str, list[datetime]]:
    return {name: list(changes_near_midnight(ZoneInfo(name))) for name in CHOSEN}


def changes_near_midnight(zone: ZoneInfo) -> Iterator[datetime]:
    """Every change of offset since 1967 that happens within two hours of a local midnight, before or after."""
    at, end = datetime(1967, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
    offset = at.astimezone(zone).utcoffset()
    while at < end:
        until = at + STEP
        found = until.astimezone(zone).utcoffset()
        if found != offset:
            low, high = at, until
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
            sides = [low.astimezone(zone), high.astimezone(zone)]
            if any(min(of_day(side), timedelta(days=1) - of_day(side)) <= NEAR for side in sides):
                yield high
        at, offset = until, found


def of_day(local: datetime) -> timedelta:
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)


@pytest.mark.parametrize("name", CHOSEN)
def test_a_day_starts_where_every_minute_says_so(name: str) -> None:
    zone = ZoneInfo(name)
    for change in all_changes()[name]:
        local = change.astimezone(zone).date()
        for day in (local, local + timedelta(days=1)):
            start = start_of_day(day, zone)
            if whole_minutes(start - HOUR, zone) and whole_minutes(start + HOUR, zone):
                assert start == reading.start_of_day(day, name), (name, day)


def whole_minutes(at: datetime, zone: ZoneInfo) -> bool:
    offset = at.astimezone(zone).utcoffset()
    return offset is not None and offset % timedelta(minutes=1) == timedelta()


def test_there_are_days_without_a_midnight_and_with_two_among_them() -> None:
    gaps = twice = 0
    for name, changes in all_changes().items():
        zone = ZoneInfo(name)
        for change in changes:
            for day in (change.astimezone(zone).date(), change.astimezone(zone).date() + timedelta(days=1)):
                start = start_of_day(day, zone).astimezone(zone)
                gaps += of_day(start) != timedelta()
                twice += of_day(start) == timedelta() and start.utcoffset() != start.replace(fold=1).utcoffset()
    assert gaps > 50
    assert twice > 50


@given(st.sampled_from(EVERY_ZONE), st.dates(date(1900, 1, 2), date(2100, 1, 1)))
@settings(max_examples=400, deadline=None)
def test_days_follow_one_another_without_a_gap(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    start, following = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
    assert end_of_day(day, zone) == following - timedelta(microseconds=1)
    assert start <= following
    assert local_date(start, zone) >= day
    assert local_date(start - timedelta(microseconds=1), zone) < day
    if start < following:
        assert local_date(start, zone) == day


@given(st.sampled_from(EVERY_ZONE), st.dates(date(1972, 1, 2), date(2037, 1, 1)))
@settings(max_examples=100, deadline=None)
def test_any_day_anywhere_starts_where_every_minute_says_so(name: str, day: date) -> None:
    assert start_of_day(day, ZoneInfo(name)) == reading.start_of_day(day, name)


@given(st.datetimes(datetime(1900, 1, 3), datetime(9998, 12, 29), timezones=st.just(UTC)))  # noqa: DTZ001 - naive bounds
def test_an_instant_survives_its_written_form(instant: datetime) -> None:
    assert read_instant(write_instant(instant)) == instant


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-03-03T14:02:00Z", "2026-03-03T14:02:00Z"),
        ("2026-03-03t14:02:00z", "2026-03-03T14:02:00Z"),
        ("2026-03-03T14:02:00.5+05:45", "2026-03-03T08:17:00.500000Z"),
        ("2026-03-03T14:02:00.123456-00:00", "2026-03-03T14:02:00.123456Z"),
        ("2026-03-01T00:30:00+01:00", "2026-02-28T23:30:00Z"),
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"),
    ],
)
def test_an_instant_is_read_with_its_offset(text: str, written: str) -> None:
    assert write_instant(read_instant(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-03",
        "2026-03-03T14:02:00",
        "2026-03-03 14:02:00Z",
        "2026-03-03T14:02Z",
        "2026-03-03T14:02:00+0100",
        "2026-03-03T14:02:00.1234567Z",
        "2026-02-30T00:00:00Z",
        "2026-03-03T24:00:00Z",
        "2026-03-03T23:59:60Z",
        "2026-03-03T14:02:00+24:00",
        "2026-03-03T14:02:00+01:60",
        "1899-12-31T23:59:59Z",
        "9999-01-01T00:00:00Z",
        "2026-03-03T14:02:00Z\n",
        "٢٠٢٦-03-03T14:02:00Z",
    ],
)
def test_what_is_no_instant_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an instant|does not exist|has an offset"):
        read_instant(text)


@pytest.mark.parametrize("text", ["2026-02-30", "2026-3-3", "20260303", "2026-W10-1", "1899-12-31", "9999-01-01", ""])
def test_what_is_no_date_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|does not exist"):
        read_date(text)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe", "Europe/Berlin\x00"])
def test_what_is_no_time_zone_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        read_time_zone(name)
