"""Everything that can be refused: the closed catalogue of codes, in the words of rules.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from domain.canonical import Json


class Code(Enum):
    """Why a command was refused."""

    EXISTS = "exists"
    """It is already there: a location, a member, a user of this location, a waiting dismissal."""

    INVALID = "invalid"
    """The command says something that cannot be."""

    NOT_FOUND = "not_found"
    """What the command names is not there."""

    NOT_ACTIVE = "not_active"
    """The team member is dismissed or deleted."""

    NO_CHANGE = "no_change"
    """It is so already."""

    NO_ACCESS = "no_access"
    """The account has no access here."""

    LINKED = "linked"
    """One of the two sides is already linked here."""

    NOT_LINKED = "not_linked"
    """These two are not linked."""

    UNKNOWN_ROLE = "unknown_role"
    """No such role."""

    UNKNOWN_RIGHT = "unknown_right"
    """No such right in the catalogue in force."""

    SCOPE_REQUIRED = "scope_required"
    """A specialist's scopes name exactly one active team member."""

    NOT_FOR_ROLE = "not_for_role"
    """This right is not available to this role."""

    NOT_PENDING = "not_pending"
    """There is no pending invitation."""

    EXPIRED = "expired"
    """The invitation is past its time."""

    LAST_OWNER = "last_owner"
    """A location does not lose its last owner."""

    BEYOND_OWN_RIGHTS = "beyond_own_rights"
    """The actor may grant only rights from the own set."""

    CONFIRMATION_REQUIRED = "confirmation_required"
    """The typed word is missing."""

    REASON_REQUIRED = "reason_required"
    """The reason is missing."""

    ACTIVE_SCHEDULE = "active_schedule"
    """Clients can still book this member."""

    TOO_LATE = "too_late"
    """It has taken effect."""

    RESTORE_WINDOW = "restore_window"
    """Between 24 hours and 30 days after it took effect a dismissal or deletion cannot be undone."""

    OVERLAP = "overlap"
    """The subscription has a period at that time."""

    NO_PERIOD = "no_period"
    """The subscription has no such period."""

    FORBIDDEN = "forbidden"
    """The actor may not do this here."""

    ON_HOLD = "on_hold"
    """An erasure waits for its term: the law, or a dispute, asks for what is to be erased."""

    ID_REUSED = "id_reused"
    """Another command was sent under this id."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code, a sentence for a person, and the facts that stand in the way."""

    code: Code
    sentence: str
    standing: tuple[str, ...] = ()
    details: Mapping[str, Json] = field(default_factory=dict)
    location: str | None = None
    """The location that was refused, where a command names several."""


class Refused(Exception):  # noqa: N818 - the contract's word
    """Raised inside a decision; carries the refusal out of it."""

    def __init__(self, code: Code, sentence: str, *standing: str, **details: Json) -> None:
        super().__init__(sentence)
        self.refusal = Refusal(code, sentence, standing, details)
