"""The terms, the subscriptions and the monthly charges, each charge resting on what the rules count that evening."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from infrastructure.demo.places import BERLIN, LAST_DAY, LISBON, NEW_YORK, PLACES, Place
from infrastructure.demo.script import SYSTEM, Beat, By, Save, Script, Step, Told, do

TERMS = By({"kind": "system", "id": "terms"})
_PUBLISHED = (
    (datetime(2020, 1, 1, tzinfo=UTC), "service_providers", "2020-01-01"),
    (datetime(2024, 2, 15, tzinfo=UTC), "client_interaction", "2024-03-15"),
    (datetime(2026, 1, 12, tzinfo=UTC), "access_rights", "2026-02-03"),
)
CHARGED_AT = (18, 0)
"""The local time of a charge, on the last day of the month."""


def subscriptions() -> Iterator[Beat]:
    """Every beat about the terms and the money."""
    yield from _terms()
    for periods in (_berlin(), _lisbon(), _new_york()):
        yield from periods.beats
    for place in PLACES:
        yield from _charges(place)


def _terms() -> Iterator[Beat]:
    for at, terms, day in _PUBLISHED:
        yield Save(at, None, TERMS, (do("publish_terms", terms=terms, **{"from": day}),), f"terms {terms}")


def _until(place: Place, local: str) -> dict[str, Any]:
    return {"subscription": place.subscription, "ends_at": place.at(local).isoformat()}


def _berlin() -> Script:
    script = Script(BERLIN)
    bought = do("purchase", seats=8, auto_renews=True, **_until(BERLIN, "2026-04-01 00:00"))
    script.save("2025-10-01 09:12", "olga", bought, name="berlin bought")
    renewed = do("renew", seats=8, automatic=True, auto_renews=True, **_until(BERLIN, "2026-10-01 00:00"))
    script.save("2026-04-01 00:00", SYSTEM, renewed, name="berlin renewed")
    script.save("2026-04-10 10:15", "olga", do("add_seats", subscription=BERLIN.subscription, seats=3))
    again = do("renew", seats=11, automatic=True, auto_renews=True, **_until(BERLIN, "2027-04-01 00:00"))
    script.save("2026-10-01 00:00", SYSTEM, again, name="berlin renewed again")
    return script


def _lisbon() -> Script:
    script = Script(LISBON)
    bought = do("purchase", seats=5, **_until(LISBON, "2026-01-13 00:00"))
    script.save("2025-10-13 09:40", "pavel", bought, name="lisbon bought")
    renewed = do("renew", seats=5, auto_renews=True, **_until(LISBON, "2026-07-13 00:00"))
    script.save("2026-01-12 16:08", "pavel", renewed, name="lisbon renewed")
    script.save("2026-03-16 11:02", "pavel", do("add_seats", subscription=LISBON.subscription, seats=2))
    again = do("renew", seats=8, automatic=True, auto_renews=True, **_until(LISBON, "2027-01-13 00:00"))
    script.save("2026-07-13 00:00", SYSTEM, again, name="lisbon renewed again")
    return script


def _new_york() -> Script:
    script = Script(NEW_YORK)
    bought = do("purchase", seats=6, auto_renews=True, **_until(NEW_YORK, "2026-05-15 00:00"))
    script.save("2026-01-15 09:15", "olga", bought, name="new york bought", phone=True)
    failed = do("record_failed_renewal", subscription=NEW_YORK.subscription)
    script.save("2026-05-15 00:00", SYSTEM, failed, reason="card expired")
    script.save("2026-05-17 00:05", SYSTEM, failed, reason="card expired")
    renewed = do("renew", seats=6, auto_renews=True, **_until(NEW_YORK, "2026-11-19 00:00"))
    script.save("2026-05-19 09:22", "olga", renewed, name="new york renewed", phone=True)
    return script


def _charges(place: Place) -> Iterator[Beat]:
    day = place.first_day.replace(day=1)
    while day <= LAST_DAY:
        following = (day + timedelta(days=32)).replace(day=1)
        yield _charge(place, following - timedelta(days=1))
        day = following


def _charge(place: Place, day: date) -> Save:
    at = place.on(day, *CHARGED_AT)
    charge = f"C-{place.id}-{day:%Y-%m}"

    def content(told: Told) -> dict[str, Any]:
        amount = place.price * told.billable(place, at)
        money = {"amount": str(amount), "currency": place.currency}
        return {"subscription": place.subscription, "charge": charge, **money}

    return Save(at, place, SYSTEM, (Step("record_charge", content),), charge)
