"""Facts about who may do what: invitations, grants, roles, rights, links (facts.md, section 3)."""

from typing import ClassVar, Literal

from domain.facts.form import Data, Identifier, Instant, Name, Record, Rights, Scopes, Text, record


@record
class Source(Record):
    """Whose rights were copied."""

    location: Identifier
    account: Identifier


@record
class UserInvited(Data):
    """A person was invited; rights count from here. A named member is linked from here."""

    personal: ClassVar = frozenset({"name", "contact"})
    account: Identifier
    name: Name | None = None
    contact: Text
    role: Identifier
    rights: Rights
    scopes: Scopes
    member: Identifier | None = None
    expires_at: Instant | None = None
    """Until when it can be taken up; none means until it is withdrawn or expires by a fact."""


@record
class InvitationAccepted(Data):
    """The invited person took it up."""

    account: Identifier


@record
class InvitationWithdrawn(Data):
    """An invitation was taken back; the access ends."""

    account: Identifier


@record
class InvitationExpired(Data):
    """An invitation ran out; the access ends."""

    account: Identifier


@record
class AccessGranted(Data):
    """An existing account has access from here on, active at once."""

    personal: ClassVar = frozenset({"name"})
    account: Identifier
    name: Name | None = None
    role: Identifier
    rights: Rights
    scopes: Scopes
    copied_from: Source | None = None


@record
class RoleChanged(Data):
    """Another role, with the whole list of rights that goes with it."""

    account: Identifier
    before: Identifier
    after: Identifier
    rights_before: Rights
    rights_after: Rights
    scopes_before: Scopes
    scopes_after: Scopes


@record
class RightsEdited(Data):
    """Single rights ticked and cleared; each is a register of its own."""

    account: Identifier
    granted: Rights
    revoked: Rights
    scopes_before: Scopes
    scopes_after: Scopes


@record
class UserLinked(Data):
    """A user and a team member are one person from here on."""

    account: Identifier
    member: Identifier


@record
class UserUnlinked(Data):
    """A user and a team member are two records again."""

    account: Identifier
    member: Identifier
    cause: Literal["manual", "dismissal", "deletion", "revocation"]


@record
class AccessRevoked(Data):
    """The access to this location ends ("delete user"); the account and other locations are untouched."""

    account: Identifier
