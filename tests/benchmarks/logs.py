"""The security log: what was done from a device, pages under three filters, the hundredth page beside the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from domain.facts import OBSERVATIONS
from infrastructure.books import Books
from infrastructure.wiring import application
from projections.filters import Filter
from projections.paging import Page
from tests.benchmarks.busy_hours import END, START
from tests.benchmarks.company import COMPANIES, Company, plans
from tests.benchmarks.databases import sealed_store
from tests.benchmarks.measuring import Calls, Line, in_turns, single
from tests.benchmarks.scale import Scale

PAGE = 50
_REACH = "p95 at most 50 ms"
_OFTEN = ("SignedIn", "RecordEdited", "RightsEdited", "SignedOut")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for."""

    location: str | None
    wanted: Filter
    on: datetime | None = None
    known: datetime | None = None
    history: bool = False


def logs(_server: str, scale: Scale, runs: int) -> list[Line]:
    """For each company: by device, three kinds of three filters, what is hardest to find, and a page far back."""
    found: list[Line] = []
    count = max(runs, scale.points // 5)
    for name, database in scale.ledgers.items():
        company = COMPANIES[name]
        facts = f"{company.facts:,} facts"
        with sealed_store(database) as store:
            books = application(store).books()
            for title, asked in _questions(company, count).items():
                found.append(_measured(books, f"{title}, {facts}", asked))
            found.append(_far_back(books, scale.pages, runs, facts))
    return found


def _questions(company: Company, count: int) -> dict[str, list[Asked]]:
    """By its name, every kind of question as often as wanted, each about somebody else."""
    lot = Random(f"log {company.seed}")
    asked: dict[str, list[Asked]] = {
        "who changed what from this device": [],
        "log, location + actor + type": [],
        "log, device + type + time": [],
        "log, account + type + location": [],
        "history of a device": [],
        "log, what support did in one location": [],
        "log of a location, both times given": [],
        "log of a big location, both times given": [],
    }
    places = plans(company)
    for number in range(count):
        plan = lot.choice(places)
        person = f"acc-{plan.name}-{lot.randrange(plan.people)}"
        actor = f"acc-{plan.chain}-owner" if number % 3 == 0 else person
        device = f"dev-{actor}-0"
        since = datetime.fromtimestamp(lot.randrange(START, END), UTC)
        types = frozenset({lot.choice(_OFTEN)})
        within = Filter(device=device, types=types, since=since, until=since + timedelta(days=lot.choice((1, 30, 365))))
        for kind, one in zip(
            asked,
            (
                Asked(None, Filter(device=device)),
                Asked(plan.name, Filter(actor=actor, types=types)),
                Asked(None, within),
                Asked(plan.name, Filter(account=person, types=types)),
                Asked(None, Filter(device=device), history=True),
                Asked(plan.name, Filter(actor=f"sup-{number % 12}")),
                Asked(plan.name, Filter(), since, since + timedelta(days=30)),
                Asked(f"big-{number % company.big}", Filter(), since, since + timedelta(days=30)),
            ),
            strict=True,
        ):
            asked[kind].append(one)
    return asked


def _measured(books: Books, title: str, asked: Sequence[Asked]) -> Calls:
    """The first page of each."""
    page(books, asked[0])
    return Calls(title, "", _REACH, [single(partial(page, books, one)) for one in asked], per_cent=95)


def _far_back(books: Books, pages: int, runs: int, facts: str) -> Calls:
    """A page far back, in turns with the first one of the same question."""
    asked = Asked("big-0", Filter(types=frozenset(OBSERVATIONS), since=datetime.fromtimestamp(START, UTC)))
    before: int | None = None
    for _ in range(pages - 1):
        rows = page(books, asked, before)
        assert len(rows) == PAGE, "too few rows for that many pages"
        before = min(row["position"] for row in rows)
    far, first = partial(page, books, asked, before), partial(page, books, asked)
    pairs: list[tuple[Callable[[], object], Callable[[], object]]] = [(far, first)] * max(runs, 20)
    own, other = in_turns(pairs)
    reach = "as fast as the first"
    return Calls(f"log, page {pages} of {PAGE} rows, {facts}", "page 1", reach, own, other, per_cent=95)


def page(books: Books, asked: Asked, before: int | None = None) -> list[dict[str, Any]]:
    """One page of the log, or of the history: the newest rows before a position."""
    tell = books.history if asked.history else books.log
    answer = tell(asked.location, asked.wanted, asked.on, asked.known, page=Page(PAGE, before))
    rows: list[dict[str, Any]] = answer["changes" if asked.history else "log"]
    return rows
