"""What people decide about each other, one change at a time: each gives the lines of its facts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from tests.benchmarks import coming_and_going as going
from tests.benchmarks.people import DEFAULTS, POSITIONS, RIGHTS, ROLE_SHARES, ROLES, Json, Person, scopes_of
from tests.benchmarks.place import Place

_SHARES: Mapping[str, int] = {
    "rights": 30,
    "schedule": 14,
    "hours": 12,
    "hire": 10,
    "answer": 10,
    "edit": 6,
    "leave": 6,
    "cancel": 3,
    "role": 5,
    "restore": 4,
    "link": 5,
    "revoke": 3,
    "copy": 2,
    "delete": 2,
    "second_step": 2,
    "wave": 1,
}


def change(place: Place, at: int) -> list[Json]:
    """One change; where the one drawn makes no sense now, another."""
    names, shares = list(_SHARES), list(_SHARES.values())
    for _ in range(4):
        lines = _CHANGES[place.lot.choices(names, shares)[0]](place, at)
        if lines:
            return lines
    return rights(place, at)


def rights(place: Place, at: int) -> list[Json]:
    """Single rights ticked and cleared."""
    user = place.lot.choice(place.users())
    edit = rights_edit(place, user)
    user.rights.difference_update(edit["revoked"])
    user.rights.update(edit["granted"])
    return [place.line(at, "RightsEdited", edit, by=place.manager())]


def rights_edit(place: Place, user: Person) -> Json:
    """The data of an edit of a user's rights."""
    drawn = place.lot.sample(RIGHTS, place.lot.randrange(1, 6))
    edit = {"granted": [slug for slug in drawn if slug not in user.rights]}
    edit["revoked"] = [slug for slug in drawn if slug in user.rights]
    return {"account": user.account, **edit, "scopes_before": user.scopes, "scopes_after": user.scopes}


def role_change(place: Place, user: Person) -> Json:
    """The data of a change of role, with the rights that the new one starts with."""
    after = place.lot.choices(ROLES, ROLE_SHARES)[0]
    if after == user.role or (after == "specialist" and not user.linked):
        after = "administrator" if user.role != "administrator" else "viewer"
    scopes = scopes_of(user, after)
    return {
        "account": user.account,
        "before": user.role,
        "after": after,
        "rights_before": sorted(user.rights),
        "rights_after": list(DEFAULTS[after]),
        "scopes_before": user.scopes,
        "scopes_after": scopes,
    }


def _schedule(place: Place, at: int) -> list[Json]:
    person = place.somebody()
    if not person.present or person.gone_at:
        return []
    person.scheduled = not person.scheduled
    kind = "AddedToSchedule" if person.scheduled else "RemovedFromSchedule"
    return [place.line(at, kind, {"member": person.member}, by=place.manager())]


def _hours(place: Place, at: int) -> list[Json]:
    person = place.somebody()
    if not person.present or person.gone_at:
        return []
    day = datetime.fromtimestamp(at, UTC).date() + timedelta(days=place.lot.randrange(7, 120))
    until = None if place.lot.random() < 0.1 else day.isoformat()
    return [place.line(at, "WorkingHoursPlanned", {"member": person.member, "until": until}, by=place.manager())]


def _edit(place: Place, at: int) -> list[Json]:
    person = place.somebody()
    if not person.present:
        return []
    before, person.position = person.position, place.lot.choice(POSITIONS)
    data = {"member": person.member, "before": {"position": before}, "after": {"position": person.position}}
    return [place.line(at, "TeamMemberEdited", data, by=place.manager())]


def _link(place: Place, at: int) -> list[Json]:
    person = place.somebody()
    if not (person.access and person.present) or person.gone_at:
        return []
    data = {"account": person.account, "member": person.member}
    person.linked = not person.linked
    if person.linked:
        return [place.line(at, "UserLinked", data, by=place.manager())]
    return [place.line(at, "UserUnlinked", {**data, "cause": "manual"}, by=place.manager())]


def _role(place: Place, at: int) -> list[Json]:
    user = place.lot.choice(place.users())
    if user.role == "owner":
        return []
    data = role_change(place, user)
    user.role, user.rights, user.scopes = data["after"], set(data["rights_after"]), data["scopes_after"]
    return [place.line(at, "RoleChanged", data, by=place.manager())]


def _second_step(place: Place, at: int) -> list[Json]:
    """A person switches the second step at sign-in on or off: a fact of the account and of no location."""
    user = place.lot.choice(place.users())
    if user in place.people[:2]:  # of the chain: several locations would tell one stream
        return []
    kind = "TwoStepEnabled" if place.lot.random() < 0.8 else "TwoStepDisabled"
    line = place.line(at, kind, {"account": user.account, "channel": "totp"}, by=user)
    del line["location"]
    return [line]


_CHANGES: Mapping[str, Callable[[Place, int], list[Json]]] = {
    "rights": rights,
    "schedule": _schedule,
    "hours": _hours,
    "hire": going.hire,
    "answer": going.answer,
    "edit": _edit,
    "leave": going.leave,
    "cancel": going.cancel,
    "role": _role,
    "restore": going.restore,
    "link": _link,
    "revoke": going.revoke,
    "copy": going.copy,
    "delete": going.delete,
    "second_step": _second_step,
    "wave": going.wave,
}
