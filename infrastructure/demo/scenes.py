"""The scenes: where in the story the demo points."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from infrastructure.demo import dispute, theft
from infrastructure.demo.places import BERLIN, LAST_DAY
from infrastructure.demo.story import SEED, told


@dataclass(frozen=True, slots=True)
class Scenes:
    """Named pointers into the story of one seed."""

    location: str
    """Where the bill is disputed and the evening is stolen."""

    charge: str
    """The disputed charge."""

    charge_fact: str
    on: date
    """The day that the charge is about."""

    known_then: datetime
    """When the charge was recorded: what was known then."""

    known_now: datetime
    """The end of the story: what is known now."""

    seat: str
    """The disputed seat."""

    corrections: tuple[str, ...]
    """The three corrections that settle the dispute."""

    dismissal: str
    """The dismissal inside the first of them."""

    old_terms: date
    """The last day under `client_interaction`."""

    new_terms: date
    """The first day under `access_rights`."""

    owner: str
    """The account that is free on the one and billable on the other."""

    device: str
    """The phone from which the stolen account was used."""

    victim: str
    """The stolen account."""

    viewers: tuple[str, ...]
    """The accounts that were given rights."""

    before_theft: datetime
    during_theft: datetime
    after_theft: datetime
    """Instants before the first foreign sign-in, while the rights were given away, and after they were taken back."""


def scenes(seed: int = SEED) -> Scenes:
    """The scenes of the story of a seed."""
    teller = told(seed)
    charge = teller.fact(dispute.CHARGE)
    viewers = theft.VIEWERS
    return Scenes(
        location=BERLIN.id,
        charge=dispute.CHARGE,
        charge_fact=charge.id,
        on=BERLIN.local_day(charge.recorded_at),
        known_then=charge.recorded_at,
        known_now=BERLIN.on(LAST_DAY, 23, 59, 59),
        seat=dispute.MEMBER,
        corrections=tuple(teller.fact(dispute.CORRECTIONS, index).id for index in range(3)),
        dismissal=dispute.dismissal_id(teller),
        old_terms=date(2026, 3, 31),
        new_terms=date(2026, 4, 1),
        owner="acc-olga",
        device=theft.DEVICE,
        victim=theft.VICTIM,
        viewers=tuple(f"acc-{key}" for key in viewers),
        before_theft=BERLIN.at("2026-05-14 23:00"),
        during_theft=teller.fact("reaching for ownership").recorded_at + timedelta(minutes=30),
        after_theft=teller.fact(f"{viewers[1]} is a viewer").recorded_at + timedelta(minutes=1),
    )
