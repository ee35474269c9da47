"""Answers about the log and the history from what is kept, the same bytes as a fold's."""

from collections.abc import Mapping, Sequence

from domain.catalogue import Catalogue
from domain.instants import write_instant
from domain.ledger import Line, Record
from infrastructure.basis import Answer
from infrastructure.kept import log_keys as keys
from infrastructure.kept.asked import Asked
from infrastructure.kept.history import changes_of_page
from infrastructure.kept.log import lines_of_page
from infrastructure.kept.reading import PageReading
from infrastructure.kept.standpoints import Standpoints
from infrastructure.kept.telling import Telling
from infrastructure.kept.unread import unread_rows
from infrastructure.store import Store
from projections import history, security_log
from projections.origins import Row
from projections.paging import position_of
from projections.sentences import Sentences


class KeptLog:
    """Answers for positions up to which everything is kept.

    None stands for a location of which nothing is known. Tangled is raised where only a fold can tell.
    """

    def __init__(self, store: Store, catalogues: Mapping[int, Catalogue]) -> None:
        self._store = store
        self._catalogues = catalogues

    def answer(self, asked: Asked) -> Answer | None:
        """The log, or the history where observations do not go in."""
        return self._log(asked) if asked.observed else self._history(asked)

    def lines(self, asked: Asked) -> list[Line]:
        """The lines of a page of the log, newest first, without a word about them."""
        reading = PageReading(self._store, asked.position)
        return lines_of_page(reading, asked, Standpoints(reading, asked))[0]

    def _log(self, asked: Asked) -> Answer | None:
        """The rows of the security log that are asked for."""
        reading = PageReading(self._store, asked.position)
        stands = Standpoints(reading, asked)
        lines, earlier = lines_of_page(reading, asked, stands)
        rows = Telling(reading, stands, self._catalogues).rows(lines, security_log.rows_of)
        return _answer(reading, asked, stands, {"log": sorted(rows, key=position_of)}, earlier)

    def _history(self, asked: Asked) -> Answer | None:
        """The rows of the history that are asked for."""
        reading = PageReading(self._store, asked.position)
        stands = Standpoints(reading, asked)
        changes, earlier = changes_of_page(reading, asked, stands)
        lines = [line for change in changes for line in change]
        rows = Telling(reading, stands, self._catalogues).rows(lines, _rows_of_changes)
        return _answer(reading, asked, stands, {"changes": sorted(rows, key=position_of)}, earlier)


def _rows_of_changes(lines: Sequence[Line], record: Record, sentences: Sentences) -> list[Row]:
    changes: dict[history.Change, list[Line]] = {}
    for line in lines:
        changes.setdefault(history.change_of(line), []).append(line)
    return history.rows_of(changes.values(), record, sentences)


def _answer(
    reading: PageReading, asked: Asked, stands: Standpoints, rows: Mapping[str, list[Row]], earlier: int | None
) -> Answer | None:
    unread = unread_rows(reading, asked, stands)
    stands.learn([asked.location])
    if asked.location is not None and not (rows["log" if asked.observed else "changes"] or unread):
        types = keys.KINDS if asked.observed else keys.DECIDING
        listed = [keys.location_key(asked.location) ^ keys.MASKS[kind] for kind in keys.kinds_of(types)]
        if not reading.rows("any_line", {"keys": listed, "end": keys.place_of(asked.position + 1)})[0][0]:
            return None
    stand = stands[asked.location]
    answer: Answer = {
        "location": asked.location,
        "on": write_instant(stand.on) if stand.on is not None else None,
        "known": write_instant(stand.known),
        "position": asked.position,
        **rows,
        "quarantined": unread,
    }
    return answer if asked.page is None else {**answer, "earlier": earlier}
