"""Everything that can be asked: the closed catalogue of commands, in the names of rules.md."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AliasChoices, BeforeValidator, Field, InstanceOf, SkipValidation, ValidationError

from domain.facts import Actor, Device, InvalidFactError
from domain.facts.access import Source
from domain.facts.billing import Amount, Currency, TermsName
from domain.facts.form import (
    Count,
    Day,
    FactId,
    Form,
    FreeObject,
    Identifier,
    Instant,
    Name,
    Rights,
    Scopes,
    Seats,
    Text,
    as_tuple,
    refusal_of,
)
from domain.facts.observations import Channel

Locations = Annotated[tuple[Identifier, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=1000)]


class Request(Form):
    """The `data` of a command."""

    somewhere: ClassVar[bool] = True
    """Whether the command is given to one location, named in its envelope."""


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


class OfMember(Request):
    """A command about one member that needs nothing else."""

    member: Identifier


class AddToSchedule(OfMember):
    """Let clients book this member."""


class RemoveFromSchedule(OfMember):
    """Let clients no longer book this member."""


class PlanHours(Request):
    """Plan working hours up to and including a date; null means without an end."""

    member: Identifier
    until: Day | None


class Invite(Request):
    """Invite a person; without rights the role's own apply."""

    account: Identifier
    name: Name | None = None
    contact: Text
    role: Identifier
    rights: Rights | None = None
    scopes: Scopes | None = None
    member: Identifier | None = None
    expires_at: Instant | None = None


class OfAccount(Request):
    """A command about one account that needs nothing else."""

    account: Identifier


class AcceptInvitation(OfAccount):
    """Take an invitation up."""


class WithdrawInvitation(OfAccount):
    """Take an invitation back."""


class ExpireInvitation(OfAccount):
    """Let an invitation run out."""


class GrantAccess(Request):
    """Give an existing account access, and link it where a member is named."""

    account: Identifier
    name: Name | None = None
    role: Identifier
    rights: Rights | None = None
    scopes: Scopes | None = None
    member: Identifier | None = None


class CopyRights(Request):
    """Give an account the rights that another one (or the same one elsewhere) has."""

    somewhere: ClassVar = False
    account: Identifier
    name: Name | None = None
    copied_from: Source
    locations: Annotated[Locations | None, Field(default=None)]


class ChangeRole(Request):
    """Another role, with its default rights or those given."""

    account: Identifier
    role: Annotated[Identifier, Field(validation_alias=AliasChoices("role", "after"))]
    rights: Annotated[Rights | None, Field(validation_alias=AliasChoices("rights", "rights_after"))] = None
    scopes: Annotated[Scopes | None, Field(validation_alias=AliasChoices("scopes", "scopes_after"))] = None


class EditRights(Request):
    """Tick and clear single rights; scopes, where given, are the whole set."""

    account: Identifier
    granted: Rights = ()
    revoked: Rights = ()
    scopes: Annotated[Scopes | None, Field(validation_alias=AliasChoices("scopes", "scopes_after"))] = None


class Link(Request):
    """Tie a user to a team member."""

    account: Identifier
    member: Identifier


class Unlink(Request):
    """Untie a user from a team member."""

    account: Identifier
    member: Identifier


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


class DeleteUser(Request):
    """End an account's access to one or more locations."""

    somewhere: ClassVar = False
    account: Identifier
    locations: Locations | None = None


class PublishTerms(Request):
    """Publish a generation of the terms."""

    somewhere: ClassVar = False
    terms: TermsName
    from_: Annotated[Day, Field(alias="from")]


class Purchase(Request):
    """Buy a subscription; without `starts_at` it starts at once. The terms are the newest published by then."""

    subscription: Identifier
    seats: Seats
    starts_at: Instant | None = None
    ends_at: Instant
    auto_renews: bool = False
    terms: TermsName | None = None


class Renew(Request):
    """Renew a subscription after a successful charge; without `starts_at` when its last period ends, or at once."""

    subscription: Identifier
    seats: Seats
    starts_at: Instant | None = None
    ends_at: Instant
    auto_renews: bool = True
    automatic: bool = False
    terms: TermsName | None = None


class AddSeats(Request):
    """Buy more seats in the running period."""

    subscription: Identifier
    seats: Annotated[Seats, Field(ge=1)]


class RecordFailedRenewal(Request):
    """Record that the charge for a renewal did not go through."""

    subscription: Identifier


class RecordCharge(Request):
    """Record what was billed; counts left out are those of the moment."""

    subscription: Identifier
    charge: Identifier
    billable: Count | None = None
    free: Count | None = None
    amount: Amount | None = None
    currency: Currency | None = None


class OfChannel(Request):
    """A command about one channel of two-step sign-in."""

    somewhere: ClassVar = False
    account: Identifier
    channel: Channel


class EnableTwoStep(OfChannel):
    """Ask for a second step at sign-in."""


class DisableTwoStep(OfChannel):
    """No longer ask for a second step."""


class Observe(Form):
    """Record what was seen: `type` is a type of observation, the rest its fields."""

    somewhere: ClassVar = False
    type: str
    fields: dict[str, Any]


class Correct(Request):
    """Say something about the past; what the inner fact leaves out is taken from the command."""

    somewhere: ClassVar = False
    kind: str
    corrects: FactId | None = None
    fact: dict[str, Any] | None = None
    reason: Text | None = None


COMMANDS: Mapping[str, type[Request] | type[Observe]] = {
    "open_location": OpenLocation,
    "join_chain": JoinChain,
    "leave_chain": LeaveChain,
    "add_team_member": AddTeamMember,
    "edit_team_member": EditTeamMember,
    "add_to_schedule": AddToSchedule,
    "remove_from_schedule": RemoveFromSchedule,
    "plan_hours": PlanHours,
    "invite": Invite,
    "accept_invitation": AcceptInvitation,
    "withdraw_invitation": WithdrawInvitation,
    "expire_invitation": ExpireInvitation,
    "grant_access": GrantAccess,
    "copy_rights": CopyRights,
    "change_role": ChangeRole,
    "edit_rights": EditRights,
    "link": Link,
    "unlink": Unlink,
    "dismiss": Dismiss,
    "cancel_dismissal": CancelDismissal,
    "delete_team_member": DeleteTeamMember,
    "restore": Restore,
    "delete_user": DeleteUser,
    "publish_terms": PublishTerms,
    "purchase": Purchase,
    "renew": Renew,
    "add_seats": AddSeats,
    "record_failed_renewal": RecordFailedRenewal,
    "record_charge": RecordCharge,
    "enable_two_step": EnableTwoStep,
    "disable_two_step": DisableTwoStep,
    "observe": Observe,
    "correct": Correct,
}
"""Names on the wire (rules.md) and the form of each one's `data`."""


class Command(Form):
    """One command: what, where, by whom, from which device. Its id makes sending it again harmless."""

    command: str
    location: Identifier | None = None
    actor: Actor
    device: Device | None = None
    id: FactId
    change: Name | None = None
    reason: Text | None = None
    data: Annotated[InstanceOf[Request] | InstanceOf[Observe], SkipValidation]


def read_command(raw: object) -> Command:
    """The command that a JSON object holds. InvalidFactError names the field and the reason."""
    if not isinstance(raw, Mapping):
        raise InvalidFactError("", "a command is a JSON object")
    name = raw.get("command")
    if not isinstance(name, str) or name not in COMMANDS:
        raise InvalidFactError("command", "is missing" if name is None else f"{name!r} is not a command")
    form = COMMANDS[name]
    data = raw.get("data", {})
    if not isinstance(data, Mapping):
        raise InvalidFactError("data", "is an object")
    content: Mapping[str, Any] = data
    if form is Observe:
        content = {"type": data.get("type"), "fields": {key: value for key, value in data.items() if key != "type"}}
    try:
        command = Command.model_validate({**raw, "data": form.model_validate(content)})
    except ValidationError as error:
        prefix = "data." if error.title == form.__name__ else ""
        raise refusal_of(error.errors()[0], prefix=prefix) from None
    if form.somewhere and command.location is None:
        raise InvalidFactError("location", "is missing")
    has_device = command.device is not None and bool(command.device.model_dump(exclude_none=True))
    if has_device == (command.actor.kind == "system"):
        raise InvalidFactError("device", "a system has no device" if has_device else "is missing")
    return command
