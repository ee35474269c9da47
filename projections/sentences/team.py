"""Sentences about a location and its team."""

from typing import TypeAlias, assert_never

from domain import facts
from projections.sentences.telling import Telling, changes

TeamFact: TypeAlias = (
    facts.LocationOpened
    | facts.LocationJoinedChain
    | facts.LocationLeftChain
    | facts.TeamMemberAdded
    | facts.TeamMemberEdited
    | facts.AddedToSchedule
    | facts.RemovedFromSchedule
    | facts.WorkingHoursPlanned
    | facts.TeamMemberDismissed
    | facts.DismissalCancelled
    | facts.TeamMemberDeleted
    | facts.TeamMemberRestored
)


def told(telling: Telling, data: TeamFact) -> str:  # noqa: PLR0912 - one arm a type of fact
    """A fact about the team as a sentence."""
    who = telling.who
    match data:
        case facts.LocationOpened():
            chain = f" as part of the chain {data.chain}" if data.chain is not None else ""
            return f"{who} opened {data.name}{chain}, time zone {data.time_zone}"
        case facts.LocationJoinedChain():
            return f"{who} made {telling.place} part of the chain {data.chain}"
        case facts.LocationLeftChain():
            return f"{who} took {telling.place} out of the chain {data.chain}"
        case facts.TeamMemberAdded():
            position = f" as {data.position}" if data.position else ""
            return f"{who} added {data.name} to the team{position}"
        case facts.TeamMemberEdited():
            what = changes(data.before, data.after)
            if not what:
                return f"{who} saved the profile of {telling.member(data.member)} without a change"
            return f"{who} edited the profile of {telling.member(data.member)}: {what}"
        case facts.AddedToSchedule():
            return f"{who} put {telling.member(data.member)} on the schedule"
        case facts.RemovedFromSchedule():
            return f"{who} took {telling.member(data.member)} off the schedule"
        case facts.WorkingHoursPlanned():
            end = f"up to and including {telling.day(data.until)}" if data.until is not None else "without an end"
            return f"{who} planned working hours for {telling.member(data.member)} {end}"
        case facts.TeamMemberDismissed():
            why = f": {data.reason}" if data.reason else ""
            return f"{who} dismissed {telling.member(data.member)} as of {telling.day(data.dismissal_date)}{why}"
        case facts.DismissalCancelled():
            return f"{who} cancelled the dismissal of {telling.member(data.member)}{_as_of(telling, data)}"
        case facts.TeamMemberDeleted():
            return f"{who} deleted {telling.member(data.member)} from the team"
        case facts.TeamMemberRestored():
            return f"{who} restored {telling.member(data.member)} to the team"
        case _:
            assert_never(data)


def _as_of(telling: Telling, data: facts.DismissalCancelled) -> str:
    cancelled = telling.words.lines.get(data.cancels)
    if cancelled is None or not isinstance(cancelled.fact.data, facts.TeamMemberDismissed):
        return ""
    return f" as of {telling.day(cancelled.fact.data.dismissal_date)}"
