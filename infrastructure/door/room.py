"""The reading room: the books as a caller may read them; every look at a log, and every refusal, is itself a fact."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from domain.facts.billing import TermsName
from domain.ledger import Line
from infrastructure.basis import Answer, Moment
from infrastructure.books import Books, NotFoundError, NotSettledError
from infrastructure.door.asking import Asking
from infrastructure.door.caller import Caller
from infrastructure.door.links import CREDENTIAL as LINK
from infrastructure.door.permissions import ForbiddenError, Sight, Topic, sees_seats, sight
from infrastructure.kept.asked import Asked
from infrastructure.kept.log_answers import KeptLog
from infrastructure.kept.steps import Direction, step
from infrastructure.kept.surroundings import Tangled
from infrastructure.replaying import replay
from infrastructure.wiring import Application
from projections.filters import Filter
from projections.fleet import totals
from projections.paging import Page

PATIENCE = 5.0
"""Seconds that a question waits for a position it asks for."""

_LOOK_AGAIN = 0.02


class Notes(Protocol):
    """Where looks and refused attempts are written down."""

    def viewed(self, caller: Caller, location: str | None, wanted: dict[str, str]) -> None:
        """Somebody reads the log."""

    def refused(self, caller: Caller, location: str | None, question: str, error: ForbiddenError) -> None:
        """Somebody asked for what is not theirs to see."""


class ReadingRoom:
    """Every question of the books, for a caller. NotFoundError for what the caller may not know of, too."""

    def __init__(self, ledger: Application, notes: Notes) -> None:
        self._ledger = ledger
        self._notes = notes
        self._shown: dict[str, tuple[str, str]] = {}

    def seats(self, caller: Caller, location: str, asking: Asking) -> Answer:
        """Who was a billable seat (answers.md, `seats`)."""
        return self._seen(caller, location, asking, Topic.SEATS).seats(location, asking.on, asking.known)

    def explanation(self, caller: Caller, location: str, seat: str, asking: Asking) -> Answer:
        """Why a seat is billable or not."""
        return self._seen(caller, location, asking, Topic.SEATS).explanation(location, seat, asking.on, asking.known)

    def difference(
        self, caller: Caller, location: str, one: tuple[Moment, Moment], other: tuple[Moment, Moment], asking: Asking
    ) -> Answer:
        """Two billing lists, and what makes each difference; both times of `asking` are not looked at."""
        return self._seen(caller, location, asking, Topic.SEATS).difference(location, one, other)

    def days(self, caller: Caller, location: str, days: tuple[date, date], asking: Asking) -> Answer:
        """The counts day by day, with what changed them; `on` of the asking is not looked at. ValueError: what days."""
        return replay(self._seen(caller, location, asking, Topic.SEATS), location, *days, asking.known)

    def name(self, location: str) -> str:
        """What a location is called; its id before anybody has asked about it."""
        return self._shown[location][0] if location in self._shown else location

    def zone(self, location: str) -> ZoneInfo:
        """The time zone of a location; UTC before anybody has asked about it."""
        return ZoneInfo(self._shown[location][1]) if location in self._shown else ZoneInfo("UTC")

    def today(self, location: str) -> date:
        """The day that it is in the location now."""
        return self._ledger.clock().astimezone(self._ledger.books().zone(location)).date()

    def step(self, caller: Caller, location: str, asking: Asking, to: Direction) -> datetime | None:
        """The nearest instant before or after the point at which something else held in the location."""
        books = self._seen(caller, location, asking, None)
        at = books.seating(location, asking.on, asking.known).cut.at
        return step(self._ledger.store, location, at, books.position, to)

    def cited(self, caller: Caller, location: str, names: Iterable[str], asking: Asking) -> dict[str, Answer]:
        """Facts that an answer names, whole: by whom, from which device, as a sentence."""
        books = self._seen(caller, location, asking, None)
        cite, wanted = books.citation(location, asking.known), list(dict.fromkeys(names))
        cite.read(wanted)
        return {name: cite.of_id(name) for name in wanted}

    def access(self, caller: Caller, location: str, asking: Asking, *, account: str | None = None) -> Answer:
        """Who held which role, rights and scopes; everybody sees their own."""
        topic = None if account is not None and account == caller.account else Topic.ACCESS
        return self._seen(caller, location, asking, topic).access(location, asking.on, asking.known, account=account)

    def roster(self, caller: Caller, location: str, asking: Asking) -> Answer:
        """Everybody of a location, gone or not."""
        return self._seen(caller, location, asking, Topic.ROSTER).roster(location, asking.on, asking.known)

    def charges(self, caller: Caller, location: str, asking: Asking) -> Answer:
        """What was billed, and the seats it rested on."""
        return self._seen(caller, location, asking, Topic.CHARGES).charges(location, asking.on, asking.known)

    def history(self, caller: Caller, location: str, wanted: Filter, asking: Asking, page: Page | None) -> Answer:
        """Who changed what, from which device, one row a change."""
        books = self._seen(caller, location, asking, Topic.HISTORY)
        answer = books.history(location, wanted, asking.on, asking.known, page=page)
        self._notes.viewed(caller, location, {"question": "history", **wanted.said()})
        return answer

    def log(self, caller: Caller, location: str, wanted: Filter, asking: Asking, page: Page | None) -> Answer:
        """The security log, of the types that the caller may see."""
        books, seen = self._sight(caller, location, asking, Topic.LOG)
        answer = books.log(location, _allowed(wanted, seen), asking.on, asking.known, page=page)
        self._notes.viewed(caller, location, {"question": "log", **wanted.said()})
        return answer

    def log_lines(
        self, caller: Caller, location: str, wanted: Filter, asking: Asking, most: int
    ) -> Sequence[Line] | None:
        """The newest facts of the log that the caller may see, to be counted; None where that takes too long."""
        books, seen = self._sight(caller, location, asking, Topic.LOG)
        ledger, allowed = self._ledger, _allowed(wanted, seen)
        if ledger.kept.position() >= books.position:
            asked = Asked(location, allowed, books.position, ledger.clock(), asking.on, asking.known, Page(most))
            with suppress(Tangled):
                return KeptLog(ledger.store, ledger.catalogues).lines(asked)
        return None

    def chain(self, caller: Caller, chain: str, asking: Asking, *, terms: TermsName | None = None) -> Answer:
        """The counts of the locations of a chain, as it was then, that the caller may see. NotFoundError when none."""
        answer = self.books(asking).fleet(asking.on, asking.known, terms=terms, chain=chain)
        now = self._ledger.books()
        rows = [row for row in answer["locations"] if sees_seats(caller, row["location"], now)]
        if not rows:
            raise NotFoundError(f"There is no chain {chain} in this ledger.")
        return {**answer, "chain": chain, "totals": totals(rows), "locations": rows}

    def books(self, asking: Asking) -> Books:
        """The books that an asking opens. NotSettledError when they do not come that far in time."""
        if asking.at_least is not None:
            self._wait_for(asking.at_least)
        return self._ledger.books(asking.position)

    def sight(self, caller: Caller, location: str) -> Sight:
        """What the caller sees of a location now; NotFoundError when nothing."""
        return sight(caller, location, self._ledger.books())

    def check(self, caller: Caller, location: str, topic: Topic) -> None:
        """ForbiddenError, written down, when the topic is not the caller's to see; NotFoundError when nothing is."""
        try:
            self.sight(caller, location).check(topic)
        except ForbiddenError as error:
            self._notes.refused(caller, location, topic.value, error)
            raise

    def _seen(self, caller: Caller, location: str, asking: Asking, topic: Topic | None) -> Books:
        return self._sight(caller, location, asking, topic)[0]

    def _sight(self, caller: Caller, location: str, asking: Asking, topic: Topic | None) -> tuple[Books, Sight]:
        """The books, after a look at what the caller may see now, whatever moment is asked about."""
        books = self.books(asking)
        present = books if asking.position is None else self._ledger.books()
        seen = sight(caller, location, present)
        self._shown[location] = seen.name, seen.zone
        if topic is not None:
            try:
                seen.check(topic)
            except ForbiddenError as error:
                self._notes.refused(caller, location, topic.value, error)
                raise
            if caller.credential.startswith(LINK) and topic is not Topic.LOG and topic is not Topic.HISTORY:
                # Somebody from outside: each look is noted, not only those at the log.
                self._notes.viewed(caller, location, {"question": topic.value})
        return books, seen

    def _wait_for(self, position: int) -> None:
        end = time.monotonic() + PATIENCE
        last = self._ledger.store.sequence()
        while last < position:
            if time.monotonic() > end:
                raise NotSettledError(
                    f"The ledger is settled up to position {last}, not {position}; ask again in a moment."
                )
            time.sleep(_LOOK_AGAIN)
            last = self._ledger.store.sequence()


def _allowed(wanted: Filter, seen: Sight) -> Filter:
    """A filter, of the types that are in sight."""
    if seen.types is None:
        return wanted
    return replace(wanted, types=seen.types if wanted.types is None else wanted.types & seen.types)
