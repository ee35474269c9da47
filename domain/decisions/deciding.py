"""Which decision answers which command, and what comes of it."""

from dataclasses import dataclass
from typing import assert_never

from domain import commands
from domain.decisions import billing, corrections, erasures, invitations, links, members, observing, places, roles
from domain.decisions.enveloping import fact_id
from domain.decisions.standing import Draft, Standing
from domain.refusals import Code, Refusal, Refused


@dataclass(frozen=True, slots=True)
class Decision:
    """The facts to append as one change, or the refusal."""

    drafts: tuple[Draft, ...] = ()
    refusal: Refusal | None = None


def decide(standing: Standing) -> Decision:
    """What the standing's command comes to, at its moment and on its ledger. Pure; refusals are values."""
    try:
        return Decision(tuple(_drafts(standing)))
    except Refused as refused:
        found = refused.refusal
        return Decision(refusal=Refusal(found.code, found.sentence, found.standing, found.details, standing.location))


def _drafts(standing: Standing) -> list[Draft]:  # noqa: C901, PLR0912 - one arm a command
    request = standing.command.data
    if standing.location is not None and standing.team.place is None:
        placeless = commands.OpenLocation | commands.Correct
        if not isinstance(request, placeless):
            raise Refused(Code.NOT_FOUND, f"There is no location {standing.location}.")
    match request:
        case commands.OpenLocation():
            return places.open_location(standing, request)
        case commands.JoinChain():
            return places.join_chain(standing, request)
        case commands.LeaveChain():
            return places.leave_chain(standing, request)
        case commands.AddTeamMember():
            return members.add_team_member(standing, request)
        case commands.EditTeamMember():
            return members.edit_team_member(standing, request)
        case commands.AddToSchedule():
            return members.add_to_schedule(standing, request)
        case commands.RemoveFromSchedule():
            return members.remove_from_schedule(standing, request)
        case commands.PlanHours():
            return members.plan_hours(standing, request)
        case commands.Invite():
            return invitations.invite(standing, request)
        case commands.AcceptInvitation():
            return invitations.accept_invitation(standing, request)
        case commands.WithdrawInvitation():
            return invitations.withdraw_invitation(standing, request)
        case commands.ExpireInvitation():
            return invitations.expire_invitation(standing, request)
        case commands.GrantAccess():
            return invitations.grant_access(standing, request)
        case commands.CopyRights():
            return roles.copy_rights(standing, request)
        case commands.ChangeRole():
            return roles.change_role(standing, request)
        case commands.EditRights():
            return roles.edit_rights(standing, request)
        case commands.Link():
            return links.link(standing, request)
        case commands.Unlink():
            return links.unlink(standing, request)
        case commands.Dismiss():
            return members.dismiss(standing, request)
        case commands.CancelDismissal():
            return members.cancel_dismissal(standing, request)
        case commands.DeleteTeamMember():
            return members.delete_team_member(standing, request)
        case commands.Restore():
            return members.restore(standing, request)
        case commands.DeleteUser():
            return links.delete_user(standing, request)
        case commands.PublishTerms():
            return billing.publish_terms(standing, request)
        case commands.Purchase():
            return billing.purchase(standing, request)
        case commands.Renew():
            return billing.renew(standing, request)
        case commands.AddSeats():
            return billing.add_seats(standing, request)
        case commands.RecordFailedRenewal():
            return billing.record_failed_renewal(standing, request)
        case commands.RecordCharge():
            return billing.record_charge(standing, request)
        case commands.AskErasure():
            return erasures.ask_erasure(standing, request)
        case commands.RefuseErasure():
            return erasures.refuse_erasure(standing, request)
        case commands.AllowErasure():
            return erasures.allow_erasure(standing, request)
        case commands.Erase():
            return erasures.erase(standing, request)
        case commands.EnableTwoStep():
            return observing.enable_two_step(standing, request)
        case commands.DisableTwoStep():
            return observing.disable_two_step(standing, request)
        case commands.Observe():
            return observing.observe(standing, request)
        case commands.Correct():
            return corrections.correct(standing, request, inner_id=fact_id(standing.command, "inner"))
        case commands.Request():
            raise AssertionError(f"no decision for {type(request).__name__}")
        case _:
            assert_never(request)
