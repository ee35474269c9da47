"""What was billed, as known then and as known now."""

from domain.instants import read_instant
from domain.ledger import AsOf
from domain.seating import Seating
from projections.charges import Answer, charges
from tests.cast import Json, fact, ledger

SEATS = [
    fact("LocationOpened", at="2026-02-20T08:00:00Z", name="Studio Mitte", time_zone="Europe/Berlin"),
    fact("TeamMemberAdded", at="2026-02-20T08:00:00Z", member="sana", name="Sana"),
    fact("AddedToSchedule", at="2026-02-20T08:00:00Z", member="sana"),
    fact("TeamMemberAdded", at="2026-02-20T08:00:00Z", member="ivo", name="Ivo"),
]
CHARGE = fact(
    "SeatsCharged",
    actor="system:billing",
    subscription="P2",
    charge="ch-1",
    billable=1,
    free=1,
    amount="15.00",
    currency="EUR",
)
LATE = fact(
    "Correction",
    at="2026-03-20T00:00:00Z",
    actor="support:sup-7",
    kind="late",
    fact=fact("RemovedFromSchedule", at="2026-03-20T00:00:00Z", effective_at="2026-03-01T00:00:00Z", member="sana"),
    because="Forgotten",
)


def found(facts: list[Json], *, on: str, known: str) -> list[Answer]:
    said = ledger(facts)
    at = AsOf(on=read_instant(on), known=read_instant(known))
    return charges(said.as_of(at), lambda point: Seating(said.as_of(point)))


def test_a_charge_agrees_with_the_seats_of_its_moment() -> None:
    assert found([*SEATS, CHARGE], on="2026-03-10T00:00:00Z", known="2026-03-10T00:00:00Z") == [
        {
            "fact": CHARGE["id"],
            "position": 5,
            "charge": "ch-1",
            "subscription": "P2",
            "recorded_at": "2026-03-03T13:02:00Z",
            "effective_at": "2026-03-03T13:02:00Z",
            "billed": {"billable": 1, "free": 1, "amount": "15.00", "currency": "EUR"},
            "as_known_then": {"known": "2026-03-03T13:02:00Z", "billable": 1, "free": 1, "agrees": True},
            "as_known_now": {"known": "2026-03-10T00:00:00Z", "billable": 1, "free": 1, "agrees": True},
        }
    ]


def test_what_became_known_late_is_in_the_count_of_now_alone() -> None:
    row = found([*SEATS, CHARGE, LATE], on="2026-04-01T00:00:00Z", known="2026-04-01T00:00:00Z")[0]

    assert row["as_known_then"] == {"known": "2026-03-03T13:02:00Z", "billable": 1, "free": 1, "agrees": True}
    assert row["as_known_now"] == {"known": "2026-04-01T00:00:00Z", "billable": 0, "free": 2, "agrees": False}


def test_a_charge_after_the_cut_is_not_there_yet() -> None:
    assert found([*SEATS, CHARGE], on="2026-03-03T13:01:59Z", known="2026-04-01T00:00:00Z") == []
    assert found([*SEATS, CHARGE], on="2026-04-01T00:00:00Z", known="2026-03-03T13:01:59Z") == []
