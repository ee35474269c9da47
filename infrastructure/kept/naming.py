"""What people of a page are called: the newest lines that name them, and older ones where the newest do not tell."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from domain import facts
from domain.facts import Data
from domain.ledger import Line, Record
from infrastructure.kept import log_keys as keys
from infrastructure.kept.about import accounts_and_members
from infrastructure.kept.reading import PageReading
from infrastructure.kept.surroundings import Part, surround
from projections.said import account_key, member_key

_NEWEST = 3
"""Lines of a list that are read at first: as a rule the last of them counts."""

_EVERY = 1 << 30

_OF_ACCOUNTS: Mapping[str, Sequence[str]] = {
    "UserInvited": ("given", "role", "member"),
    "AccessGranted": ("given", "role"),
    "RoleChanged": ("role",),
    "UserLinked": ("member",),
}
_OF_MEMBERS: Mapping[str, Sequence[str]] = {
    "TeamMemberAdded": ("name", "position"),
    "TeamMemberEdited": ("name", "position"),
}


class Who(NamedTuple):
    """An account, or a member, of a location."""

    location: str
    name: str
    is_member: bool


class NamingList(NamedTuple):
    """Lines of one type that name somebody: those that are late, or the others."""

    who: Who
    type: str
    late: bool

    @property
    def keys(self) -> tuple[int, int]:
        """The key of the list, and that of the location in its lines."""
        kind = keys.KINDS[self.type] | (keys.LATE if self.late else 0)
        where = keys.location_key(self.who.location) ^ keys.MASKS[kind]
        if self.who.is_member:
            return keys.member_key(self.who.name, self.who.location, kind), where
        return keys.account_key(self.who.name) ^ keys.MASKS[kind], where


def spoken_of(lines: Iterable[Line], elsewhere: str | None = None) -> set[Who]:
    """Everybody whose name may be in what is said about some lines; of lines without a place, `elsewhere`."""
    found: set[Who] = set()
    for line in lines:
        location = line.fact.location or elsewhere
        if location is None:
            continue
        account, member = accounts_and_members(line.fact.data)
        accounts = [line.fact.actor.id, line.fact.actor.on_behalf_of, account]
        if isinstance(line.fact.data, facts.AccessGranted) and line.fact.data.copied_from is not None:
            accounts.append(line.fact.data.copied_from.account)
        found.update(Who(location, each, is_member=False) for each in accounts if each is not None)
        if member is not None:
            found.add(Who(location, member, is_member=True))
    return found


class Look(NamedTuple):
    """The times from which a location is looked at; without the second everything that was said counts."""

    known: datetime
    on: datetime | None


def register_of(who: Who) -> str:
    """The key of somebody's register."""
    return member_key(who.name) if who.is_member else account_key(who.name)


def name(
    reading: PageReading,
    parts: Mapping[str, Part],
    looks: Mapping[str, Look],
    people: Iterable[Who],
    record_of: Callable[[str], Record],
) -> set[Who]:
    """Put into the parts of locations what names people, and the members to whom their accounts are linked.

    Returns all of them.
    """
    wanted = {who for who in people if who.location in parts}
    known: set[Who] = set()
    while wanted:
        known |= wanted
        cut = _read(reading, parts, looks, wanted, _NEWEST)
        lines = _naming(wanted, record_of)
        unsettled = {who for who in wanted if not _settled(lines[who], cut.get(who, {}))}
        if unsettled:
            _read(reading, parts, looks, unsettled, _EVERY)
            lines.update(_naming(unsettled, record_of))
        linked = {
            Who(who.location, member, is_member=True)
            for who in wanted
            if not who.is_member
            for line, _ in lines[who]
            if (member := getattr(line.fact.data, "member", None)) is not None
        }
        wanted = linked - known
    return known


def _read(
    reading: PageReading, parts: Mapping[str, Part], looks: Mapping[str, Look], people: Iterable[Who], most: int
) -> dict[Who, dict[NamingList, int]]:
    """Read the newest lines about people; of lists with as many as that, the oldest position that was read."""
    lists = [each for who in people for each in lists_of(who)]
    pairs = [each.keys for each in lists]
    asked = {
        "keys": [key for key, _ in pairs],
        "locations": [where for _, where in pairs],
        "ons": [looks[each.who.location].on for each in lists],
        "known": [looks[each.who.location].known for each in lists],
        "ends": [keys.place_of(reading.position + 1)] * len(lists),
        "most": most,
    }
    found: dict[NamingList, list[int]] = {}
    for nth, place in reading.listed("naming_places", asked):
        found.setdefault(lists[nth - 1], []).append(keys.position_of(place))
    entries = reading.entries(position for positions in found.values() for position in positions)
    cut: dict[Who, dict[NamingList, int]] = {}
    for each, positions in found.items():
        parts[each.who.location].add(entries[position] for position in positions if position in entries)
        if len(positions) >= most:
            cut.setdefault(each.who, {})[each] = min(positions)
    surround(reading, parts.values())
    return cut


def lists_of(who: Who) -> list[NamingList]:
    """The lists of what names somebody."""
    return [
        NamingList(who, of, late) for of in (_OF_MEMBERS if who.is_member else _OF_ACCOUNTS) for late in (False, True)
    ]


def _naming(people: Iterable[Who], record_of: Callable[[str], Record]) -> dict[Who, list[tuple[Line, bool]]]:
    """The lines that name people, each with whether it counts."""
    found: dict[Who, list[tuple[Line, bool]]] = {who: [] for who in people}
    for location in {who.location for who in found}:
        record = record_of(location)
        for line in record.lines:
            data = line.fact.data
            is_member = line.fact.type in _OF_MEMBERS
            if is_member or line.fact.type in _OF_ACCOUNTS:
                account, member = accounts_and_members(data)
                who = Who(location, str(member if is_member else account), is_member)
                if who in found:
                    found[who].append((line, line.fact.id not in record.left_out))
    return found


def _settled(lines: Iterable[tuple[Line, bool]], cut: Mapping[NamingList, int]) -> bool:
    """Whether nothing older, on lists that were not read to the end, can have a word."""
    if not cut:
        return True
    last: dict[str, int] = {}
    for line, counts in lines:
        if counts:
            for register in _written(line.fact.data):
                last[register] = max(last.get(register, 0), line.position)
    return all(
        last.get(register, 0) >= oldest
        for each, oldest in cut.items()
        for register in {**_OF_ACCOUNTS, **_OF_MEMBERS}[each.type]
    )


def _written(data: Data) -> set[str]:
    """The registers that a fact writes."""
    match data:
        case facts.UserInvited() | facts.AccessGranted():
            said = {"role": data.role, "given": data.name, "member": getattr(data, "member", None)}
            return {register for register, value in said.items() if value is not None}
        case facts.TeamMemberEdited():
            return {register for register in ("name", "position") if isinstance(data.after.get(register), str)}
        case facts.RoleChanged():
            return {"role"}
        case facts.UserLinked():
            return {"member"}
        case _:
            return {"name", "position"}
