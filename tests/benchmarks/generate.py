"""Facts for benchmarks: chains of locations, told by a seeded lot, as lines of the interchange format."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

from domain.instants import write_instant
from infrastructure.catalogues import shipped_catalogues

Json: TypeAlias = dict[str, Any]

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 600
"""How long the told time is; it ends long before any benchmark runs, for nothing may be recorded in the future."""

SMALLEST, LARGEST = 5, 200
"""People of a location."""

_CATALOGUE = shipped_catalogues()[1]
_ROLES = ("administrator", "manager", "viewer", "call_center", "accountant")
_RIGHTS = tuple(sorted(_CATALOGUE.rights))
_POSITIONS = ("Stylist", "Colourist", "Barber", "Reception", "Nails", "Assistant")
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"
_AGENTS = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {_SAFARI}",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME}",
)


def chain(
    count: int, *, seed: int = 1, locations: int | None = None, observed: float = 0.3, corrected: float = 0.3
) -> Iterator[Json]:
    """That many facts of a chain of locations of 5 to 200 people.

    A share of `observed` are observations; of the facts that decide a state a share of `corrected` are corrections,
    half of them late facts, a quarter replacements, a quarter voids.
    """
    lot = Random(seed)
    places = locations if locations is not None else max(1, count // 1_000)
    smallest, largest = SMALLEST, max(SMALLEST, min(LARGEST, count // places // 6))
    sizes = [round(smallest * (largest / smallest) ** lot.random()) for _ in range(places)]
    told = [_Location(lot, f"loc-{number:04}", size) for number, size in enumerate(sizes)]
    return _clocked(_story(lot, told, observed, corrected), count)


def _clocked(lines: Iterator[Json], count: int) -> Iterator[Json]:
    """The first lines, each recorded a little after the one before it."""
    step = timedelta(days=DAYS) / count
    for number, line in enumerate(islice(lines, count)):
        at = write_instant((START + step * number).replace(microsecond=0))
        line["recorded_at"] = line["effective_at"] = at
        inner = line["data"].get("fact")
        if inner is not None:
            inner["recorded_at"] = at
            inner["effective_at"] = write_instant((START + step * number * inner.pop("back")).replace(microsecond=0))
        yield line


def _story(lot: Random, places: list["_Location"], observed: float, corrected: float) -> Iterator[Json]:
    for place in places:
        yield from place.founding()
    weights = [place.size for place in places]
    while True:
        place = lot.choices(places, weights)[0]
        if lot.random() < observed:
            yield place.seen()
        elif lot.random() < corrected:
            yield place.correction()
        else:
            yield place.change()


class _Location:
    """One location as it was told so far: enough to say things that mostly make sense."""

    def __init__(self, lot: Random, name: str, size: int) -> None:
        self.lot = lot
        self.name = name
        self.size = size
        self.owner = f"acc-{name}-owner"
        self.members = [f"{name}-m{number}" for number in range(size)]
        self.accounts = [f"acc-{name}-{number}" for number in range(max(1, size * 6 // 10))]
        self.changes: list[Json] = []

    def founding(self) -> Iterator[Json]:
        """The location, its subscription, its owner and its team."""
        yield self._line("LocationOpened", name=f"Salon {self.name}", time_zone="Europe/Berlin")
        period = {"starts_at": write_instant(START), "ends_at": write_instant(START + timedelta(days=9_000))}
        yield self._line(
            "SubscriptionPurchased",
            subscription=f"sub-{self.name}",
            terms="access_rights",
            seats=self.size,
            **period,
            auto_renews=True,
        )
        yield self._granted(self.owner, "owner")
        for member in self.members:
            name = f"{self.lot.choice('ABCDEFGHIJKLM')}. {member}"
            yield self._line("TeamMemberAdded", member=member, name=name, position=self.lot.choice(_POSITIONS))
            yield self._line("AddedToSchedule", member=member)
        for account, member in zip(self.accounts, self.members, strict=False):
            yield self._granted(account, self.lot.choice(_ROLES))
            yield self._line("UserLinked", account=account, member=member)

    def change(self) -> Json:
        """One fact that decides a state."""
        line = self._line(*self._something())
        self.changes.append(line)
        return line

    def correction(self) -> Json:
        """A late fact, a replacement or a void."""
        kind = self.lot.choice(("late", "late", "replace", "void")) if self.changes else "late"
        target = self.lot.choice(self.changes[-200:]) if kind != "late" else None
        line = self._line("Correction", kind=kind, corrects=target["id"] if target else None, fact=None)
        if kind != "void":
            same = target is not None and target["type"] != "Correction"
            inner = self._line(target["type"], target["data"]) if target and same else self._line(*self._something())
            line["data"]["fact"] = {**inner, "back": 1 - self.lot.random() ** 3}
        line["reason"] = "The salon told the support desk about it afterwards."
        self.changes.append(line)
        return line

    def seen(self) -> Json:
        """One observation: a sign-in as a rule."""
        account = self.lot.choice(self.accounts)
        if self.lot.random() < 0.8:
            return self._line("SignedIn", {"account": account, "two_step": "totp"}, by=account)
        number = f"c-{self.lot.randrange(10_000)}"
        before, after = {"note": "", "visits": self.lot.randrange(40)}, {"note": "prefers mornings"}
        data = {"entity": "client", "entity_id": number, "before": before, "after": after}
        return self._line("RecordEdited", data, by=account)

    def _something(self) -> tuple[str, Json]:
        lot = self.lot
        member, account = lot.choice(self.members), lot.choice(self.accounts)
        kind = lot.choices(("rights", "on", "off", "hours", "role", "link", "edited"), (40, 15, 15, 15, 3, 4, 8))[0]
        match kind:
            case "rights":
                slugs = lot.sample(_RIGHTS, lot.randrange(2, 6))
                some = lot.randrange(len(slugs) + 1)
                edit = {"account": account, "granted": slugs[:some], "revoked": slugs[some:]}
                return "RightsEdited", {**edit, "scopes_before": {}, "scopes_after": {}}
            case "on":
                return "AddedToSchedule", {"member": member}
            case "off":
                return "RemovedFromSchedule", {"member": member}
            case "hours":
                day = START + timedelta(days=lot.randrange(DAYS))
                return "WorkingHoursPlanned", {"member": member, "until": day.date().isoformat()}
            case "role":
                before, after = lot.sample(_ROLES, 2)
                rights = {"rights_before": _defaults(before), "rights_after": _defaults(after)}
                change = {"account": account, "before": before, "after": after}
                return "RoleChanged", {**change, **rights, "scopes_before": {}, "scopes_after": {}}
            case "link":
                return "UserLinked", {"account": account, "member": member}
            case _:
                before, after = lot.sample(_POSITIONS, 2)
                return "TeamMemberEdited", {
                    "member": member,
                    "before": {"position": before},
                    "after": {"position": after},
                }

    def _granted(self, account: str, role: str) -> Json:
        return self._line("AccessGranted", account=account, name=account, role=role, rights=_defaults(role), scopes={})

    def _line(self, kind: str, data: Json | None = None, /, *, by: str | None = None, **fields: Any) -> Json:
        lot = self.lot
        name = str(UUID(int=lot.getrandbits(128), version=4))
        device = {"id": f"dev-{lot.randrange(50)}", "ip": f"198.51.100.{lot.randrange(250)}"}
        return {
            "id": name,
            "type": kind,
            "location": self.name,
            "actor": {"kind": "person", "id": by or self.owner},
            "device": {**device, "user_agent": lot.choice(_AGENTS), "session": f"ses-{lot.randrange(10_000)}"},
            "change": name,
            "source": "generated",
            "data": data if data is not None else fields,
        }


def _defaults(role: str) -> list[str]:
    return list(_CATALOGUE.defaults_of(role))
