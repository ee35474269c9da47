"""Everybody of a location: members present and gone, users with and without a member (answers.md)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from domain.evolution import team_of
from domain.facts import SignedIn, TeamMemberDismissed, TwoStepDisabled, TwoStepEnabled
from domain.instants import write_instant
from domain.ledger import Cut, Record
from domain.team import Member, Team, User

Answer: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known beside the team: by account the last sign-in and the two-step channels, by member a dismissal."""

    signed_in: dict[str, datetime]
    channels: dict[str, set[str]]
    due: dict[str, datetime]


def roster(cut: Cut, record: Record | None = None) -> Answer:
    """The answer to `roster` less its basis, by name. Dismissals still to come are read from the record, if given."""
    team = team_of(line.fact for line in cut.lines)
    seen = _seen(cut, record)
    people = [_member(member, team, seen) for member in team.members.values()]
    people += [_user(user, seen) for user in team.users.values() if user.account not in team.links]
    return {"people": sorted(people, key=lambda row: (row["name"], row["member"] or "", row["account"] or ""))}


def _member(member: Member, team: Team, seen: _Seen) -> Answer:
    account = team.linked.get(member.id)
    user = team.users[account] if account is not None else None
    due = seen.due.get(member.id) if member.gone is None else None
    return {
        "member": member.id,
        "account": account,
        "name": member.name,
        "position": member.position,
        "state": member.gone[0].value if member.gone is not None else "active",
        "on_schedule": member.schedule is not None,
        "hours_until": member.hours_until.isoformat() if member.hours_until is not None else None,
        "dismissal_due": write_instant(due) if due is not None else None,
        **_access(user, seen),
    }


def _user(user: User, seen: _Seen) -> Answer:
    return {
        "member": None,
        "account": user.account,
        "name": user.name if user.name is not None else user.account,
        "position": None,
        "state": "no_member",
        "on_schedule": False,
        "hours_until": None,
        "dismissal_due": None,
        **_access(user, seen),
    }


def _access(user: User | None, seen: _Seen) -> Answer:
    if user is None:
        return {"role": None, "access": "none", "last_sign_in": None, "two_step": []}
    last = seen.signed_in.get(user.account)
    return {
        "role": user.role,
        "access": user.ended[0].value if user.ended is not None else "invited" if user.invitation else "active",
        "last_sign_in": write_instant(last) if last is not None else None,
        "two_step": sorted(seen.channels.get(user.account, ())),
    }


def _seen(cut: Cut, record: Record | None) -> _Seen:
    seen = _Seen({}, {}, _due(cut, record) if record is not None else {})
    for line in cut.lines:
        match line.fact.data:
            case SignedIn(account=account):
                seen.signed_in[account] = line.fact.effective_at
            case TwoStepEnabled(account=account, channel=channel):
                seen.channels.setdefault(account, set()).add(channel)
            case TwoStepDisabled(account=account, channel=channel):
                seen.channels.get(account, set()).discard(channel)
            case _:
                pass
    return seen


def _due(cut: Cut, record: Record) -> dict[str, datetime]:
    """By member the first dismissal that was known at the cut and had not taken effect."""
    due: dict[str, datetime] = {}
    for line in record.lines:
        data, at = line.fact.data, line.fact.effective_at
        if isinstance(data, TeamMemberDismissed) and at > cut.at.on and line.fact.id not in record.left_out:
            due[data.member] = min(at, due.get(data.member, at))
    return due
