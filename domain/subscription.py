"""The subscription periods of a location: which one counts, how many seats it has (facts.md, section 5.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.facts.billing import TermsName


@dataclass(frozen=True, slots=True)
class Period:
    """A bought or renewed stretch of time; `ends_at` is not part of it. 0 seats mean unlimited."""

    fact: str
    subscription: str
    terms: TermsName
    seats: int
    starts_at: datetime
    ends_at: datetime
    auto_renews: bool
    added: int = 0
    """Seats added within the period; they end with it."""

    added_by: tuple[str, ...] = ()

    @property
    def available(self) -> int | None:
        """The seats of the period; None when unlimited."""
        return None if self.seats == 0 else self.seats + self.added

    def lapsed(self, at: datetime) -> bool:
        """Whether the period is over at that instant."""
        return at >= self.ends_at


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """All periods of a location, in the order in which they were said."""

    periods: Sequence[Period] = ()

    def with_period(self, period: Period) -> "Subscriptions":
        """These periods and one more."""
        return Subscriptions((*self.periods, period))

    def with_seats_added(self, subscription: str, seats: int, fact: str, at: datetime) -> "Subscriptions":
        """More seats for the latest period of that subscription, if it has not ended; otherwise nothing changes."""
        for index in range(len(self.periods) - 1, -1, -1):
            period = self.periods[index]
            if period.subscription == subscription:
                if period.lapsed(at):
                    return self
                grown = replace(period, added=period.added + seats, added_by=(*period.added_by, fact))
                return Subscriptions((*self.periods[:index], grown, *self.periods[index + 1 :]))
        return self

    def at(self, instant: datetime) -> Period | None:
        """The period that counts: of those begun, the one that started last; the others are over by then."""
        begun = [period for period in self.periods if period.starts_at <= instant]
        latest: Period | None = None
        for period in begun:
            if latest is None or period.starts_at >= latest.starts_at:
                latest = period
        return latest

    def of(self, subscription: str) -> tuple[Period, ...]:
        """The periods of one subscription."""
        return tuple(period for period in self.periods if period.subscription == subscription)
