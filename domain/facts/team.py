"""Facts about a location and its team members (facts.md, section 3)."""

from typing import ClassVar

from domain.facts.form import Data, Day, FactId, FreeObject, Identifier, Name, Text, TimeZone, record


@record
class LocationOpened(Data):
    """A location opened."""

    name: Name
    time_zone: TimeZone
    chain: Identifier | None = None


@record
class LocationJoinedChain(Data):
    """A location became part of a chain."""

    chain: Identifier


@record
class LocationLeftChain(Data):
    """A location left a chain."""

    chain: Identifier


@record
class TeamMemberAdded(Data):
    """A record of the team was added: a person as a rule, a room at times."""

    personal: ClassVar = frozenset({"name"})
    member: Identifier
    name: Name
    position: Text | None = None


@record
class TeamMemberEdited(Data):
    """Profile fields of a team member changed."""

    personal: ClassVar = frozenset({"before", "after"})
    member: Identifier
    before: FreeObject
    after: FreeObject


@record
class AddedToSchedule(Data):
    """From here on clients can book this member."""

    member: Identifier


@record
class RemovedFromSchedule(Data):
    """From here on clients cannot book this member."""

    member: Identifier


@record
class WorkingHoursPlanned(Data):
    """Working hours exist up to and including that date; null means without an end."""

    nulls: ClassVar = frozenset({"until"})
    member: Identifier
    until: Day | None


@record
class TeamMemberDismissed(Data):
    """A member leaves the team: at the later of the command and the start of that day, local time."""

    member: Identifier
    dismissal_date: Day
    reason: Text


@record
class DismissalCancelled(Data):
    """A dismissal, and what it caused, is left out from here on."""

    member: Identifier
    cancels: FactId


@record
class TeamMemberDeleted(Data):
    """A member's record was deleted."""

    member: Identifier


@record
class TeamMemberRestored(Data):
    """A dismissed or deleted member's record came back: the record alone, neither link nor schedule."""

    member: Identifier
