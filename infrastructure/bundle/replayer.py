"""Folds the facts of a bundle and prints the seats of a day; runs inside a bundle, by Python and pydantic alone.

It checks nothing: that the facts are those that were signed, `accessledger check` says, or the kit.
"""

import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

from domain import canonical, facts
from domain.catalogue import Catalogue, read_catalogue
from domain.entries import Entry, from_bytes
from domain.evidence.leaves import read_fact_leaf
from domain.instants import end_of_day, read_date, read_instant, read_time_zone
from domain.ledger import AsOf, Ledger
from domain.seating import Seating
from infrastructure.bundle.sealed import opened_at, personal_in, read_opened
from projections.seats import seats

_USAGE = "Usage: python replayer.pyz BUNDLE.zip DATE [KNOWN]   (KNOWN is an instant; the end of the day if left out)"
_OBSERVATIONS = facts.OBSERVATIONS


def main(arguments: list[str]) -> int:
    """Print the answer to `seats` at the end of a day, as known at an instant; 2 for a wrong usage."""
    try:
        path, day, *known = arguments
        found, at = read_date(day), read_instant(known[0]) if known else None
    except ValueError:
        sys.stderr.write(f"{_USAGE}\n")
        return 2
    with zipfile.ZipFile(path) as bundle:
        entries = sorted((*_entries(bundle, ""), *_entries(bundle, "terms/")), key=lambda entry: entry.position or 0)
        ledger = Ledger(entries, dict(_catalogues(bundle)))
    answer = seats(Seating(ledger.as_of(_point(ledger, found, at))))
    sys.stdout.buffer.write(canonical.write(answer) + b"\n")
    return 0


def _point(ledger: Ledger, day: date, known: datetime | None) -> AsOf:
    opened = [line.fact.data for line in ledger.lines if isinstance(line.fact.data, facts.LocationOpened)]
    on = end_of_day(day, read_time_zone(opened[-1].time_zone if opened else "UTC"))
    return AsOf(on, on if known is None else known)


def _entries(bundle: zipfile.ZipFile, folder: str) -> Iterator[Entry]:
    opened = opened_at(read_opened(bundle.read("opened.json")))
    lines = (bundle.read(f"{folder}{name}").split(b"\n")[:-1] for name in ("leaves", "bodies", "personal"))
    for leaf, body, sealed in zip(*lines, strict=True):
        position = read_fact_leaf(leaf).position
        if body:
            entry = from_bytes(body, personal_in(sealed, opened.get(position, {})), position)
            if entry.fact.type not in _OBSERVATIONS:
                yield entry


def _catalogues(bundle: zipfile.ZipFile) -> Iterator[tuple[int, Catalogue]]:
    for name in bundle.namelist():
        if name.startswith("catalogue/rights_v"):
            version = int(name.removeprefix("catalogue/rights_v").removesuffix(".csv"))
            yield version, read_catalogue(version, bundle.read(name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
