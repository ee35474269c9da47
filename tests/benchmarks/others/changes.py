"""The changes that every tool is told: who got which role and rights in a location, by whom, from which device.

They come from the stories of a company. Corrections are left out: the other tools have one time, and no way to say that
something held earlier.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import itemgetter

from domain.instants import read_instant
from tests.benchmarks.company import COMPANIES, plans
from tests.benchmarks.people import DEFAULTS, Json
from tests.benchmarks.story import told

_PER_PLACE = 120
"""About how many changes one location gives."""

_ENDS = frozenset({"AccessRevoked", "InvitationWithdrawn", "InvitationExpired"})
_BEGINS = frozenset({"UserInvited", "AccessGranted"})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one user of a location: the state after it, and the fact that says so."""

    location: str
    account: str
    name: str | None
    role: str
    rights: tuple[str, ...]
    active: bool
    first: bool
    """Whether the location has never heard of the account before."""

    actor: str
    device: Mapping[str, str]
    recorded_at: str
    line: Json

    @property
    def at(self) -> datetime:
        """When it was recorded."""
        return read_instant(self.recorded_at)


def changes(count: int) -> list[Change]:
    """So many changes, in the order of recording."""
    places = [plan for plan in plans(COMPANIES["full"]) if not plan.name.startswith("big-")]
    stories = [told(plan) for plan in places[: max(3, count // _PER_PLACE)]]
    found = list(islice(_told(line for _, line in heapq.merge(*stories, key=itemgetter(0))), count))
    assert len(found) == count, f"these locations give only {len(found)} changes"
    return found


def _told(lines: Iterator[Json]) -> Iterator[Change]:
    known: dict[tuple[str, str], tuple[str, set[str], bool]] = {}
    names: dict[tuple[str, str], str | None] = {}
    for line in lines:
        kind, account = line["type"], line["data"].get("account")
        if kind not in _ENDS | _BEGINS | {"RoleChanged", "RightsEdited"} or "device" not in line:
            continue
        before = known.get((line["location"], account))
        if (before is not None and before[2]) == (kind in _BEGINS):
            continue  # begun twice, or changed after its end: the story was corrected in between
        role, rights = (before[0], set(before[1])) if before is not None else ("", set())
        if kind in _ENDS:
            said, after = _as(line, "AccessRevoked", {"account": account}), (role, rights, False)
        elif kind == "RightsEdited":
            edit = line["data"]
            granted = [slug for slug in edit["granted"] if slug not in rights]
            revoked = [slug for slug in edit["revoked"] if slug in rights]
            if not granted and not revoked:
                continue
            rights = (rights | set(granted)) - set(revoked)
            data = {"account": account, "granted": granted, "revoked": revoked, "scopes_before": {}, "scopes_after": {}}
            said, after = _as(line, kind, data), (role, rights, True)
        else:
            new = line["data"]["after"] if kind == "RoleChanged" else line["data"]["role"]
            new = "administrator" if new == "specialist" else new  # who would need a member beside the account
            if kind == "RoleChanged" and new == role:
                continue
            said, after = _with_role(line, account, role, rights, new), (new, set(DEFAULTS[new]), True)
        known[line["location"], account] = after
        names[line["location"], account] = said["data"].get("name", names.get((line["location"], account)))
        yield Change(
            line["location"],
            account,
            names[line["location"], account],
            after[0],
            tuple(sorted(after[1])),
            after[2],
            before is None,
            line["actor"]["id"],
            line["device"],
            line["recorded_at"],
            said,
        )


def _with_role(line: Json, account: str, role: str, rights: set[str], new: str) -> Json:
    if line["type"] == "RoleChanged":
        lists = {"rights_before": sorted(rights), "rights_after": list(DEFAULTS[new])}
        change = {"account": account, "before": role, "after": new, "scopes_before": {}, "scopes_after": {}}
        return _as(line, "RoleChanged", {**change, **lists})
    data = {"account": account, "name": line["data"]["name"], "role": new, "rights": list(DEFAULTS[new]), "scopes": {}}
    return _as(line, "AccessGranted", data)


def _as(line: Json, kind: str, data: Json) -> Json:
    found = {**line, "type": kind, "data": data, "effective_at": line["recorded_at"]}
    found.pop("caused_by", None)
    return found
