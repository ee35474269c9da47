"""One location of a made-up company: its people, its subscription, and the lines that tell its facts."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from domain.instants import read_time_zone
from tests.benchmarks.busy_hours import DAY, END, START, instant
from tests.benchmarks.people import POSITIONS, ROLE_SHARES, ROLES, Json, Person, devices_of, named

ZONES = ("Europe/Berlin", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "Europe/Kyiv", "Asia/Tokyo")
YEAR = 365 * DAY
_TERMS = (("service_providers", 0), ("client_interaction", 455 * DAY), ("access_rights", 1_155 * DAY))
PUBLISHED: Sequence[tuple[str, int]] = tuple((name, START + after) for name, after in _TERMS)
"""The generations of the terms, each with the second in which it comes into force."""

SIMPLE = frozenset(
    {
        "RightsEdited",
        "AddedToSchedule",
        "RemovedFromSchedule",
        "WorkingHoursPlanned",
        "RoleChanged",
        "UserLinked",
        "TeamMemberEdited",
        "TeamMemberDismissed",
    }
)
"""Types of which somebody finds out afterwards that they were wrong."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is decided about a location before its story is told."""

    name: str
    chain: str
    people: int
    decided: int
    observed: int
    opened: int
    """The second in which it opened."""

    seed: int


class Place:
    """The state of a story: enough to say things that make sense."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lot = lot = Random(f"{plan.seed} {plan.name}")
        self.zone_name = lot.choice(ZONES)
        self.zone: ZoneInfo = read_time_zone(self.zone_name)
        self.address = f"198.51.{lot.randrange(256)}.{lot.randrange(1, 255)}"
        self.owner = self._person(f"acc-{plan.chain}-owner", None, "owner")
        second = self._person(f"acc-{plan.chain}-area-{lot.randrange(3)}", None, "manager")
        self.people: list[Person] = [self.owner, second]
        self.people += [self._anybody(number) for number in range(plan.people)]
        self.recent: deque[Json] = deque(maxlen=60)
        self.earlier: list[Json] = []
        """Some of the simple facts of all the time, for corrections that come a year later."""

        self.subscription = f"sub-{plan.name}"
        self.seats = max(2, plan.people * 2 // 3)
        self.charges = 0

    def line(
        self, at: int, kind: str, data: Json, *, by: Person | Json, effective: int | None = None, **more: Any
    ) -> Json:
        """A line of the interchange format, exactly as the ledger writes a fact."""
        name = self.new_id()
        recorded = instant(at)
        line: Json = {
            "id": name,
            "type": kind,
            "location": self.plan.name,
            "recorded_at": recorded,
            "effective_at": recorded if effective is None else instant(effective),
            "change": name,
            "source": "generated",
            "data": data,
        }
        if isinstance(by, Person):
            line["actor"] = {"kind": "person", "id": by.account}
            line["device"] = by.device(self.lot)
        else:
            line["actor"] = by
        line.update(more)
        if kind in SIMPLE:
            self._remember(line)
        return line

    def new_id(self) -> str:
        """The id of a fact, drawn by lot."""
        text = f"{self.lot.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def users(self) -> list[Person]:
        """Everybody who has access."""
        return [person for person in self.people if person.access]

    def somebody(self) -> Person:
        """Anybody of the location."""
        return self.lot.choice(self.people)

    def manager(self) -> Person:
        """Who changes things for others: an owner or somebody who manages, as a rule one of the first."""
        for _ in range(3):
            person = self.people[int(len(self.people) * self.lot.random() ** 4)]
            if person.access and person.role in {"owner", "manager", "system_manager"}:
                return person
        return self.owner

    def terms_at(self, second: int) -> str:
        """The newest terms in force."""
        return [name for name, since in PUBLISHED if since <= second][-1]

    def _remember(self, line: Json) -> None:
        self.recent.append(line)
        if len(self.earlier) < 40:
            self.earlier.append(line)
        elif self.lot.random() < 0.1:
            self.earlier[self.lot.randrange(40)] = line

    def _anybody(self, number: int) -> Person:
        """A member with or without access, or at times somebody with access who is no member."""
        kind = self.lot.random()
        name = self.plan.name
        member = None if kind < 0.08 else f"{name}-m{number}"
        account = None if 0.08 <= kind < 0.25 else f"acc-{name}-{number}"
        role = self.lot.choices(ROLES, ROLE_SHARES)[0]
        if member is None and role == "specialist":
            role = "viewer"
        return self._person(account, member, role)

    def _person(self, account: str | None, member: str | None, role: str) -> Person:
        devices = devices_of(account, self.plan.seed, self.address) if account is not None else []
        position = self.lot.choice(POSITIONS)
        return Person(named(self.lot), member, account, devices, role, position)


def within(second: int, first: int) -> int:
    """A second of the story: not before the first, not after the last."""
    return max(first, min(second, END - 1))
