"""Why a seat is billable or not: every rule that was tried, down to fact, actor and device."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from domain.instants import read_instant
from domain.ledger import Cut
from domain.seating import Seat, Seating
from domain.terms import Test, Verdict
from projections.seats import former, reasons

Answer: TypeAlias = dict[str, Any]
Cite: TypeAlias = Callable[[str], Answer]
"""How the fact of an id is shown whole: its times, actor, device and sentence."""

RULES: Mapping[str, str] = {
    "schedule": "is on the schedule, so that clients can book",
    "owner_free": "is the one owner off the schedule who is free",
    "role_administrator": "has the role administrator",
    "create_and_pay": "can both create appointments and take payment",
    "right": "has an effective right that is paid",
}

OUTCOMES: Mapping[str, str] = {
    "schedule": "on the schedule",
    "role_administrator": "the role administrator",
    "create_and_pay": "creates appointments and takes payment",
    "right": "has a paid right",
    "owner_free": "the one owner off the schedule",
    "no_create_and_pay": "does not both create appointments and take payment",
    "read_only": "changes nothing",
    "team_and_billing": "manages only the team and the subscription",
    "no_access": "a team member without access, off the schedule",
    "user_only": "a user who does not provide services",
    "dismissed": "not on the list: dismissed",
    "deleted": "not on the list: deleted",
    "revoked": "not on the list: the access was ended",
    "withdrawn": "not on the list: the invitation was withdrawn",
    "expired": "not on the list: the invitation ran out",
}

GENERATION_NAMES: Mapping[str, str] = {
    "service_providers": "by service provider",
    "client_interaction": "by client interaction",
    "access_rights": "by access rights",
}


def find_seat(seating: Seating, seat_id: str) -> Seat | None:
    """The row of a member id or an account id; a member's id comes first."""
    for seat in seating.seats:
        if seat.member is not None and seat.member.id == seat_id:
            return seat
    for seat in seating.seats:
        if seat.user is not None and seat.user.account == seat_id:
            return seat
    return None


def former_explanation(seating: Seating, seat_id: str, cite: Cite) -> Answer | None:
    """Why somebody is not on the list any more; None when nobody of that id ever was."""
    for row in former(seating.team):
        if seat_id in {row["member"], row["account"]}:
            member = seating.team.members.get(seat_id) if row["member"] is not None else None
            name = member.name if member is not None else seating.team.users[seat_id].name or seat_id
            because = row["reason"]["because"]
            return {
                "member": row["member"],
                "account": row["account"],
                "name": name,
                "billable": False,
                "terms": seating.terms,
                "terms_because": _terms_because(seating, cite),
                "reasons": [{**row["reason"], "says": OUTCOMES[row["reason"]["code"]]}],
                "rules": [],
                "facts": [cite(fact) for fact in because],
            }
    return None


def explanation(seating: Seating, seat: Seat, cite: Cite) -> Answer:
    """The verdict on one seat, the rules tried in order, and every fact behind them."""
    verdict = seat.verdict
    return {
        "member": seat.member.id if seat.member is not None else None,
        "account": seat.user.account if seat.user is not None else None,
        "name": seat.name,
        "billable": verdict.billable,
        "terms": seating.terms,
        "terms_because": _terms_because(seating, cite),
        "reasons": [{**found, "says": OUTCOMES[found["code"]]} for found in reasons(verdict.reasons)],
        "rules": [_rule(test, seating.cut, seat, cite) for test in verdict.tests],
        "facts": _cited(verdict, cite),
    }


def rests_on(seating: Seating, seat: Seat) -> set[str]:
    """The ids of all facts that an explanation of a seat shows."""
    named = _named(seat.verdict)
    named |= {seat.rights.effective[slug].fact for test in seat.verdict.tests for slug in test.rights}
    return named | ({seating.period.fact} if seating.period is not None else set())


def _terms_because(seating: Seating, cite: Cite) -> list[Answer]:
    return [cite(seating.period.fact)] if seating.period is not None else []


def _rule(test: Test, cut: Cut, seat: Seat, cite: Cite) -> Answer:
    out: Answer = {"rule": test.rule, "says": RULES[test.rule], "holds": test.holds, "because": list(test.because)}
    if test.rights:
        out["rights"] = [
            {
                "right": slug,
                "name": cut.catalogue.rights[slug].name,
                "section": cut.catalogue.rights[slug].section,
                "since": cite(seat.rights.effective[slug].fact),
            }
            for slug in test.rights
        ]
    return out


def _cited(verdict: Verdict, cite: Cite) -> list[Answer]:
    """Every fact that a reason or a rule rests on, once, in the order in which they fold."""
    return sorted(map(cite, _named(verdict)), key=lambda row: (read_instant(row["effective_at"]), row["position"]))


def _named(verdict: Verdict) -> set[str]:
    named = {name for test in verdict.tests for name in test.because}
    return named | {name for found in verdict.reasons for name in found.because}
