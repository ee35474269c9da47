"""The five years of one location: founding, subscription, changes, corrections and what was seen meanwhile."""

import heapq
from collections.abc import Iterator
from typing import TypeAlias

from tests.benchmarks.busy_hours import DAY, END, BusyHours, instant
from tests.benchmarks.changing import change
from tests.benchmarks.coming_and_going import hire
from tests.benchmarks.observed import seen
from tests.benchmarks.people import DEFAULTS, Json
from tests.benchmarks.place import YEAR, Place, Plan
from tests.benchmarks.told_late import correction

Due: TypeAlias = tuple[int, str]
Timed: TypeAlias = tuple[int, Json]

CORRECTED = 0.3
"""The share of corrections among the facts that decide."""

_MONTH = 30 * DAY
_PRICE = 9


def told(plan: Plan) -> Iterator[Timed]:
    """Exactly as many facts as planned, in the order of recording."""
    place = Place(plan)
    lot = place.lot
    decided, left = plan.decided, plan.decided + plan.observed
    corrections = round(decided * CORRECTED)
    last = plan.opened
    for last, line in _founding(place):
        if left and decided:
            left -= 1
            decided -= 1
            yield last, line
    due: list[Due] = [(last + YEAR, "renewal"), (last + _MONTH, "charge"), (last + YEAR // 2, "more seats")]
    hours = BusyHours(lot, last)
    while left:
        at = max(last, hours.next(left))
        found: list[Timed] = []
        while due and due[0][0] <= at and decided > len(found):
            second, what = heapq.heappop(due)
            last = max(last, second)
            found += [(last, line) for line in _subscribed(place, last, what, due)]
        if not found and lot.random() * left < decided:
            last = at
            if lot.random() * decided < corrections:
                found.append((last, correction(place, last)))
                corrections -= 1
            else:
                found += [(last, line) for line in change(place, last)]
        elif not found:
            last = at
            left -= 1
            yield last, _observation(place, last)
            continue
        for number, told_now in enumerate(found[: min(left, decided)]):
            if number:
                hours.next(left)
            left -= 1
            decided -= 1
            yield told_now


def _founding(place: Place) -> Iterator[Timed]:
    """The location opens, buys a subscription and brings in the first two thirds of its people."""
    at, plan = place.plan.opened, place.plan
    owner, second = place.people[:2]
    opened = {"name": f"Salon {plan.name}", "time_zone": place.zone_name, "chain": plan.chain}
    yield at, place.line(at, "LocationOpened", opened, by=owner)
    for person in (owner, second):
        person.access, person.rights = True, set(DEFAULTS[person.role])
        data: Json = {"account": person.account, "name": person.name, "role": person.role, "scopes": {}}
        data["rights"] = list(DEFAULTS[person.role])
        yield at, place.line(at, "AccessGranted", data, by=owner)
    yield at, place.line(at, "SubscriptionPurchased", _period(place, at), by=owner)
    for person in place.people[2 : 2 + place.plan.people * 2 // 3]:
        at += 20
        for line in hire(place, at, person):
            yield at, line


def _subscribed(place: Place, at: int, what: str, due: list[Due]) -> list[Json]:
    """What falls due in the subscription; it puts down what falls due next."""
    lot, system = place.lot, {"kind": "system", "id": "billing"}
    match what:
        case "renewal" if lot.random() < 0.12:
            heapq.heappush(due, (at + 3 * DAY, "second try"))
            return [place.line(at, "RenewalFailed", {"subscription": place.subscription}, by=system)]
        case "renewal" | "second try":
            heapq.heappush(due, (at + YEAR, "renewal"))
            renewed = {**_period(place, at), "automatic": what == "renewal"}
            return [place.line(at, "SubscriptionRenewed", renewed, by=system), _charge(place, at, system)]
        case "more seats":
            heapq.heappush(due, (at + YEAR, "more seats"))
            more = lot.randrange(1, 6)
            return [place.line(at, "SeatsAdded", {"subscription": place.subscription, "seats": more}, by=place.owner)]
        case _:
            heapq.heappush(due, (at + (_MONTH if place.plan.people > 20 else 3 * _MONTH), "charge"))
            return [_charge(place, at, system)]


def _period(place: Place, at: int) -> Json:
    """A year under the newest terms."""
    return {
        "subscription": place.subscription,
        "terms": place.terms_at(at),
        "seats": place.seats,
        "starts_at": instant(at),
        "ends_at": instant(min(at + YEAR, END + YEAR)),
        "auto_renews": True,
    }


def _charge(place: Place, at: int, system: Json) -> Json:
    """A charge for whoever seems to be billable; the story counts more roughly than the rules do."""
    place.charges += 1
    billable = sum(one.scheduled or (one.access and one.role not in {"viewer", "owner"}) for one in place.people)
    listed = sum(one.present or one.access for one in place.people)
    data = {
        "subscription": place.subscription,
        "charge": f"charge-{place.plan.name}-{place.charges}",
        "billable": billable,
        "free": listed - billable,
        "amount": f"{billable * _PRICE}.00",
        "currency": "EUR",
    }
    return place.line(at, "SeatsCharged", data, by=system)


def _observation(place: Place, at: int) -> Json:
    """Something seen of somebody who is a user now, as a rule one of those who are there every day."""
    for _ in range(4):
        person = place.people[int(len(place.people) * place.lot.random() ** 1.3)]
        if person.access and not person.pending:
            break
    else:
        person = place.owner
    kind, data = seen(place.lot, person, place.people)
    line = place.line(at, kind, data, by=person)
    if kind == "SignedIn" and place.lot.random() < 0.03:  # on the way in, before a location was chosen
        del line["location"]
    return line
