"""Commands about the terms, the subscription and charges (rules.md)."""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.commands.form import Request
from domain.facts.billing import Amount, Currency, TermsName
from domain.facts.form import Count, Day, Identifier, Instant, Seats


class PublishTerms(Request):
    """Publish a generation of the terms."""

    somewhere: ClassVar = False
    terms: TermsName
    from_: Annotated[Day, Field(alias="from")]


class Purchase(Request):
    """Buy a subscription; without `starts_at` it starts at once. The terms are the newest published by then."""

    subscription: Identifier
    seats: Seats
    starts_at: Instant | None = None
    ends_at: Instant
    auto_renews: bool = False
    terms: TermsName | None = None


class Renew(Request):
    """Renew a subscription after a successful charge; without `starts_at` when its last period ends, or at once."""

    subscription: Identifier
    seats: Seats
    starts_at: Instant | None = None
    ends_at: Instant
    auto_renews: bool = True
    automatic: bool = False
    terms: TermsName | None = None


class AddSeats(Request):
    """Buy more seats in the running period."""

    subscription: Identifier
    seats: Seats


class RecordFailedRenewal(Request):
    """Record that the charge for a renewal did not go through."""

    subscription: Identifier


class RecordCharge(Request):
    """Record what was billed; counts left out are those of the moment."""

    subscription: Identifier
    charge: Identifier
    billable: Count | None = None
    free: Count | None = None
    amount: Amount | None = None
    currency: Currency | None = None
