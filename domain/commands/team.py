"""Commands about locations and team members (rules.md)."""

from typing import Annotated

from pydantic import AliasChoices, Field

from domain.commands.form import OfMember, Request
from domain.facts.form import Day, FactId, FreeObject, Identifier, Name, Text


class OpenLocation(Request):
    """Open a location."""

    name: Name
    time_zone: Name
    chain: Identifier | None = None


class JoinChain(Request):
    """Make the location part of a chain."""

    chain: Identifier


class LeaveChain(Request):
    """Take the location out of a chain."""

    chain: Identifier


class AddTeamMember(Request):
    """Add a record to the team."""

    member: Identifier
    name: Name
    position: Text | None = None


class EditTeamMember(Request):
    """Change profile fields of a member."""

    member: Identifier
    after: FreeObject


class AddToSchedule(OfMember):
    """Let clients book this member."""


class RemoveFromSchedule(OfMember):
    """Let clients no longer book this member."""


class PlanHours(Request):
    """Plan working hours up to and including a date; null means without an end."""

    member: Identifier
    until: Day | None


class Dismiss(Request):
    """Dismiss a member on a date, with a reason and the typed word."""

    member: Identifier
    date: Annotated[Day | None, Field(validation_alias=AliasChoices("date", "dismissal_date"))] = None
    reason: Text | None = None
    confirmation: Text | None = None


class CancelDismissal(OfMember):
    """Take back a dismissal that has not taken effect."""

    cancels: FactId | None = None


class DeleteTeamMember(OfMember):
    """Delete a member's record."""


class Restore(OfMember):
    """Bring a dismissed or deleted member's record back."""
