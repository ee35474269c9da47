"""Decisions about the terms, the subscription and charges."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from domain import facts
from domain.commands import AddSeats, PublishTerms, Purchase, RecordCharge, RecordFailedRenewal, Renew
from domain.decisions.standing import Draft, Standing
from domain.facts.billing import TermsName
from domain.instants import start_of_day, write_instant
from domain.ledger import AsOf
from domain.refusals import Code, Refused
from domain.seating import Seating, newest_terms
from domain.subscription import Period


def publish_terms(standing: Standing, request: PublishTerms) -> list[Draft]:
    """A generation of the terms comes into force at the later of now and the start of its day in UTC."""
    standing.check_authority()
    known = [
        line.fact
        for line in standing.ledger.lines
        if isinstance(line.fact.data, facts.TermsPublished) and line.fact.data.terms == request.terms
    ]
    if known:
        raise Refused(Code.NO_CHANGE, f"The terms {request.terms} are published.", known[-1].id)
    at = max(standing.at, start_of_day(request.from_, ZoneInfo("UTC")).astimezone(UTC))
    return [standing.draft(facts.TermsPublished.read({"terms": request.terms, "from": request.from_}), at=at)]


def purchase(standing: Standing, request: Purchase) -> list[Draft]:
    """A subscription from its start on, under the newest terms published by then."""
    standing.check_authority()
    starts_at = request.starts_at if request.starts_at is not None else standing.at
    terms = _check_period(standing, request, starts_at)
    bought = facts.SubscriptionPurchased(
        subscription=request.subscription,
        terms=terms,
        seats=request.seats,
        starts_at=starts_at,
        ends_at=request.ends_at,
        auto_renews=request.auto_renews,
    )
    return [standing.draft(bought, at=starts_at)]


def renew(standing: Standing, request: Renew) -> list[Draft]:
    """The subscription goes on; this is where its terms change to the newest."""
    standing.check_authority()
    periods = _known_periods(standing, request.subscription)
    if not periods:
        raise Refused(
            Code.NO_PERIOD, f"There is no subscription {request.subscription} to renew in {standing.location}."
        )
    starts_at = request.starts_at
    if starts_at is None:
        starts_at = max(standing.at, *(period.ends_at for period in periods))
    terms = _check_period(standing, request, starts_at)
    renewed = facts.SubscriptionRenewed(
        subscription=request.subscription,
        terms=terms,
        seats=request.seats,
        starts_at=starts_at,
        ends_at=request.ends_at,
        auto_renews=request.auto_renews,
        automatic=request.automatic,
    )
    return [standing.draft(renewed, at=starts_at)]


def _check_period(standing: Standing, request: Purchase | Renew, starts_at: datetime) -> TermsName:
    if starts_at < standing.at:
        raise Refused(
            Code.INVALID,
            f"A period cannot start in the past ({write_instant(starts_at)}); leave starts_at out to start now, "
            "or ask support for a late fact.",
        )
    if request.ends_at <= starts_at:
        raise Refused(Code.INVALID, "A period ends after it starts.")
    for period in _known_periods(standing, request.subscription):
        if period.starts_at < request.ends_at and starts_at < period.ends_at:
            raise Refused(
                Code.OVERLAP,
                f"The subscription {request.subscription} has a period from {write_instant(period.starts_at)} "
                f"to {write_instant(period.ends_at)}.",
                period.fact,
            )
    terms = newest_terms(standing.ledger.as_of(AsOf(starts_at, standing.at)))
    if request.terms not in {None, terms}:
        raise Refused(Code.INVALID, f"The newest terms published by then are {terms}, not {request.terms}.")
    return terms


def _known_periods(standing: Standing, subscription: str) -> tuple[Period, ...]:
    """Every period of a subscription that is known, those that start later included."""
    ends = [line.fact.effective_at for line in standing.waiting]
    return standing.team_at(max([standing.at, *ends])).subscriptions.of(subscription)


def _running(standing: Standing, subscription: str) -> Period:
    period = standing.team.subscriptions.at(standing.at)
    if period is None or period.subscription != subscription or period.lapsed(standing.at):
        raise Refused(Code.NO_PERIOD, f"The subscription {subscription} has no running period in {standing.location}.")
    return period


def add_seats(standing: Standing, request: AddSeats) -> list[Draft]:
    """More seats in the running period; the terms stay."""
    standing.check_authority()
    if request.seats == 0:
        raise Refused(Code.INVALID, "Adding no seats adds nothing; name at least one.")
    period = _running(standing, request.subscription)
    if period.available is None:
        raise Refused(Code.NO_CHANGE, f"The subscription {request.subscription} is unlimited.", period.fact)
    return [standing.draft(facts.SeatsAdded(subscription=request.subscription, seats=request.seats))]


def record_failed_renewal(standing: Standing, request: RecordFailedRenewal) -> list[Draft]:
    """A charge did not go through; the terms and the period stay as they are."""
    standing.check_authority()
    if not _known_periods(standing, request.subscription):
        raise Refused(Code.NO_PERIOD, f"There is no subscription {request.subscription} in {standing.location}.")
    return [standing.draft(facts.RenewalFailed(subscription=request.subscription))]


def record_charge(standing: Standing, request: RecordCharge) -> list[Draft]:
    """What was billed; the counts are those of this moment unless the charge rested on others."""
    standing.check_authority()
    _running(standing, request.subscription)
    known = [
        line.fact
        for line in standing.ledger.lines
        if isinstance(line.fact.data, facts.SeatsCharged) and line.fact.data.charge == request.charge
    ]
    if known:
        raise Refused(Code.EXISTS, f"The charge {request.charge} is recorded already.", known[-1].id)
    seats = Seating(standing.cut).seats
    billable = sum(seat.verdict.billable for seat in seats)
    charged = facts.SeatsCharged(
        subscription=request.subscription,
        charge=request.charge,
        billable=request.billable if request.billable is not None else billable,
        free=request.free if request.free is not None else len(seats) - billable,
        amount=request.amount,
        currency=request.currency,
    )
    return [standing.draft(charged)]
