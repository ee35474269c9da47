"""What was seen and decides no state: sign-ins, exports, edits of data, refused attempts (facts.md, section 3)."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator

from domain.facts.form import Count, Data, FactId, FreeObject, Identifier, Name, Text, check_whole, record

Channel: TypeAlias = Literal["email", "push", "totp", "passkey"]


@record
class TwoStepEnabled(Data):
    """An account asks for a second step at sign-in from here on."""

    account: Identifier
    channel: Channel


@record
class TwoStepDisabled(Data):
    """An account no longer asks for a second step by this channel."""

    account: Identifier
    channel: Channel


@record
class SignedIn(Data):
    """A person signed in; the second step's channel, if one was used."""

    account: Identifier
    two_step: Channel | None = None
    why: Text | None = None


@record
class SignInRefused(Data):
    """A sign-in was refused."""

    account: Identifier
    two_step: Channel | None = None
    why: Text | None = None


@record
class SignedOut(Data):
    """A person signed out."""

    account: Identifier
    two_step: Channel | None = None
    why: Text | None = None


@record
class DataExported(Data):
    """Data left the application."""

    what: Name
    format: Name
    rows: Count


@record
class DataImported(Data):
    """Data came into the application."""

    what: Name
    format: Name
    rows: Count


@record
class RecordEdited(Data):
    """A record of the application changed: a client, an appointment, a payment, a setting."""

    personal: ClassVar = frozenset({"before", "after"})
    nulls: ClassVar = frozenset({"before", "after"})
    entity: Name
    entity_id: Name
    before: FreeObject | None
    after: FreeObject | None


@record
class RecordDeleted(Data):
    """A record of the application was deleted."""

    personal: ClassVar = frozenset({"before", "after"})
    nulls: ClassVar = frozenset({"before", "after"})
    entity: Name
    entity_id: Name
    before: FreeObject | None = None
    after: FreeObject | None = None


@record
class LogViewed(Data):
    """Somebody read the log; the reading is itself on the log."""

    personal: ClassVar = frozenset({"filter"})
    filter: Annotated[dict[str, str], AfterValidator(check_whole)]


@record
class CommandRefused(Data):
    """An attempt that a rule or a right refused."""

    personal: ClassVar = frozenset({"sentence"})
    command: Identifier
    code: Identifier
    target: Identifier | None = None
    sentence: Text | None = None
    standing: list[FactId] | None = None
    details: FreeObject | None = None
