"""Decisions about team members: records, schedule, dismissal, deletion, restoration."""

from datetime import datetime, timedelta

from domain import facts
from domain.commands import (
    AddTeamMember,
    AddToSchedule,
    CancelDismissal,
    DeleteTeamMember,
    Dismiss,
    EditTeamMember,
    PlanHours,
    RemoveFromSchedule,
    Restore,
)
from domain.decisions.standing import Draft, Standing
from domain.instants import local_date, start_of_day, write_instant
from domain.ledger import Line
from domain.refusals import Code, Refused
from domain.team import Gone, Team

CONFIRMATION = "Dismiss"
AT_ONCE = timedelta(hours=24)
"""A restore is allowed up to and including this long after the end took effect ..."""

IN_THE_END = timedelta(hours=30 * 24)
"""... and again from this long after it (answers.md)."""


def add_team_member(standing: Standing, request: AddTeamMember) -> list[Draft]:
    """A new record; refused when the id is known, gone or not."""
    standing.check_authority()
    known = standing.team.members.get(request.member)
    if known is not None:
        raise Refused(
            Code.EXISTS, f"There is a team member {request.member} in {standing.location} already.", known.present.fact
        )
    added = facts.TeamMemberAdded(member=request.member, name=request.name, position=request.position)
    return [standing.draft(added)]


def edit_team_member(standing: Standing, request: EditTeamMember) -> list[Draft]:
    """Other profile fields; what they were before is the ledger's to say."""
    standing.check_authority()
    member = standing.active_member(request.member)
    for field, value in request.after.items():
        allowed = isinstance(value, str) or (field == "position" and value is None)
        if field in {"name", "position"} and not (allowed and value != ""):
            raise Refused(Code.INVALID, f"The {field} of a team member is a text.")
    profile = {"name": member.name, "position": member.position, **_other_fields(standing, request.member)}
    before = {field: profile.get(field) for field in request.after}
    if before == request.after:
        raise Refused(Code.NO_CHANGE, f"{member.name} ({member.id}) is like that already.")
    return [standing.draft(facts.TeamMemberEdited(member=member.id, before=before, after=request.after))]


def _other_fields(standing: Standing, member: str) -> dict[str, object]:
    """Profile fields beyond name and position, as the last edits left them."""
    found: dict[str, object] = {}
    for line in standing.cut.lines:
        if isinstance(line.fact.data, facts.TeamMemberEdited) and line.fact.data.member == member:
            found.update(line.fact.data.after)
    return {key: value for key, value in found.items() if key not in {"name", "position"}}


def add_to_schedule(standing: Standing, request: AddToSchedule) -> list[Draft]:
    """Clients can book the member; refused when they can already."""
    standing.check_authority()
    member = standing.active_member(request.member)
    if member.schedule is not None:
        raise Refused(Code.NO_CHANGE, f"{member.name} ({member.id}) is on the schedule.", member.schedule.fact)
    return [standing.draft(facts.AddedToSchedule(member=member.id))]


def remove_from_schedule(standing: Standing, request: RemoveFromSchedule) -> list[Draft]:
    """Clients can no longer book the member; refused when they cannot already."""
    standing.check_authority()
    member = standing.active_member(request.member)
    if member.schedule is None:
        raise Refused(Code.NO_CHANGE, f"{member.name} ({member.id}) is not on the schedule.")
    return [standing.draft(facts.RemovedFromSchedule(member=member.id))]


def plan_hours(standing: Standing, request: PlanHours) -> list[Draft]:
    """Hours exist up to a date; refused when that is what they do."""
    standing.check_authority()
    member = standing.active_member(request.member)
    said = [
        line.fact.data
        for line in standing.cut.lines
        if isinstance(line.fact.data, facts.WorkingHoursPlanned) and line.fact.data.member == member.id
    ]
    if said and member.hours_planned and said[-1].until == request.until:
        raise Refused(Code.NO_CHANGE, f"The hours of {member.name} ({member.id}) are planned like that.")
    return [standing.draft(facts.WorkingHoursPlanned(member=member.id, until=request.until))]


def dismiss(standing: Standing, request: Dismiss) -> list[Draft]:
    """A dismissal with what it causes, effective at the later of now and the start of its day, local time."""
    standing.check_authority()
    member = standing.active_member(request.member)
    if request.confirmation != CONFIRMATION:
        raise Refused(Code.CONFIRMATION_REQUIRED, f"To dismiss somebody, type the word {CONFIRMATION}.")
    reason = request.reason if request.reason is not None else standing.command.reason
    if reason is None or not reason.strip():
        raise Refused(Code.REASON_REQUIRED, "A dismissal needs a reason.")
    if request.date is None:
        raise Refused(Code.INVALID, "A dismissal needs a date.")
    waiting = _waiting_dismissal(standing, member.id)
    if waiting is not None:
        raise Refused(
            Code.EXISTS, f"{member.name} ({member.id}) has a dismissal waiting; cancel that first.", waiting.fact.id
        )
    at = max(standing.at, start_of_day(request.date, standing.zone))
    then = standing.team_at(at)
    _check_no_hours(standing, then, member.id, at)
    dismissed = facts.TeamMemberDismissed(member=member.id, dismissal_date=request.date, reason=reason)
    return [standing.draft(dismissed, at=at), *_caused(standing, then, member.id, "dismissal", at)]


def _check_no_hours(standing: Standing, then: Team, member_id: str, at: datetime) -> None:
    member = then.present_member(member_id)
    if member is None:
        raise Refused(Code.NOT_ACTIVE, f"{member_id} is not in the team any more at that date.")
    if member.hours_until is not None and member.hours_until >= local_date(at, standing.zone):
        said = _hours_fact(standing, member_id)
        raise Refused(
            Code.ACTIVE_SCHEDULE,
            f"{member.name} ({member.id}) has working hours until {member.hours_until}; take them back first.",
            *said,
            until=member.hours_until.isoformat(),
        )
    if member.hours_until is None and (member.hours_planned or member.schedule is not None):
        raise Refused(
            Code.ACTIVE_SCHEDULE,
            f"{member.name} ({member.id}) has no end of working hours; end them first.",
            *_hours_fact(standing, member_id),
            *([member.schedule.fact] if member.schedule is not None else []),
        )


def _hours_fact(standing: Standing, member_id: str) -> list[str]:
    said = [
        line.fact.id
        for line in standing.ledger.lines
        if isinstance(line.fact.data, facts.WorkingHoursPlanned) and line.fact.data.member == member_id
    ]
    return said[-1:]


def _caused(standing: Standing, then: Team, member_id: str, cause: str, at: datetime) -> list[Draft]:
    """What the end of a member brings about: no link, no place on the schedule."""
    drafts = []
    account = then.linked.get(member_id)
    if account is not None:
        unlinked = facts.UserUnlinked.read({"account": account, "member": member_id, "cause": cause})
        drafts.append(standing.draft(unlinked, at=at, cause=0))
    if then.members[member_id].schedule is not None:
        drafts.append(standing.draft(facts.RemovedFromSchedule(member=member_id), at=at, cause=0))
    return drafts


def _waiting_dismissal(standing: Standing, member_id: str, fact_id: str | None = None) -> Line | None:
    for line in standing.waiting:
        data = line.fact.data
        if isinstance(data, facts.TeamMemberDismissed) and data.member == member_id and fact_id in {None, line.fact.id}:
            return line
    return None


def cancel_dismissal(standing: Standing, request: CancelDismissal) -> list[Draft]:
    """A dismissal that has not taken effect is taken back; refused from that instant on."""
    standing.check_authority()
    member = standing.known_member(request.member)
    waiting = _waiting_dismissal(standing, member.id, request.cancels)
    if waiting is None:
        for line in reversed(standing.cut.lines):
            data = line.fact.data
            named = request.cancels in {None, line.fact.id}
            if isinstance(data, facts.TeamMemberDismissed) and data.member == member.id and named:
                since = write_instant(line.fact.effective_at)
                raise Refused(
                    Code.TOO_LATE,
                    f"The dismissal of {member.name} ({member.id}) took effect at {since}; restore the record instead.",
                    line.fact.id,
                    effective_at=since,
                )
        raise Refused(Code.NOT_FOUND, f"{member.name} ({member.id}) has no dismissal waiting.")
    return [standing.draft(facts.DismissalCancelled(member=member.id, cancels=waiting.fact.id))]


def delete_team_member(standing: Standing, request: DeleteTeamMember) -> list[Draft]:
    """A record is deleted, dismissed or not, with what that causes."""
    standing.check_authority()
    member = standing.known_member(request.member)
    if member.gone is not None and member.gone[0] is Gone.DELETED:
        raise Refused(Code.NO_CHANGE, f"{member.name} ({member.id}) is deleted.", member.gone[1].fact)
    deleted = standing.draft(facts.TeamMemberDeleted(member=member.id))
    return [deleted, *_caused(standing, standing.team, member.id, "deletion", standing.at)]


def restore(standing: Standing, request: Restore) -> list[Draft]:
    """A record comes back; refused later than 24 hours and earlier than 30 days after its end took effect."""
    found = standing.team.members.get(request.member)
    deleted = found is not None and found.gone is not None and found.gone[0] is Gone.DELETED
    standing.check_authority("settings_staff_delete_access" if deleted else "settings_staff_dismiss_access")
    member = standing.known_member(request.member)
    if member.gone is None:
        raise Refused(Code.NO_CHANGE, f"{member.name} ({member.id}) is in the team.", member.present.fact)
    how, held = member.gone
    passed = standing.at - held.since
    if AT_ONCE < passed < IN_THE_END:
        allowed = write_instant(held.since + IN_THE_END)
        raise Refused(
            Code.RESTORE_WINDOW,
            f"{member.name} ({member.id}) was {how.value} more than 24 hours ago; "
            f"the record can be restored from {allowed}.",
            held.fact,
            allowed_from=allowed,
        )
    return [standing.draft(facts.TeamMemberRestored(member=member.id))]
