"""All locations of a company at a date, and all of them under another generation of terms, as one question."""

from functools import partial

from infrastructure.wiring import application
from tests.benchmarks.company import COMPANIES
from tests.benchmarks.databases import sealed_store
from tests.benchmarks.measuring import Calls, Line, single
from tests.benchmarks.points import dates
from tests.benchmarks.scale import Scale


def fleet(_server: str, scale: Scale, runs: int) -> list[Line]:
    """For each company: billable counts at random dates as known later, and the same under one set of terms."""
    found: list[Line] = []
    count = max(runs, min(scale.points, 30))
    for name, database in scale.ledgers.items():
        company = COMPANIES[name]
        title = f"billable counts of {company.locations:,} locations at a date, {company.facts:,} facts"
        with sealed_store(database) as store:
            books = application(store).books()
            times = list(zip(dates(count), [*dates(count // 2, 2), *[None] * (count - count // 2)], strict=True))
            asked = [single(partial(books.fleet, on, known)) for on, known in times]
            found.append(Calls(title, "", "at most 2 s, at any date", asked))
            asked = [single(partial(books.fleet, on, known, terms="access_rights")) for on, known in times]
            found.append(Calls(f"{title}, all under one generation of terms", "", "at most 2 s", asked))
    return found
