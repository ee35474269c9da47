"""Facts about who may do what: invitations, grants, roles, rights, links (facts.md, section 3)."""

from typing import ClassVar, Literal

from domain.facts.form import Data, Form, Identifier, Instant, Name, Rights, Scopes, Text


class Source(Form):
    """Whose rights were copied."""

    location: Identifier
    account: Identifier


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


class InvitationAccepted(Data):
    """The invited person took it up."""

    account: Identifier


class InvitationWithdrawn(Data):
    """An invitation was taken back; the access ends."""

    account: Identifier


class InvitationExpired(Data):
    """An invitation ran out; the access ends."""

    account: Identifier


class AccessGranted(Data):
    """An existing account has access from here on, active at once."""

    personal: ClassVar = frozenset({"name"})
    account: Identifier
    name: Name | None = None
    role: Identifier
    rights: Rights
    scopes: Scopes
    copied_from: Source | None = None


class RoleChanged(Data):
    """Another role, with the whole list of rights that goes with it."""

    account: Identifier
    before: Identifier
    after: Identifier
    rights_before: Rights
    rights_after: Rights
    scopes_before: Scopes
    scopes_after: Scopes


class RightsEdited(Data):
    """Single rights ticked and cleared; each is a register of its own."""

    account: Identifier
    granted: Rights
    revoked: Rights
    scopes_before: Scopes
    scopes_after: Scopes


class UserLinked(Data):
    """A user and a team member are one person from here on."""

    account: Identifier
    member: Identifier


class UserUnlinked(Data):
    """A user and a team member are two records again."""

    account: Identifier
    member: Identifier
    cause: Literal["manual", "dismissal", "deletion", "revocation"]


class AccessRevoked(Data):
    """The access to this location ends ("delete user"); the account and other locations are untouched."""

    account: Identifier
