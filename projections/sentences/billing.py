"""Sentences about the terms, the subscription, and what was charged."""

from typing import TypeAlias, assert_never

from domain import facts
from projections.sentences.telling import Telling, counted

BillingFact: TypeAlias = (
    facts.CataloguePublished
    | facts.TermsPublished
    | facts.SubscriptionPurchased
    | facts.SubscriptionRenewed
    | facts.RenewalFailed
    | facts.SeatsAdded
    | facts.SeatsCharged
)
_Period: TypeAlias = facts.SubscriptionPurchased | facts.SubscriptionRenewed


def told(telling: Telling, data: BillingFact) -> str:
    """A fact about the bill as a sentence."""
    who = telling.who
    match data:
        case facts.CataloguePublished():
            return f"{who} published version {data.version} of the rights catalogue"
        case facts.TermsPublished():
            return f"{who} published the terms '{_terms(data.terms)}', in force from {telling.day(data.from_)}"
        case facts.SubscriptionPurchased():
            return f"{who} bought the subscription {data.subscription}: {_period(telling, data)}"
        case facts.SubscriptionRenewed():
            if data.automatic and telling.impersonal:
                return f"The subscription {data.subscription} was renewed automatically: {_period(telling, data)}"
            how = " automatically" if data.automatic else ""
            return f"{who} renewed the subscription {data.subscription}{how}: {_period(telling, data)}"
        case facts.RenewalFailed():
            if telling.impersonal:
                return f"The renewal of the subscription {data.subscription} failed"
            return f"{who} recorded that the renewal of the subscription {data.subscription} failed"
        case facts.SeatsAdded():
            return f"{who} added {counted(data.seats, 'seat')} to the subscription {data.subscription}"
        case facts.SeatsCharged():
            return _charged(telling, data)
        case _:
            assert_never(data)


def _charged(telling: Telling, data: facts.SeatsCharged) -> str:
    amount = " ".join(part for part in (data.amount, data.currency) if part is not None)
    money = f" {amount}" if amount else ""
    free = f", {data.free:,} more being free" if data.free else ""
    seats = f"{counted(data.billable, 'billable seat')}{free}"
    return f"{telling.who} charged the subscription {data.subscription}{money} for {seats} (charge {data.charge})"


def _period(telling: Telling, data: _Period) -> str:
    seats = "unlimited seats" if data.seats == 0 else counted(data.seats, "seat")
    goes_on = "renewing by itself" if data.auto_renews else "not renewing by itself"
    span = f"from {telling.when(data.starts_at)} to {telling.when(data.ends_at)}"
    return f"{seats} {span} under the terms '{_terms(data.terms)}', {goes_on}"


def _terms(name: str) -> str:
    return name.replace("_", " ")
