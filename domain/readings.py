"""Every reading of the rules that is switchable, in one place, with the one chosen (rules.md)."""

from dataclasses import dataclass
from enum import Enum


class FreeOwner(Enum):
    """Which owner off the schedule is free under `client_interaction`."""

    EARLIEST = "earliest"
    """The one whose present ownership started first: the reading chosen."""

    LATEST = "latest"
    """The one whose present ownership started last."""


@dataclass(frozen=True, slots=True)
class Readings:
    """One reading of each rule that leaves room; the defaults are those of rules.md."""

    create_and_pay_together: bool = True
    """Under `client_interaction` creating appointments and taking payment make billable together; off: either alone."""

    invitation_counts_from_grant: bool = True
    """The rights of an invitation count before it is accepted; off: only from acceptance."""

    free_owner: FreeOwner = FreeOwner.EARLIEST
    """The owner who is free."""

    removing_people_is_exempt: bool = False
    """Deleting or dismissing members and users is exempt like the rest of team management; off: it is paid."""

    taking_data_out_is_paid: bool = False
    """Exporting and printing make billable; off: free but sensitive."""

    mailings_are_paid: bool = True
    """Sending mailings counts as paid; off: free."""


READINGS = Readings()

REMOVING_PEOPLE = frozenset(
    {"settings_users_delete_access", "settings_staff_delete_access", "settings_staff_dismiss_access"}
)
MAILINGS = frozenset({"send_sms_access"})
CREATE = "records_create_access"
PAY = "records_finances_access"
