"""Facts about the terms, the subscription, and what was charged (facts.md, section 3)."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field, StringConstraints

from domain.facts.form import Count, Data, Day, Identifier, Instant, Seats, record

TermsName: TypeAlias = Literal["service_providers", "client_interaction", "access_rights"]
Amount = Annotated[str, StringConstraints(pattern=r"^-?\d{1,15}(\.\d{1,6})?$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


@record
class CataloguePublished(Data):
    """From its effective instant on, this version of the rights catalogue is in force."""

    version: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@record
class TermsPublished(Data):
    """A generation of the terms is in force from its effective instant, for what is bought from then on."""

    terms: TermsName
    from_: Annotated[Day, Field(alias="from")]


@record
class SubscriptionPurchased(Data):
    """A subscription was bought; 0 seats mean unlimited."""

    subscription: Identifier
    terms: TermsName
    seats: Seats
    starts_at: Instant
    ends_at: Instant
    auto_renews: bool


@record
class SubscriptionRenewed(Data):
    """A subscription goes on after a successful charge; its seats are absolute."""

    subscription: Identifier
    terms: TermsName
    seats: Seats
    starts_at: Instant
    ends_at: Instant
    auto_renews: bool
    automatic: bool


@record
class RenewalFailed(Data):
    """The charge for a renewal did not go through."""

    subscription: Identifier


@record
class SeatsAdded(Data):
    """More seats in the running period; the terms stay."""

    subscription: Identifier
    seats: Annotated[Seats, Field(ge=1)]


@record
class SeatsCharged(Data):
    """What was billed, and the numbers it rested on."""

    nulls: ClassVar = frozenset[str]()
    subscription: Identifier
    charge: Identifier
    billable: Count
    free: Count
    amount: Amount | None = None
    currency: Currency | None = None
