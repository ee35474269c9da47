"""What a roster shows beside the team, from what is kept: last sign-ins, second steps, dismissals to come."""

from collections.abc import Mapping
from datetime import datetime

from domain.entries import Entry
from domain.facts import SignedIn
from domain.ledger import AsOf, Line, lines_of
from domain.team import Team
from infrastructure.kept import log_keys as keys
from infrastructure.kept.kept import Kept, Place
from infrastructure.kept.reading import PageReading
from infrastructure.store import Store
from projections.roster import Seen, channels_of

_SIGNED_IN = keys.kinds_of({"SignedIn"})
_TWO_STEP = keys.kinds_of({"TwoStepEnabled", "TwoStepDisabled"})


def kept_seen(store: Store, kept: Kept, place: Place, team: Team, at: AsOf) -> Seen | None:
    """What is known at a point of those who were ever users; None where facts without a place bear on it."""
    if kept.nowhere_is_irregular():
        return None
    reading = PageReading(store, place.position)
    left_out = kept.left_out(place, at.known)
    dismissals = kept.dismissals(place, at.known)
    due = {
        member: next((instant for instant in instants if instant > at.on), None)
        for member, instants in dismissals.items()
    }
    gone = {position for found in reading.positions_of(left_out, ()).values() for position in found}
    signed_in = _signed_in(reading, place, team, at, gone)
    steps = _lines(reading, place, team, at, _TWO_STEP)
    standing = [line for line in steps if line.fact.id not in left_out]
    return Seen(
        signed_in,
        channels_of(sorted(standing, key=lambda line: line.order)),
        {member: instant for member, instant in due.items() if instant is not None},
    )


def _signed_in(reading: PageReading, place: Place, team: Team, at: AsOf, gone: set[int]) -> Mapping[str, datetime]:
    """By account the last sign-in. The lists go by hashes: what they find is looked at."""
    asked = _asked(place, team, at, _SIGNED_IN)
    found = reading.rows("last_of_each", {**asked, "gone": list(gone)})
    entries = reading.entries(keys.position_of(last) for _, last in found)
    instants: dict[str, datetime] = {}
    for account_key, last in found:
        for line in _told(entries.get(keys.position_of(last))):
            data = line.fact.data
            if isinstance(data, SignedIn) and keys.account_key(data.account) in _unmasked(account_key):
                instants[data.account] = max(line.fact.effective_at, instants.get(data.account, line.fact.effective_at))
    return instants


def _unmasked(key: int) -> set[int]:
    return {key ^ keys.MASKS[kind] for kind in _SIGNED_IN}


def _lines(reading: PageReading, place: Place, team: Team, at: AsOf, kinds: list[int]) -> list[Line]:
    """The lines of some kinds that are about users and hold at a point."""
    rows = reading.rows("all_of_each", _asked(place, team, at, kinds))
    positions = sorted({keys.position_of(found) for (found,) in rows})
    entries = reading.entries(positions)
    lines = [line for position in positions for line in _told(entries.get(position))]
    return [
        line
        for line in lines
        if line.known_at <= at.known
        and line.fact.effective_at <= at.on
        and line.fact.location in {place.location, None}
        and getattr(line.fact.data, "account", None) in team.users
    ]


def _told(entry: Entry | None) -> list[Line]:
    return list(lines_of(entry, 0)) if entry is not None else []


def _asked(place: Place, team: Team, at: AsOf, kinds: list[int]) -> dict[str, object]:
    return {
        "abouts": [keys.account_key(account) ^ keys.MASKS[kind] for account in team.users for kind in kinds],
        "locations": [
            keys.location_key(where) ^ keys.MASKS[kind] for where in (place.location, None) for kind in kinds
        ],
        "on": at.on,
        "known": at.known,
        "end": keys.place_of(place.position + 1),
    }
