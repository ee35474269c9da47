"""The rows of a company's lines: made by the product itself, as an import makes them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from domain.entries import Entry, Imported, Stamp, stream_of
from domain.facts import read_fact
from infrastructure.devices import device_name
from infrastructure.mapper import new_row
from infrastructure.store import NewRow
from tests.benchmarks.people import Json

IMPORTED = Imported(at=datetime(2026, 1, 2, tzinfo=UTC), by="benchmark")
"""Always the same, so that the same company is the same rows."""


def new_rows(lines: Iterable[Json]) -> Iterator[NewRow]:
    """The rows in the same order, with the next version of its stream for each that decides a state."""
    versions: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        fact = read_fact(line)
        agent = fact.device.user_agent if fact.device is not None else None
        stamp = Stamp(imported=IMPORTED, device_name=device_name(agent) if agent else None)
        stream = stream_of(fact)
        row = new_row(Entry(fact, stamp), versions[stream] + 1)
        if row.version is not None:
            versions[stream] = row.version
        yield row
