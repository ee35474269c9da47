"""What people were called at a time on which facts hold, where names are kept only as they were known.

Each register (a name, a role, the member to whom an account is linked) has what the last line wrote into it: the last
of those that count, or of all where none of them does. So lines are read from the last one down, a few at a time, and
as a rule the first one tells.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple, TypeAlias

from domain import facts
from domain.facts import Data
from domain.ledger import Line, lines_of
from infrastructure.kept import log_keys as keys
from infrastructure.kept.about import accounts_and_members
from infrastructure.kept.naming import Look, NamingList, Who, lists_of, register_of
from infrastructure.kept.reading import PageReading
from infrastructure.store.arrays import numbers, times
from projections.said import AccountSaid, MemberSaid, Registers, Said, hear, named_by

_STEPS = (1, 6, 60, 1 << 30)
"""How many lines of a list are read: more where the last ones leave something open."""

_WRITERS: Mapping[str, frozenset[str]] = {
    "given": frozenset({"UserInvited", "AccessGranted"}),
    "role": frozenset({"UserInvited", "AccessGranted", "RoleChanged"}),
    "member": frozenset({"UserInvited", "UserLinked"}),
    "name": frozenset({"TeamMemberAdded", "TeamMemberEdited"}),
    "position": frozenset({"TeamMemberAdded", "TeamMemberEdited"}),
}
"""The types of facts that can write a register."""

_OF_MEMBERS = (facts.TeamMemberAdded, facts.TeamMemberEdited)
_UNTOLD = "\0untold"
_NOTHING = (_UNTOLD, _UNTOLD, _UNTOLD)

Values: TypeAlias = dict[str, str | None]


class Known(NamedTuple):
    """How a location is looked at, and how far it was known."""

    look: Look
    position: int
    """The last one that was known at the time until which is known what is said."""

    by_then: int
    """The last one that was known by the time on which facts hold; the same where no such time is given."""


class _Open(NamedTuple):
    """What is not told yet: a register of somebody."""

    who: Who
    register: str


def registers_then(
    reading: PageReading, people: Iterable[Who], known: Mapping[str, Known], said: Mapping[str, Registers]
) -> dict[Who, Said]:
    """The registers of people by what holds at the time asked for. `said` are theirs by all that was known.

    Of whom nothing was said by then has empty ones, as one has of whom nothing was ever said.
    """
    wanted = {who: said[who.location].get(register_of(who)) for who in people}
    values: dict[Who, Values] = {who: {} for who in wanted}
    left = {_Open(who, name) for who, register in wanted.items() for name in _written_ever(register)}
    for most in _STEPS:
        if not left:
            break
        left = _read(reading, known, left, values, most)
    return {who: MemberSaid(**found) if who.is_member else AccountSaid(**found) for who, found in values.items()}


def _written_ever(said: Said | None) -> Iterable[str]:
    """The registers that something was written into: what is empty by all that was known was never written.

    Only a position can be taken away again.
    """
    if isinstance(said, MemberSaid):
        return ("name", "position")
    if isinstance(said, AccountSaid):
        return [name for name in ("given", "role", "member") if getattr(said, name) is not None]
    return ()


def _read(
    reading: PageReading, known: Mapping[str, Known], left: Iterable[_Open], values: Mapping[Who, Values], most: int
) -> set[_Open]:
    """Read as many lines of every list that matters, and put down what they tell; what they leave open."""
    registers: dict[Who, set[str]] = {}
    for each in left:
        registers.setdefault(each.who, set()).add(each.register)
    lists = [
        each
        for who, names in registers.items()
        for each in lists_of(who)
        if any(each.type in _WRITERS[name] for name in names)
    ]
    places = _places(reading, lists, known, most)
    candidates = {each: _candidates(each, places, most) for each in left}
    lines = _lines(reading, {(each.who, place) for each, (found, _) in candidates.items() for place in found}, known)
    still_open: set[_Open] = set()
    for each, (found, whole) in candidates.items():
        heard = [lines[each.who, place] for place in found if (each.who, place) in lines]
        told = _last_word(each.register, heard, whole=whole)
        if told is not None:
            values[each.who][each.register] = told[0]
        elif not whole:
            still_open.add(each)
    return still_open


def _places(
    reading: PageReading, lists: Sequence[NamingList], known: Mapping[str, Known], most: int
) -> dict[NamingList, list[int]]:
    """The last places of what was known and held. What is not late and came after it held only later."""
    how = [known[each.who.location] for each in lists]
    pairs = [each.keys for each in lists]
    ends = (one.position if each.late else min(one.by_then, one.position) for each, one in zip(lists, how, strict=True))
    asked = {
        "keys": numbers(key for key, _ in pairs),
        "locations": numbers(where for _, where in pairs),
        "ons": times(each.look.on for each in how if each.look.on is not None),
        "known": times(each.look.known for each in how),
        "ends": numbers(keys.place_of(end + 1) for end in ends),
        "most": most,
    }
    found: dict[NamingList, list[int]] = {each: [] for each in lists}
    for nth, place in reading.listed("naming_places", asked):
        found[lists[nth - 1]].append(place)
    return found


def _candidates(each: _Open, places: Mapping[NamingList, Sequence[int]], most: int) -> tuple[list[int], bool]:
    """The places of lines that may have the last word, the last first; and whether these are all there are."""
    lists = [places[one] for one in lists_of(each.who) if one.type in _WRITERS[each.register]]
    cut = [min(some) for some in lists if len(some) >= most]
    found = sorted({place for some in lists for place in some if place >= max(cut, default=0)}, reverse=True)
    return found, not cut


def _lines(
    reading: PageReading, wanted: Iterable[tuple[Who, int]], known: Mapping[str, Known]
) -> dict[tuple[Who, int], tuple[Line, bool]]:
    """The lines at places that are about somebody, each with whether it counts.

    Lists go by hashes: what they find is looked at.
    """
    asked = list(wanted)
    entries = reading.entries(keys.position_of(place) for _, place in asked)
    found: dict[tuple[Who, int], Line] = {}
    for who, place in asked:
        entry = entries.get(keys.position_of(place))
        if entry is not None:
            depth = place - keys.place_of(keys.position_of(place))
            line = list(lines_of(entry, 0))[depth]
            if _is_about(line, who):
                found[who, place] = line
    fallen = _left_out(reading, found, known)
    return {(who, place): (line, (who.location, line.fact.id) not in fallen) for (who, place), line in found.items()}


def _is_about(line: Line, who: Who) -> bool:
    account, member = accounts_and_members(line.fact.data)
    return line.fact.location == who.location and (member if who.is_member else account) == who.name


def _left_out(
    reading: PageReading, lines: Mapping[tuple[Who, int], Line], known: Mapping[str, Known]
) -> set[tuple[str, str]]:
    """Facts that do not count, by all that was known, each with its location."""
    named = {(who.location, line.fact.id) for (who, _), line in lines.items()}
    if not named:
        return set()
    columns = {
        "locations": [location for location, _ in named],
        "facts": [fact for _, fact in named],
        "positions": [known[location].position for location, _ in named],
    }
    return {(location, fact) for location, fact in reading.rows("left_out_at", columns)}


def _last_word(register: str, lines: Iterable[tuple[Line, bool]], *, whole: bool) -> tuple[str | None] | None:
    """What a register says by its lines, the last first; None when that is not settled, or nothing writes it.

    A line that does not count is heard where no other says anything: only when all were read.
    """
    fallen: tuple[str | None] | None = None
    for line, counts in lines:
        written = _written(line.fact.data)
        if register in written:
            if counts:
                return (written[register],)
            fallen = fallen or (written[register],)
    return fallen if whole else None


def _written(data: Data) -> Values:
    """The registers that a fact writes, with what it writes."""
    key = named_by(data)
    if key is None:
        return {}
    said: Registers = {key: MemberSaid(_UNTOLD, _UNTOLD) if isinstance(data, _OF_MEMBERS) else AccountSaid(*_NOTHING)}
    hear(said, data)
    return {name: value for name, value in asdict(said[key]).items() if value is not _UNTOLD}
