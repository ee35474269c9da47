"""Everybody of a location: members present and gone, users with and without a member (answers.md)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from domain.facts import SignedIn, TeamMemberDismissed, TwoStepDisabled, TwoStepEnabled
from domain.instants import write_instant
from domain.ledger import Cut, Line, Record
from domain.team import Member, Team, User

Answer: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known beside the team: by account the last sign-in and the two-step channels, by member a dismissal."""

    signed_in: Mapping[str, datetime]
    channels: Mapping[str, Collection[str]]
    due: Mapping[str, datetime]


def roster(team: Team, seen: Seen) -> Answer:
    """The answer to `roster` less its basis, by name."""
    people = [_member(member, team, seen) for member in team.members.values()]
    people += [_user(user, seen) for user in team.users.values() if user.account not in team.links]
    return {"people": sorted(people, key=lambda row: (row["name"], row["member"] or "", row["account"] or ""))}


def seen_in(cut: Cut, record: Record | None = None) -> Seen:
    """What a cut holds beside the team. Dismissals still to come are read from the record, if given."""
    signed_in: dict[str, datetime] = {}
    for line in cut.lines:
        if isinstance(line.fact.data, SignedIn):
            signed_in[line.fact.data.account] = line.fact.effective_at
    return Seen(signed_in, channels_of(cut.lines), _due(cut, record) if record is not None else {})


def channels_of(lines: Iterable[Line]) -> Mapping[str, Collection[str]]:
    """By account the channels of its second step, from facts in the order in which they fold."""
    channels: dict[str, set[str]] = {}
    for line in lines:
        match line.fact.data:
            case TwoStepEnabled(account=account, channel=channel):
                channels.setdefault(account, set()).add(channel)
            case TwoStepDisabled(account=account, channel=channel):
                channels.get(account, set()).discard(channel)
            case _:
                pass
    return channels


def _member(member: Member, team: Team, seen: Seen) -> Answer:
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


def _user(user: User, seen: Seen) -> Answer:
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


def _access(user: User | None, seen: Seen) -> Answer:
    if user is None:
        return {"role": None, "access": "none", "last_sign_in": None, "two_step": []}
    last = seen.signed_in.get(user.account)
    return {
        "role": user.role,
        "access": user.ended[0].value if user.ended is not None else "invited" if user.invitation else "active",
        "last_sign_in": write_instant(last) if last is not None else None,
        "two_step": sorted(seen.channels.get(user.account, ())),
    }


def _due(cut: Cut, record: Record) -> dict[str, datetime]:
    """By member the first dismissal that was known at the cut and had not taken effect."""
    due: dict[str, datetime] = {}
    for line in record.lines:
        data, at = line.fact.data, line.fact.effective_at
        if isinstance(data, TeamMemberDismissed) and at > cut.at.on and line.fact.id not in record.left_out:
            due[data.member] = min(at, due.get(data.member, at))
    return due
