"""People come to a location and leave it: hired, invited, dismissed, deleted, restored, their access revoked."""

from datetime import UTC, datetime, timedelta

from domain.instants import local_date, start_of_day
from tests.benchmarks.busy_hours import DAY
from tests.benchmarks.people import DEFAULTS, Json, Person, scopes_of
from tests.benchmarks.place import Place

_REASONS = ("Moved away", "Season ended", "Found another place", "Trial period", "Long illness", "Retired")


def hire(place: Place, at: int, person: Person | None = None) -> list[Json]:
    """Somebody comes: a record, a place on the schedule, an invitation, all in one change."""
    new = person or next((one for one in place.people if not one.present and not one.access and not one.gone_at), None)
    if new is None:
        return []
    by = place.manager()
    lines = []
    if new.member is not None:
        data = {"member": new.member, "name": new.name, "position": new.position}
        lines.append(place.line(at, "TeamMemberAdded", data, by=by))
        new.present = True
        if place.lot.random() < 0.8:
            lines.append(place.line(at, "AddedToSchedule", {"member": new.member}, by=by))
            new.scheduled = True
    if new.account is not None:
        lines.append(_invitation(place, at, new, by))
    return _together(lines)


def leaves(place: Place, at: int, member: Person, *, ahead: int) -> list[Json]:
    """A dismissal with what it brings about, so many days ahead."""
    day = local_date(datetime.fromtimestamp(at, UTC), place.zone) + timedelta(days=ahead)
    effective = max(at, int(start_of_day(day, place.zone).timestamp()))
    by = place.manager()
    data = {"member": member.member, "dismissal_date": day.isoformat(), "reason": place.lot.choice(_REASONS)}
    lines = [place.line(at, "TeamMemberDismissed", data, by=by, effective=effective)]
    member.dismissal = lines[0]["id"]
    return _with_caused(place, at, member, lines, "dismissal", by, effective)


def answer(place: Place, at: int) -> list[Json]:
    pending = [person for person in place.people if person.pending]
    if not pending:
        return []
    person = pending[0]
    person.pending = False
    kind = place.lot.choices(("InvitationAccepted", "InvitationWithdrawn", "InvitationExpired"), (86, 8, 6))[0]
    if kind != "InvitationAccepted":
        person.access = person.linked = False
    by: Person | Json = {"kind": "system", "id": "invitations"} if kind == "InvitationExpired" else place.manager()
    by = person if kind == "InvitationAccepted" else by
    return [place.line(at, kind, {"account": person.account}, by=by)]


def leave(place: Place, at: int) -> list[Json]:
    person = place.somebody()
    if not person.present or person.gone_at:
        return []
    return leaves(place, at, person, ahead=0 if place.lot.random() < 0.4 else place.lot.randrange(1, 22))


def cancel(place: Place, at: int) -> list[Json]:
    for person in place.people:
        if person.dismissal is not None and person.gone_at and person.gone_at > at:
            data = {"member": person.member, "cancels": person.dismissal}
            person.dismissal = person.gone_at = None
            person.present, person.linked = True, person.access
            return [place.line(at, "DismissalCancelled", data, by=place.manager())]
    return []


def delete(place: Place, at: int) -> list[Json]:
    person = place.somebody()
    if not person.present or person.gone_at:
        return []
    by = place.manager()
    lines = [place.line(at, "TeamMemberDeleted", {"member": person.member}, by=by)]
    return _with_caused(place, at, person, lines, "deletion", by, at)


def restore(place: Place, at: int) -> list[Json]:
    for person in place.people:
        if person.gone_at and (person.gone_at + 3_600 < at < person.gone_at + DAY or person.gone_at + 30 * DAY < at):
            person.gone_at = person.dismissal = None
            person.present = True
            by = place.manager()
            lines = [place.line(at, "TeamMemberRestored", {"member": person.member}, by=by)]
            if person.access:
                person.linked = True
                data = {"account": person.account, "member": person.member}
                lines.append(place.line(at, "UserLinked", data, by=by))
            return _together(lines)
    return []


def revoke(place: Place, at: int) -> list[Json]:
    user = place.lot.choice(place.users())
    if user.role == "owner":
        return []
    by = place.manager()
    lines = [place.line(at, "AccessRevoked", {"account": user.account}, by=by)]
    if user.linked:
        data = {"account": user.account, "member": user.member, "cause": "revocation"}
        lines.append(place.line(at, "UserUnlinked", data, by=by, caused_by=lines[0]["id"]))
    user.access = user.linked = user.pending = False
    return _together(lines)


def copy(place: Place, at: int) -> list[Json]:
    """The rights of one person for another one who has no access."""
    source = place.lot.choice(place.users())
    other = next((one for one in place.people if one.account and not one.access and one.present), None)
    if other is None or source.role == "specialist":
        return []
    other.access, other.role, other.rights, other.scopes = True, source.role, set(source.rights), {}
    data = {"account": other.account, "name": other.name, "role": other.role, "rights": sorted(other.rights)}
    origin = {"location": place.plan.name, "account": source.account}
    return [place.line(at, "AccessGranted", {**data, "scopes": {}, "copied_from": origin}, by=place.manager())]


def wave(place: Place, at: int) -> list[Json]:
    """Before a season everybody who has no access yet is invited, in one change."""
    new = [one for one in place.people if one.account and not one.access and one.present and not one.gone_at]
    by = place.manager()
    return _together([_invitation(place, at, one, by) for one in new[:30]])


def _invitation(place: Place, at: int, new: Person, by: Person) -> Json:
    new.access = new.pending = True
    new.linked = new.present
    new.scopes = scopes_of(new, new.role)
    new.rights = set(DEFAULTS[new.role])
    data = {
        "account": new.account,
        "name": new.name,
        "contact": f"{new.account}@example.com",
        "role": new.role,
        "rights": list(DEFAULTS[new.role]),
        "scopes": new.scopes,
    }
    if new.linked:
        data["member"] = new.member
    return place.line(at, "UserInvited", data, by=by)


def _with_caused(
    place: Place, at: int, person: Person, lines: list[Json], cause: str, by: Person, effective: int
) -> list[Json]:
    """A leave with the facts that it brings about, at the same effective instant."""
    begun = {"effective": effective, "caused_by": lines[0]["id"]}
    if person.linked:
        data = {"account": person.account, "member": person.member, "cause": cause}
        lines.append(place.line(at, "UserUnlinked", data, by=by, **begun))
    if person.scheduled:
        lines.append(place.line(at, "RemovedFromSchedule", {"member": person.member}, by=by, **begun))
    person.gone_at, person.linked, person.scheduled, person.present = effective, False, False, False
    return _together(lines)


def _together(lines: list[Json]) -> list[Json]:
    for line in lines[1:]:
        line["change"] = lines[0]["change"]
        line["device"] = lines[0]["device"]
    return lines
