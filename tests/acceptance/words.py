"""The codes of the contract in plain words, for sheets and for what a failed check says."""

from collections.abc import Iterable

REASONS = {
    "schedule": "on the schedule",
    "role_administrator": "has the role administrator",
    "create_and_pay": "can both create appointments and take payment",
    "right": "has a right that makes billable",
    "owner_free": "is the one owner who is free",
    "no_create_and_pay": "cannot both create appointments and take payment",
    "read_only": "has no right that makes billable",
    "team_and_billing": "has only rights about the team and the subscription beyond looking",
    "no_access": "is off the schedule and has no access",
    "user_only": "is off the schedule, and rights do not count under these terms",
}
ENDS = {
    "dismissed": "dismissed",
    "deleted": "deleted",
    "revoked": "access taken away",
    "withdrawn": "invitation taken back",
    "expired": "invitation ran out",
}
NOTES = {
    "ineffective_right": "a right is ticked inside a section that is off",
    "unknown_right": "the catalogue does not know a right",
    "sensitive_right": "may take data out",
    "pending_invitation": "the invitation is not accepted yet",
    "access_outlives_dismissal": "the access goes on after the dismissal or deletion",
    "unlinked_twin": "may be the same person as another row",
}
TERMS = {
    "service_providers": "who provides services pays",
    "client_interaction": "who serves clients pays",
    "access_rights": "who can change something pays",
}
REFUSALS = {
    "exists": "it is there already",
    "invalid": "it cannot be",
    "not_found": "there is no such thing",
    "not_active": "the team member is dismissed or deleted",
    "no_change": "it is so already",
    "no_access": "the account has no access",
    "linked": "one of the two is linked already",
    "not_linked": "the two are not linked",
    "unknown_role": "there is no such role",
    "unknown_right": "there is no such right",
    "scope_required": "a specialist is bound to one active team member",
    "not_for_role": "this role cannot have that right",
    "not_pending": "there is no open invitation",
    "expired": "the invitation ran out",
    "last_owner": "a location keeps its last owner",
    "beyond_own_rights": "nobody limited to the own rights grants more",
    "confirmation_required": "the typed word is missing",
    "reason_required": "the reason is missing",
    "active_schedule": "clients can still book the member",
    "too_late": "it has taken effect",
    "restore_window": "too late for a quick restore, too early for a late one",
    "overlap": "the subscription has a period at that time",
    "no_period": "there is no such period",
    "forbidden": "the actor may not do this",
    "id_reused": "another command had this id",
}


def reason(code: str) -> str:
    """A reason in words, with its code."""
    return f"{REASONS.get(code, ENDS.get(code, 'for another reason'))} ({code})"


def note(text: str) -> str:
    """A note, `code` or `code:<right>`, in words, with its code."""
    code = text.partition(":")[0]
    return f"{NOTES.get(code, 'a note')} ({text})"


def refusal(code: str) -> str:
    """A refusal in words, with its code."""
    return f"{REFUSALS.get(code, 'a rule forbids it')} ({code})"


def status(*, billable: bool) -> str:
    """Billable or free."""
    return "billable" if billable else "free"


def join(parts: Iterable[str]) -> str:
    """A, B and C."""
    found = list(parts)
    if len(found) < 2:
        return "".join(found) or "nothing"
    return f"{', '.join(found[:-1])} and {found[-1]}"
