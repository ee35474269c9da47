"""The billing list at a point of both times: who was billable, by which rule, because of which fact (answers.md)."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from domain.catalogue import Catalogue
from domain.instants import write_instant
from domain.seating import Seat, Seating
from domain.subscription import Period
from domain.team import Team
from domain.terms import Reason

Answer: TypeAlias = dict[str, Any]


def seats(seating: Seating) -> Answer:
    """The answer to `seats` less its basis: the subscription, the counts, the rows, the former rows, the notes."""
    rows = seating.seats
    twins = _twins(rows)
    period = seating.period
    billable = sum(seat.verdict.billable for seat in rows)
    available = 0 if period is None else period.available
    shown = [_row(seat, seating.team, seating.cut.catalogue, twin=seat.id in twins) for seat in rows]
    return {
        "subscription": _subscription(seating, period),
        "terms": seating.terms,
        "available": available,
        "billable": billable,
        "free": len(rows) - billable,
        "over": 0 if available is None else max(0, billable - available),
        "seats": shown,
        "former": former(seating.team),
        "notes": _notes(seating, shown),
    }


def reasons(found: Iterable[Reason]) -> list[Answer]:
    """Reasons as answers.md writes them; there may be a thousand in one answer."""
    return [
        {"code": code, "right": right, "because": [*because]}
        if right is not None
        else {"code": code, "because": [*because]}
        for code, because, right in found
    ]


def former(team: Team) -> list[Answer]:
    """Members gone and accounts whose access ended, each with why (answers.md)."""
    gone = [
        {"member": member.id, "account": None, "reason": _ended(member.gone[0].value, member.gone[1].fact)}
        for member in team.members.values()
        if member.gone is not None
    ]
    ended = [
        {"member": None, "account": user.account, "reason": _ended(user.ended[0].value, user.ended[1].fact)}
        for user in team.users.values()
        if user.ended is not None
    ]
    return sorted([*gone, *ended], key=lambda row: (row["member"] or row["account"], row["account"] is not None))


def _subscription(seating: Seating, period: Period | None) -> Answer | None:
    if period is None:
        return None
    return {
        "id": period.subscription,
        "terms": period.terms,
        "starts_at": write_instant(period.starts_at),
        "ends_at": write_instant(period.ends_at),
        "lapsed": period.lapsed(seating.cut.at.on),
        "because": [period.fact, *period.added_by],
    }


def _row(seat: Seat, team: Team, catalogue: Catalogue, *, twin: bool) -> Answer:
    return {
        "member": seat.member.id if seat.member is not None else None,
        "account": seat.user.account if seat.user is not None else None,
        "name": seat.name,
        "billable": seat.verdict.billable,
        "reasons": reasons(seat.verdict.reasons),
        "notes": _row_notes(seat, team, catalogue, twin=twin),
    }


def _row_notes(seat: Seat, team: Team, catalogue: Catalogue, *, twin: bool) -> list[Answer]:
    notes: list[Answer] = []
    user = seat.user
    notes += [{"code": "ineffective_right", "right": slug} for slug in seat.rights.ineffective]
    notes += [{"code": "unknown_right", "right": slug} for slug in seat.rights.unknown]
    notes += [{"code": "sensitive_right", "right": slug} for slug in seat.rights.among(catalogue.sensitive)]
    if user is not None and user.invitation is not None:
        notes.append({"code": "pending_invitation", "because": [user.invitation.fact]})
    if user is not None and user.outlives is not None:
        gone = team.members[user.outlives].gone
        if gone is not None:
            notes.append({"code": "access_outlives_dismissal", "member": user.outlives, "because": [gone[1].fact]})
    if twin:
        notes.append({"code": "unlinked_twin"})
    return notes


def _notes(seating: Seating, rows: list[Answer]) -> list[Answer]:
    notes: list[Answer] = []
    if seating.period is not None and seating.period.lapsed(seating.cut.at.on):
        notes.append({"code": "lapsed_subscription"})
    unknown = sorted({note["right"] for row in rows for note in row["notes"] if note["code"] == "unknown_right"})
    if unknown:
        notes.append({"code": "unknown_rights", "rights": unknown})
    return notes


def _ended(code: str, fact: str) -> Answer:
    return {"code": code, "because": [fact]}


def _twins(rows: tuple[Seat, ...]) -> frozenset[str]:
    """Ids of users without member and members without user that share one name, ignoring case and spaces."""
    users: dict[str, list[str]] = {}
    members: dict[str, list[str]] = {}
    for seat in rows:
        if seat.member is None and seat.user is not None and seat.user.name is not None:
            users.setdefault(_bare(seat.user.name), []).append(seat.id)
        elif seat.member is not None and seat.user is None:
            members.setdefault(_bare(seat.member.name), []).append(seat.id)
    return frozenset(name for key in users.keys() & members.keys() for name in (*users[key], *members[key]))


def _bare(name: str) -> str:
    return "".join(name.casefold().split())
