"""The catalogue of commands by their names on the wire, and how one is read from JSON (rules.md)."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import InstanceOf, SkipValidation, ValidationError

from domain import canonical
from domain.commands.access import (
    AcceptInvitation,
    ChangeRole,
    CopyRights,
    DeleteUser,
    EditRights,
    ExpireInvitation,
    GrantAccess,
    Invite,
    Link,
    Unlink,
    WithdrawInvitation,
)
from domain.commands.billing import AddSeats, PublishTerms, Purchase, RecordCharge, RecordFailedRenewal, Renew
from domain.commands.erasure import AllowErasure, AskErasure, Erase, OfPerson, RefuseErasure
from domain.commands.form import Request
from domain.commands.other import Correct, DisableTwoStep, EnableTwoStep, Observe
from domain.commands.team import (
    AddTeamMember,
    AddToSchedule,
    CancelDismissal,
    DeleteTeamMember,
    Dismiss,
    EditTeamMember,
    JoinChain,
    LeaveChain,
    OpenLocation,
    PlanHours,
    RemoveFromSchedule,
    Restore,
)
from domain.facts import Actor, Device, InvalidFactError
from domain.facts.form import FactId, Form, Identifier, Name, Text, refusal_of

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
    "ask_erasure": AskErasure,
    "refuse_erasure": RefuseErasure,
    "allow_erasure": AllowErasure,
    "erase": Erase,
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
    try:
        canonical.check_written(raw)
    except canonical.NotCanonicalError as error:
        raise InvalidFactError("", str(error)) from None
    name = raw.get("command")
    if not isinstance(name, str) or name not in COMMANDS:
        raise InvalidFactError("command", "is missing" if name is None else f"{name!r} is not a command")
    form = COMMANDS[name]
    data = raw.get("data", {})
    if not isinstance(data, Mapping):
        raise InvalidFactError("data", "is an object")
    content: Mapping[str, Any] = data
    if form is Observe:
        if data.keys() == {"type", "data"} and isinstance(data["data"], Mapping):
            data = {"type": data["type"], **data["data"]}
        content = {"type": data.get("type"), "fields": {key: value for key, value in data.items() if key != "type"}}
    try:
        command = Command.model_validate({**raw, "data": form.model_validate(content)})
    except ValidationError as error:
        prefix = "data." if error.title == form.__name__ else ""
        raise refusal_of(error.errors()[0], prefix=prefix) from None
    nowhere = isinstance(command.data, DeleteUser) and not command.data.locations
    if (form.somewhere or nowhere) and command.location is None:
        raise InvalidFactError("location", "is missing")
    if isinstance(command.data, OfPerson):
        _check_person(command, command.data)
    has_device = command.device is not None and bool(command.device.said())
    if has_device == (command.actor.kind == "system"):
        raise InvalidFactError("device", "a system has no device" if has_device else "is missing")
    return command


def _check_person(command: Command, request: OfPerson) -> None:
    """An account is of no location, members and clients are of one; and nothing said here goes with the person."""
    if request.account is None and command.location is None:
        raise InvalidFactError("location", "is missing: members and clients belong to one")
    if request.account is not None and command.location is not None:
        raise InvalidFactError("location", "is too much: an account belongs to no location, and is erased everywhere")
    if command.reason is not None:
        raise InvalidFactError("reason", "would be erased with the person; say it as `basis` or `ground`")
