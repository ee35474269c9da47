"""A ledger with observations of every class in several years, one of them named by a correction."""

from collections.abc import Iterable, Iterator
from typing import Any

from domain import canonical
from tests.cast import fact

Json = dict[str, Any]
YEARS = (2019, 2020, 2021)
LOCATIONS = ("L1", "L2")


def _day(year: int, day: int, hour: int) -> str:
    return f"{year}-03-{day:02}T{hour:02}:00:00Z"


def facts() -> Iterator[Json]:
    """In the order of their times: two locations, and in each year of each class of observation one or two."""
    for place in LOCATIONS:
        yield fact("LocationOpened", at="2018-01-01T09:00:00Z", location=place, name=place, time_zone="Europe/Berlin")
    for place in LOCATIONS:
        yield fact(
            "AccessGranted", at="2018-01-02T09:00:00Z", location=place, account="acc-max", name="Max", role="manager"
        )
    for year in YEARS:
        for at, place in enumerate(LOCATIONS):
            yield fact(
                "SignedIn", at=_day(year, 1 + at, 9), location=place, account="acc-max", actor="acc-max", device="dev-1"
            )
        for at, place in enumerate(LOCATIONS):
            yield fact("SignInRefused", at=_day(year, 3 + at, 9), location=place, account="acc-max", actor="acc-max")
            yield fact("DataExported", at=_day(year, 5 + at, 10), location=place, what="clients", format="csv", rows=1)
            yield fact(
                "RecordEdited",
                at=_day(year, 7 + at, 11),
                location=place,
                entity="client",
                entity_id="c",
                before={"a": 1},
                after={"a": 2},
            )
            yield fact("LogViewed", at=_day(year, 9 + at, 12), location=place, filter={"actor": "acc-max"})
            yield fact("CommandRefused", at=_day(year, 11 + at, 13), location=place, command="dismiss", code="no_right")
        yield fact("SignedIn", at=_day(year, 20, 9), location=None, account="acc-max", actor="acc-max")
        yield fact("TeamMemberAdded", at=_day(year, 21, 9), location="L1", member=f"m-{year}", name=f"Member {year}")


def corrected() -> list[Json]:
    """All of them, and one that says that a sign-in of 2019 in L1 was none."""
    told = sorted(facts(), key=lambda each: str(each["recorded_at"]))
    first = next(each for each in told if each["type"] == "SignedIn" and each["location"] == "L1")
    void = fact(
        "Correction", at="2021-06-01T09:00:00Z", location="L1", kind="void", corrects=first["id"], actor="acc-olga"
    )
    return [*told, void]


def written(told: Iterable[Json]) -> bytes:
    """Facts as a file."""
    return b"".join(canonical.write(each) + b"\n" for each in told)
