"""The three salons of the chain: where they are, when they open, what a seat costs there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from domain.instants import read_time_zone

CHAIN = "lumen"


@dataclass(frozen=True, slots=True)
class Place:
    """A location of the story."""

    id: str
    name: str
    zone: str
    address: str
    """The address from which the salon's own network reaches the application."""

    price: Decimal
    """Of one billable seat a month."""

    currency: str
    first_day: date
    closed_on: int
    """The weekday without customers; Monday is 0."""

    @property
    def subscription(self) -> str:
        """The id of the salon's subscription."""
        return f"P-{self.id}"

    def at(self, local: str) -> datetime:
        """The instant of a local time such as "2026-03-31 20:00"."""
        return datetime.fromisoformat(local).replace(tzinfo=read_time_zone(self.zone)).astimezone(UTC)

    def on(self, day: date, hour: int, minute: int, second: int = 0) -> datetime:
        """The instant of a local time of a day."""
        return datetime.combine(day, time(hour, minute, second), read_time_zone(self.zone)).astimezone(UTC)

    def local_day(self, instant: datetime) -> date:
        """The local day of an instant."""
        return instant.astimezone(read_time_zone(self.zone)).date()


BERLIN = Place(
    "berlin", "Lumen Berlin", "Europe/Berlin", "192.0.2.14", Decimal("19.00"), "EUR", date(2025, 10, 1), closed_on=6
)
LISBON = Place(
    "lisbon", "Lumen Lisboa", "Europe/Lisbon", "198.51.100.27", Decimal("15.50"), "EUR", date(2025, 10, 13), closed_on=6
)
NEW_YORK = Place(
    "new-york",
    "Lumen New York",
    "America/New_York",
    "203.0.113.61",
    Decimal("24.00"),
    "USD",
    date(2026, 1, 12),
    closed_on=0,
)
PLACES = (BERLIN, LISBON, NEW_YORK)
LAST_DAY = date(2026, 10, 31)
