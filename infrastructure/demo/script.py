"""The words in which the story is written: who does what, where and when, before the rules have judged it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from domain.facts import Fact
from infrastructure.demo.cast import CAST
from infrastructure.demo.places import Place


class Told(Protocol):
    """What a script may ask about the story so far."""

    def fact(self, name: str, index: int = 0) -> Fact:
        """A fact of the save of that name."""

    def new_id(self, name: str) -> str:
        """An id that follows from the seed and a name."""

    def billable(self, place: Place, at: datetime) -> int:
        """How many seats the rules find billable at an instant, as known then."""


Content: TypeAlias = Mapping[str, Any]
Late: TypeAlias = Callable[[Told], Content]


@dataclass(frozen=True, slots=True)
class By:
    """An actor and a device, as commands write them."""

    actor: Content
    device: Content | None = None
    key: str | None = None
    """The short name, where it is one of the cast from a device of their own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command; the content may be asked for when its time comes."""

    command: str
    data: Content | Late


@dataclass(frozen=True, slots=True)
class Save:
    """One user action: commands that share a change. `refused` is the code it has to end with."""

    at: datetime
    place: Place | None
    by: By
    steps: tuple[Step, ...]
    name: str
    refused: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation. `needs` is the right without which it does not happen; `sure` ones are not asked about."""

    at: datetime
    place: Place | None
    by: By
    type: str
    data: Content
    needs: str | None = None
    sure: bool = False


Beat: TypeAlias = Save | Seen


def do(command: str, **data: Any) -> Step:
    """A command with its data."""
    return Step(command, data)


def hire(key: str, position: str, *, until: str | None = None, invited: bool = True) -> tuple[Step, ...]:
    """A new provider in one save: the record, the schedule, the hours, the invitation."""
    person = CAST[key]
    steps = (
        do("add_team_member", member=key, name=person.name, position=position),
        do("add_to_schedule", member=key),
        do("plan_hours", member=key, until=until),
    )
    return (*steps, specialist(key)) if invited else steps


def specialist(key: str) -> Step:
    """An invitation as a specialist, bound to the own record."""
    return invite(key, "specialist", member=key, scopes={"timetable_staff_id": key, "clients_visit_staff_id": key})


def invite(key: str, role: str, **more: Any) -> Step:
    """An invitation with the rights of the role, or those given."""
    person = CAST[key]
    return do("invite", account=person.account, name=person.name, contact=person.contact, role=role, **more)


def also(step: Step, **data: Any) -> Step:
    """The same command with more said."""
    assert not callable(step.data)
    return Step(step.command, {**step.data, **data})


@dataclass
class Script:
    """The beats of one place, written in local time."""

    place: Place
    beats: list[Beat] = field(default_factory=list)

    def save(
        self,
        local: str,
        by: str | By,
        *steps: Step,
        name: str | None = None,
        refused: str | None = None,
        reason: str | None = None,
        phone: bool = False,
    ) -> None:
        """Somebody saves something."""
        who = self.by(by, phone=phone) if isinstance(by, str) else by
        called = name if name is not None else f"{self.place.id} {local} {steps[0].command}"
        self.beats.append(Save(self.place.at(local), self.place, who, steps, called, refused, reason))

    def accept(self, local: str, key: str) -> None:
        """An invited person takes the invitation up, on the phone where there is one."""
        self.save(local, key, do("accept_invitation", account=CAST[key].account), phone=True)

    def see(self, local: str, by: str | By, kind: str, *, phone: bool = False, **data: Any) -> None:
        """Something is seen that is part of the plot."""
        who = self.by(by, phone=phone) if isinstance(by, str) else by
        self.beats.append(Seen(self.place.at(local), self.place, who, kind, data, sure=True))

    def by(self, key: str, *, phone: bool = False) -> By:
        """One of the cast from a device of their own, here."""
        person = CAST[key]
        return By({"kind": "person", "id": person.account}, person.device(phone=phone), key)


SYSTEM = By({"kind": "system", "id": "billing"})
CLOCK = By({"kind": "system", "id": "invitations"})
HEAD_OFFICE = By(
    {"kind": "api_key", "id": "key-head-office"},
    {"id": "dev-key-head-office", "ip": "198.51.100.51", "user_agent": "HeadOfficeSync/2.1", "session": "ses-sync"},
)


def support(on_behalf_of: str) -> By:
    """The support desk, on behalf of somebody."""
    return By(
        {"kind": "support", "id": "support-nora", "on_behalf_of": CAST[on_behalf_of].account},
        {
            "id": "dev-support-desk-4",
            "ip": "198.51.100.7",
            "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.6; rv:143.0) Gecko/20100101 Firefox/143.0",
            "session": "ses-support-nora",
        },
    )
