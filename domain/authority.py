"""Who may give which command: people by their rights in the location, keys by their scopes (rules.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.facts import Actor
from domain.roles import LIMITED_TO_OWN_RIGHTS
from domain.team import Team

CORRECT = "correct"
ANYBODY = ""

NEEDED: Mapping[str, str | None] = {
    "open_location": ANYBODY,
    "join_chain": "company_to_chain_add_access",
    "leave_chain": "company_to_chain_add_access",
    "add_team_member": "settings_staff_create_access",
    "edit_team_member": "settings_staff_edit_access",
    "add_to_schedule": "settings_schedule_edit_access",
    "remove_from_schedule": "settings_schedule_edit_access",
    "plan_hours": "settings_schedule_edit_access",
    "invite": "settings_users_create_access",
    "accept_invitation": ANYBODY,
    "withdraw_invitation": "settings_users_create_access",
    "expire_invitation": "settings_users_create_access",
    "grant_access": "settings_users_create_access",
    "copy_rights": "settings_users_edit_access",
    "change_role": "settings_users_edit_access",
    "edit_rights": "settings_users_edit_access",
    "link": "settings_users_edit_access",
    "unlink": "settings_users_edit_access",
    "dismiss": "settings_staff_dismiss_access",
    "cancel_dismissal": "settings_staff_dismiss_access",
    "delete_team_member": "settings_staff_delete_access",
    "restore": "settings_staff_dismiss_access",
    "delete_user": "settings_users_delete_access",
    "publish_terms": None,
    "purchase": "billing_access",
    "renew": "billing_access",
    "add_seats": "billing_access",
    "record_failed_renewal": "billing_access",
    "record_charge": "billing_access",
    "ask_erasure": ANYBODY,
    "refuse_erasure": ANYBODY,
    "allow_erasure": ANYBODY,
    "erase": ANYBODY,
    "enable_two_step": ANYBODY,
    "disable_two_step": ANYBODY,
    "observe": ANYBODY,
    "correct": None,
}
"""The right that a person needs for each command; None: only a key may; nothing: the decision itself looks."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What a key may do: the commands among its scopes; `everything` means all but `correct`."""

    commands: frozenset[str] = frozenset()
    everything: bool = False

    def allows(self, command: str) -> bool:
        """Whether the scopes hold this command."""
        return command in self.commands or (self.everything and command != CORRECT)


def usual_authority(actor: Actor) -> Authority:
    """What an actor's key may do unless it is told otherwise: support also corrects, people have no key."""
    if actor.kind == "support":
        return Authority(frozenset({CORRECT}), everything=True)
    return Authority(everything=actor.kind != "person")


def own_rights(team: Team, account: str) -> frozenset[str] | None:
    """The rights a limited user may pass on; None when the user is not limited."""
    user = team.active_user(account)
    if user is None or user.scopes.get(LIMITED_TO_OWN_RIGHTS) != 1:
        return None
    return frozenset(user.rights)
