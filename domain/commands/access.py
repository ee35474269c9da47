"""Commands about who may do what (rules.md)."""

from typing import Annotated, ClassVar, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from domain.commands.form import OfAccount, Request
from domain.facts.access import Source
from domain.facts.form import FreeObject, Identifier, Instant, Name, Text, as_tuple
from domain.limits import RIGHTS_COUNT

Wanted = Annotated[tuple[Text, ...], BeforeValidator(as_tuple), Field(max_length=RIGHTS_COUNT)]
"""Rights as they were asked for. Which of them there are is a decision's to say, and to refuse in words."""

Locations = Annotated[tuple[Identifier, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=1000)]


class Invite(Request):
    """Invite a person; without rights the role's own apply."""

    account: Identifier
    name: Name | None = None
    contact: Text
    role: Text
    rights: Wanted | None = None
    scopes: FreeObject | None = None
    member: Identifier | None = None
    expires_at: Instant | None = None


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
    role: Text
    rights: Wanted | None = None
    scopes: FreeObject | None = None
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
    role: Annotated[Text, Field(validation_alias=AliasChoices("role", "after"))]
    rights: Annotated[Wanted | None, Field(validation_alias=AliasChoices("rights", "rights_after"))] = None
    scopes: Annotated[FreeObject | None, Field(validation_alias=AliasChoices("scopes", "scopes_after"))] = None


class EditRights(Request):
    """Tick and clear single rights; scopes, where given, are the whole set."""

    account: Identifier
    granted: Wanted = ()
    revoked: Wanted = ()
    scopes: Annotated[FreeObject | None, Field(validation_alias=AliasChoices("scopes", "scopes_after"))] = None


class Link(Request):
    """Tie a user to a team member."""

    account: Identifier
    member: Identifier


class Unlink(Request):
    """Untie a user from a team member; by hand is the only cause that a command can have."""

    account: Identifier
    member: Identifier
    cause: Literal["manual"] = "manual"


class DeleteUser(Request):
    """End an account's access to one or more locations."""

    somewhere: ClassVar = False
    account: Identifier
    locations: Locations | None = None
