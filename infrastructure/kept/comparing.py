"""What is kept against a fresh fold of the facts: the rows of locations, and the lists of the log."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from random import Random
from struct import unpack_from

from psycopg import ClientCursor

from domain.catalogue import Catalogue
from infrastructure.kept import log_keys
from infrastructure.kept.form import made_in, made_with
from infrastructure.kept.log_lines import LogKeeper
from infrastructure.kept.projector import read_range
from infrastructure.kept.rows import Clerk, Rows
from infrastructure.kept.teams import Teams
from infrastructure.postgres.statements import statements
from infrastructure.store import Store
from infrastructure.store.connections import LedgerConnection
from projections.weights import Scales
from projections.written_parts import Slugs

_SQL = statements("kept_write")
TABLES = ("locations", "lines", "strands", "awaited", "parts", "sayings")
RANGE = 5_000
"""Positions whose lines in the log are looked at together."""

_HEAD = 19
"""Bytes before the first row of a binary COPY."""

_FIRST_COLUMN = 6
"""Bytes before the first value of a row."""

Progress = Callable[[int, int], None]


def compare(
    store: Store,
    catalogues: Mapping[int, Catalogue],
    *,
    sample: int | None,
    progress: Progress = lambda _done, _total: None,
) -> list[str]:
    """What differs, as sentences: in so many locations and stretches of the log drawn by lot, or in all (None).

    Whoever brings the tables forward may go on meanwhile: everything is looked at as it was at one moment.
    """
    teams = Teams(Clerk(Slugs.of(catalogues), Scales(catalogues), store.connections.boundary))
    with store.connections.take(own=True) as reader:
        reader.execute(_SQL["settings"])
        reader.execute(_SQL["path_kept"])
        with reader.transaction():
            reader.execute(_SQL["one_moment"])
            position, made = reader.execute(_SQL["state"]).fetchone() or (0, "")
            if made != made_in(made_with(catalogues), store.connections.boundary.epoch()):
                if made.partition(" ")[0] == made_with(catalogues):
                    return []  # somebody was erased since: nothing is answered from it until it is kept again
                return [] if position == 0 else ["The kept projections are of another version; they are not used."]
            locations = [location for (location,) in reader.execute(_SQL["kept_locations"])]
            ranges = list(range(0, position, RANGE))
            if sample is not None:
                lot = Random(position)  # noqa: S311 - which rows are looked at is no secret
                locations = lot.sample(locations, min(sample, len(locations)))
                ranges = lot.sample(ranges, min(sample, len(ranges)))
            found: list[str] = []
            for done, location in enumerate(locations):
                progress(done, len(locations) + len(ranges))
                found += differing(reader, teams, location, position)
            for done, after in enumerate(ranges, start=len(locations)):
                progress(done, len(locations) + len(ranges))
                found += differing_lines(reader, after, min(position, after + RANGE))
            return found


def differing(reader: LedgerConnection, teams: Teams, location: str, position: int) -> list[str]:
    """The tables whose rows of a location are not those of a fresh fold up to a position, each as a sentence."""
    folded = Rows()
    for some in teams.whole(reader, location, position):
        folded.join(some)
    found = []
    for table in TABLES:
        kept, fresh = Counter(_written(reader, table, location)), Counter(folded.added.get(table, ()))
        surplus, missing = (kept - fresh).total(), (fresh - kept).total()
        if surplus or missing:
            found.append(f"{table} of {location}: {surplus} kept rows that a fold does not give, {missing} missing.")
    return found


def _written(reader: LedgerConnection, table: str, location: str) -> list[str]:
    with ClientCursor(reader) as cursor, cursor.copy(_SQL[f"written_{table}"], {"location": location}) as copy:
        return b"".join(bytes(part) for part in copy).decode().split("\n")[:-1]


def differing_lines(reader: LedgerConnection, after: int, upto: int) -> list[str]:
    """Whether the lists of the log have the lines of some positions, and no others; if not, a sentence."""
    prepared = LogKeeper().prepare(reader, read_range(reader, after, upto, whole=True).lines)
    asked = {
        "kinds": list(log_keys.kinds_of(log_keys.KINDS)),
        "first": log_keys.place_of(after + 1),
        "end": log_keys.place_of(upto + 1),
    }
    with ClientCursor(reader) as cursor, cursor.copy(_SQL["written_log_lines"], asked) as copy:
        kept = Counter(_records(b"".join(bytes(part) for part in copy)))
    fresh = Counter(prepared.rows)
    surplus, missing = kept - fresh, (fresh - kept).total()
    if surplus:
        surplus -= _of_retired(reader, surplus)
    if not surplus and not missing:
        return []
    said = f"{surplus.total()} kept lines that the facts do not give, {missing} missing"
    return [f"log, positions {after + 1} to {upto}: {said}."]


def _of_retired(reader: LedgerConnection, lines: Counter[bytes]) -> Counter[bytes]:
    """Those of some lines that are about entries which no question reads any more: they go when there is time."""
    places = {line: log_keys.position_of(unpack_from(">q", line, _FIRST_COLUMN)[0]) for line in lines}
    asked = {"positions": sorted(set(places.values()))}
    gone = {position for (position,) in reader.execute(_SQL["unread_positions"], asked)}
    return Counter({line: lines[line] for line, position in places.items() if position in gone})


def _records(content: bytes) -> Iterator[bytes]:
    """The rows of a binary COPY, each as it is written."""
    place = _HEAD
    while True:
        start = place
        (columns,) = unpack_from(">h", content, place)
        if columns < 0:
            return
        place += 2
        for _ in range(columns):
            (length,) = unpack_from(">i", content, place)
            place += 4 + max(length, 0)
        yield content[start:place]
