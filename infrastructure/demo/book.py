"""The book that the teller writes: every fact so far, and what the rules read out of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from domain.catalogue import Catalogue
from domain.entries import Entry, Stamp
from domain.evolution import team_of
from domain.facts import OBSERVATIONS, Fact, TwoStepDisabled, TwoStepEnabled
from domain.ledger import AsOf, Ledger
from domain.seating import Seating
from domain.team import Team
from infrastructure.catalogues import shipped_catalogues

SOURCE = "lumen-booking"
_FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)


class Book:
    """Facts in the order in which they were recorded; a fact's position is its place in that order."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.by_id: dict[str, Fact] = {}
        self.catalogues: Mapping[int, Catalogue] = shipped_catalogues()
        self._entries: dict[str | None, list[Entry]] = defaultdict(list)
        self._channels: dict[str, list[str]] = defaultdict(list)
        self._teams: dict[str, tuple[int, datetime, Team]] = {}

    def write(self, fact: Fact) -> Fact:
        """One more fact, as the booking application kept it."""
        fact = replace(fact, source=SOURCE)
        self.facts.append(fact)
        self.by_id[fact.id] = fact
        if fact.type in OBSERVATIONS:
            return fact
        data = fact.data
        stream = fact.location
        if isinstance(data, TwoStepEnabled | TwoStepDisabled):
            stream = _account(data.account)
            using = self._channels[data.account]
            if isinstance(data, TwoStepEnabled):
                using.append(data.channel)
            else:
                using.remove(data.channel)
        self._entries[stream].append(Entry(fact, Stamp(), len(self.facts)))
        return fact

    def ledger(self, location: str | None) -> Ledger:
        """What decides in a location: its facts and those of the terms."""
        entries = [*self._entries[None], *(self._entries[location] if location is not None else ())]
        return Ledger(sorted(entries, key=lambda entry: entry.position or 0), self.catalogues)

    def ledger_of_account(self, account: str) -> Ledger:
        """What decides how an account signs in."""
        return Ledger(self._entries[_account(account)], self.catalogues)

    def channel(self, account: str) -> str | None:
        """The channel of the second step at sign-in, if there is one."""
        using = self._channels[account]
        return using[-1] if using else None

    def billable(self, location: str, at: datetime) -> int:
        """How many seats the rules find billable at an instant, as known then."""
        seats = Seating(self.ledger(location).as_of(AsOf(at, at))).seats
        return sum(seat.verdict.billable for seat in seats)

    def team(self, location: str, at: datetime) -> Team:
        """The location now, folded again only when something was said or took effect."""
        entries = self._entries[location]
        known = self._teams.get(location)
        if known is not None and known[0] == len(entries) and at < known[1]:
            return known[2]
        team = team_of(line.fact for line in self.ledger(location).as_of(AsOf(at, at)).lines)
        waiting = (entry.fact.effective_at for entry in entries if entry.fact.effective_at > at)
        self._teams[location] = (len(entries), min(waiting, default=_FOR_EVER), team)
        return team


def _account(account: str) -> str:
    return f"account:{account}"
