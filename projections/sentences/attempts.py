"""What somebody tried to do, for sentences about refusals: one wording a command."""

from collections.abc import Mapping

from domain.facts import CommandRefused
from projections.sentences.telling import Telling

ATTEMPTS: Mapping[str, str] = {
    "open_location": "open a location",
    "join_chain": "make {place} part of a chain",
    "leave_chain": "take {place} out of its chain",
    "add_team_member": "add {target} to the team",
    "edit_team_member": "edit the profile of {target}",
    "add_to_schedule": "put {target} on the schedule",
    "remove_from_schedule": "take {target} off the schedule",
    "plan_hours": "plan working hours for {target}",
    "invite": "invite {target}",
    "accept_invitation": "accept the invitation of {target}",
    "withdraw_invitation": "withdraw the invitation of {target}",
    "expire_invitation": "let the invitation of {target} expire",
    "grant_access": "give {target} access",
    "copy_rights": "copy rights to {target}",
    "change_role": "change the role of {target}",
    "edit_rights": "change the rights of {target}",
    "link": "link {target}",
    "unlink": "unlink {target}",
    "dismiss": "dismiss {target}",
    "cancel_dismissal": "cancel the dismissal of {target}",
    "delete_team_member": "delete {target} from the team",
    "restore": "restore {target} to the team",
    "delete_user": "end the access of {target}",
    "publish_terms": "publish new terms",
    "purchase": "buy a subscription",
    "renew": "renew a subscription",
    "add_seats": "add seats to a subscription",
    "record_failed_renewal": "record a failed renewal",
    "record_charge": "record a charge",
    "ask_erasure": "ask for the erasure of {target}",
    "refuse_erasure": "let the erasure of {target} wait",
    "allow_erasure": "end the hold on the erasure of {target}",
    "erase": "erase {target}",
    "enable_two_step": "turn on two-step sign-in for {target}",
    "disable_two_step": "turn off two-step sign-in for {target}",
    "observe": "record an observation",
    "correct": "correct the ledger",
}


def attempt(telling: Telling, data: CommandRefused) -> str:
    """What was tried, after "tried to"."""
    pattern = ATTEMPTS.get(data.command)
    target = _target(telling, data.target)
    if pattern is None:
        about = f" for {target}" if data.target is not None else ""
        return f"give the command '{data.command}'{about}"
    place = telling.place if telling.fact.location is not None else "a location"
    return pattern.replace("{place}", place) if "{place}" in pattern else pattern.replace("{target}", target)


def _target(telling: Telling, target: str | None) -> str:
    if target is None:
        return "somebody"
    if telling.words.names.knows_member(target, telling.fact.location):
        return telling.member(target)
    return telling.account(target)
