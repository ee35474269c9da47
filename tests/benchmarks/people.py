"""The people of a made-up company: who they are, what they may do, and which devices are their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from infrastructure.catalogues import shipped_catalogues

Json: TypeAlias = dict[str, Any]

CATALOGUE = shipped_catalogues()[1]
RIGHTS: Sequence[str] = tuple(CATALOGUE.rights)
ROLES: Sequence[str] = (
    "specialist",
    "administrator",
    "call_center",
    "accountant",
    "manager",
    "viewer",
    "system_manager",
)
ROLE_SHARES = (50, 18, 8, 5, 6, 10, 3)
DEFAULTS: Mapping[str, Sequence[str]] = {role: CATALOGUE.defaults_of(role) for role in (*ROLES, "owner")}
POSITIONS = ("Stylist", "Colourist", "Barber", "Reception", "Nails", "Assistant", "Massage", "Brows", "Trainee")
_FIRST = (
    "Sana",
    "Cleo",
    "Ada",
    "Max",
    "Mara",
    "Vic",
    "Syd",
    "Ivo",
    "Lena",
    "Timo",
    "Nora",
    "Jan",
    "Ines",
    "Rui",
    "Zoë",
)
_LAST = ("Albers", "Braga", "Costa", "Duarte", "Engel", "Fuchs", "Graça", "Haas", "Ilić", "Jung", "Kovač", "Lima")
_SYSTEMS = (
    "(iPhone; CPU iPhone OS {0}_{1} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari/604.1",
    "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1{0}.0.0.0 Safari/537.36",
    "(Linux; Android 1{1}; SM-S91{1}B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1{0}.0.0.0 Mobile Safari/537.36",
    "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{0}.{1} Safari/605.1.15",
    "(X11; Ubuntu; Linux x86_64; rv:1{0}.0) Gecko/20100101 Firefox/1{0}.0",
)


@dataclass(slots=True)
class Person:
    """Somebody of a location, as the story has come so far: a member, a user, or both."""

    name: str
    member: str | None
    account: str | None
    devices: Sequence[Json]
    role: str = "specialist"
    position: str = "Stylist"
    rights: set[str] = field(default_factory=set)
    scopes: Json = field(default_factory=dict)
    present: bool = False
    """Whether the member's record is part of the team."""

    access: bool = False
    pending: bool = False
    """Whether an invitation is waiting for an answer."""

    linked: bool = False
    scheduled: bool = False
    gone_at: int | None = None
    """From which second on the member is dismissed or deleted."""

    dismissal: str | None = None
    """The fact that dismissed the member, as long as it can be cancelled."""

    def device(self, lot: Random) -> Json:
        """One of the person's own devices, with a session of today."""
        own = self.devices[0] if lot.random() < 0.7 else lot.choice(self.devices)
        return {**own, "session": f"ses-{lot.getrandbits(40):010x}"}


def named(lot: Random) -> str:
    """A name as people have it."""
    return f"{lot.choice(_FIRST)} {lot.choice(_LAST)}"


def devices_of(account: str, seed: int, address: str) -> list[Json]:
    """The one to three devices of an account: the same ones wherever the account is a user."""
    lot = Random(f"{seed} {account}")
    found: list[Json] = []
    for number in range(lot.choices((1, 2, 3), (45, 40, 15))[0]):
        agent = "Mozilla/5.0 " + lot.choice(_SYSTEMS).format(lot.randrange(13, 18), lot.randrange(0, 6))
        ip = address if number == 0 else f"203.0.{lot.randrange(256)}.{lot.randrange(1, 255)}"
        found.append({"id": f"dev-{account}-{number}", "ip": ip, "user_agent": agent})
    return found


def scopes_of(person: Person, role: str) -> Json:
    """The scopes of a role: a specialist sees the own schedule and the own clients."""
    if role != "specialist" or person.member is None:
        return {}
    return {"timetable_staff_id": person.member, "clients_visit_staff_id": person.member}
