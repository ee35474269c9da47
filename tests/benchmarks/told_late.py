"""What the salon told afterwards: late facts, replacements and voids, by the support desk."""

from datetime import UTC, datetime, timedelta

from domain.instants import local_date, read_instant, start_of_day
from tests.benchmarks.busy_hours import DAY
from tests.benchmarks.changing import rights_edit, role_change
from tests.benchmarks.people import Json, Person
from tests.benchmarks.place import SIMPLE, Place, within

_HOUR = 3_600
_WHYS = (
    "The salon told the support desk about it afterwards.",
    "Ticket 40217: entered for the wrong person.",
    "Told by telephone, mail of the owner attached.",
    "Found when the bill was checked.",
)
_KINDS = ("RightsEdited", "schedule", "WorkingHoursPlanned", "TeamMemberDismissed", "RoleChanged", "UserLinked")
_SHARES = (35, 25, 15, 12, 6, 7)


def correction(place: Place, at: int) -> Json:
    """A correction that is recorded at that second."""
    kind = place.lot.choices(("late", "replace", "void"), (60, 22, 18))[0]
    target = _target(place) if kind != "late" else None
    if target is None:
        kind = "late"
    fact = None if kind == "void" else _replacing(place, at, target) if target is not None else _late(place, at)
    data = {"kind": kind, "corrects": target["id"] if target is not None else None, "fact": fact}
    desk = place.lot.randrange(12)
    line = place.line(
        at,
        "Correction",
        data,
        by={"kind": "support", "id": f"sup-{desk}", "on_behalf_of": place.owner.account},
        device={
            "id": f"dev-support-{desk}",
            "ip": f"192.0.2.{desk}",
            "session": f"ses-{place.lot.getrandbits(40):010x}",
        },
        reason=place.lot.choice(_WHYS),
    )
    if place.lot.random() < 0.15:  # some corrections are themselves corrected
        place.recent.append(line)
    return line


def _delay(place: Place) -> int:
    """Hours to weeks as a rule, now and then a year."""
    drawn = place.lot.random()
    if drawn < 0.5:
        return int(place.lot.uniform(1, 48) * _HOUR)
    if drawn < 0.85:
        return int(place.lot.uniform(2, 14) * DAY)
    if drawn < 0.97:
        return int(place.lot.uniform(14, 60) * DAY)
    return int(place.lot.uniform(250, 420) * DAY)


def _target(place: Place) -> Json | None:
    """A simple fact, or a correction, of the last time; now and then one of long ago."""
    if place.lot.random() < 0.05 and place.earlier:
        return place.lot.choice(place.earlier)
    return place.lot.choice(place.recent) if place.recent else None


def _replacing(place: Place, at: int, target: Json) -> Json:
    """What should have been said in the place of a fact."""
    said = target["data"]["fact"] if target["type"] == "Correction" else target
    if said is None or said["type"] not in SIMPLE:
        return _late(place, at)
    then = int(read_instant(said["effective_at"]).timestamp())
    moved = within(then + int(place.lot.gauss(0, 2) * DAY), place.plan.opened)
    data = said["data"]
    if said["type"] == "RightsEdited":
        user = next((one for one in place.users() if one.account == data["account"]), place.owner)
        data = {**rights_edit(place, user), "account": data["account"]}
    elif said["type"] == "TeamMemberDismissed":
        day = local_date(datetime.fromtimestamp(moved, UTC), place.zone)
        data = {**data, "dismissal_date": day.isoformat()}
        moved = int(start_of_day(day, place.zone).timestamp())
    return _inside(place, at, said["type"], data, moved)


def _late(place: Place, at: int) -> Json:
    """Something that happened a while ago and that nobody had told."""
    then = within(at - _delay(place), min(place.plan.opened, at))
    user = place.lot.choice(place.users())
    person = place.somebody()
    kind = place.lot.choices(_KINDS, _SHARES)[0]
    if person.present and not person.gone_at:
        match kind:
            case "schedule":
                kind = "RemovedFromSchedule" if person.scheduled else "AddedToSchedule"
                person.scheduled = not person.scheduled
                return _inside(place, at, kind, {"member": person.member}, then)
            case "WorkingHoursPlanned":
                until = datetime.fromtimestamp(then, UTC).date() + timedelta(days=place.lot.randrange(10, 90))
                return _inside(place, at, kind, {"member": person.member, "until": until.isoformat()}, then)
            case "TeamMemberDismissed":
                return _gone(place, at, person, then)
            case "UserLinked" if person.access:
                person.linked = True
                return _inside(place, at, kind, {"account": person.account, "member": person.member}, then)
    if kind == "RoleChanged" and user.role != "owner":
        return _inside(place, at, kind, role_change(place, user), then)
    return _inside(place, at, "RightsEdited", rights_edit(place, user), then)


def _gone(place: Place, at: int, person: Person, then: int) -> Json:
    """Somebody had left a while ago."""
    day = local_date(datetime.fromtimestamp(then, UTC), place.zone)
    effective = int(start_of_day(day, place.zone).timestamp())
    person.gone_at, person.linked, person.scheduled, person.present = effective, False, False, False
    data = {"member": person.member, "dismissal_date": day.isoformat(), "reason": "Told late"}
    return _inside(place, at, "TeamMemberDismissed", data, effective)


def _inside(place: Place, at: int, kind: str, data: Json, effective: int) -> Json:
    """The fact that a correction carries: by whoever is said to have done it, without a device."""
    line = place.line(at, kind, data, by={"kind": "person", "id": place.owner.account}, effective=effective)
    place.recent.pop()
    return line
