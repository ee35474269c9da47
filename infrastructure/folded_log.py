"""The log and the history by a fold over everything that was said: what every kept answer has to be equal to."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from domain.catalogue import Catalogue
from domain.entries import Entry, Quarantined
from domain.facts import OBSERVATIONS
from domain.instants import write_instant
from domain.ledger import Ledger
from infrastructure.basis import Answer, resolve, zone_of
from infrastructure.kept.asked import Asked
from infrastructure.mapper import read_rows
from infrastructure.store import Store
from projections.history import history
from projections.paging import paged, position_of
from projections.security_log import security_log

_Read = tuple[Sequence[Entry], Sequence[Quarantined]]


class FoldedLog:
    """Reads whole locations. None stands for one that nothing is known of."""

    def __init__(
        self, store: Store, catalogues: Mapping[int, Catalogue], locations: Callable[[], Iterable[str]]
    ) -> None:
        """`locations` lists all that were opened, in order."""
        self._store = store
        self._catalogues = catalogues
        self._locations = locations

    def answer(self, asked: Asked) -> Answer | None:
        """Rows of one location, or of all with what belongs to none, in ledger order."""
        tell = security_log if asked.observed else history
        rows: list[Answer] = []
        at: Answer = {}
        unread: list[Answer] = []
        for place in [asked.location] if asked.location is not None else [*self._locations(), None]:
            entries, quarantined = self._placeless(asked) if place is None else self._of_place(place, asked)
            if place is not None and not entries and not quarantined:
                return None
            ledger = Ledger(entries, self._catalogues)
            zone = zone_of(ledger)
            until = resolve(asked.on, asked.now, zone) if asked.on is not None else None
            then = resolve(asked.known, asked.now, zone)
            rows += tell(ledger.record(then, until), asked.wanted, zone)
            unread += [
                {"position": row.position, "id": row.fact_id, "type": row.type, "reason": row.reason}
                for row in quarantined
            ]
            if place == asked.location:
                at = {"on": write_instant(until) if until is not None else None, "known": write_instant(then)}
        rows.sort(key=position_of)
        return _laid_out(asked, at, rows, unread)

    def _of_place(self, place: str, asked: Asked) -> _Read:
        streams = [f"location:{place}", *([f"observations:{place}"] if asked.observed else [])]
        return read_rows(self._store.read_streams(streams, asked.position))

    def _placeless(self, asked: Asked) -> _Read:
        """What belongs to no location: terms, accounts, observations without a place."""
        entries, unread = read_rows(self._store.read_placeless(asked.position))
        if not asked.observed:
            entries = [entry for entry in entries if entry.fact.type not in OBSERVATIONS]
        return entries, unread


def _laid_out(asked: Asked, at: Answer, rows: list[Answer], unread: list[Answer]) -> Answer:
    earlier: Answer = {}
    if asked.page is not None:
        rows, before = paged(rows, asked.page)
        earlier = {"earlier": before}
    name = "log" if asked.observed else "changes"
    basis = {"location": asked.location, **at, "position": asked.position}
    return {**basis, name: rows, "quarantined": unread, **earlier}
