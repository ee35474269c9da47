"""Pages of the kept log and history are those of the fold, to the byte, on random ledgers."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

import psycopg
import pytest

from domain import canonical
from domain.instants import RESOLUTION
from infrastructure.basis import Moment
from infrastructure.books import Books, NotFoundError
from infrastructure.catalogues import shipped_catalogues
from infrastructure.kept import about, history, kept_names, lists, log_keys, log_lines, naming
from infrastructure.kept.asked import Asked
from infrastructure.kept.kept import Kept
from infrastructure.kept.log_answers import KeptLog
from infrastructure.kept.surroundings import Tangled
from infrastructure.store import Store
from projections.filters import EVERYTHING, Filter
from projections.paging import Page, paged
from tests.cast import Json, fact
from tests.infrastructure.kept.log_tables import NOW, bring, keep, make_beside
from tests.infrastructure.kept.telling import keep as keep_everything
from tests.infrastructure.walls.unguarded import unguard
from tests.naive.ledgers import PEOPLE, ledger, shuffled_by_location
from tests.naive.reading import instant

CATALOGUES = shipped_catalogues()
DAWN = "2026-01-05T09:00:00Z"
SEEDS = range(6)
QUESTIONS = 30


def folded(store: Store, asked: Asked) -> dict[str, Any] | None:
    """The whole answer as the books fold it."""
    books = Books(store, CATALOGUES, position=asked.position, now=asked.now)
    ask = books.log if asked.observed else books.history
    try:
        return ask(asked.location, asked.wanted, asked.on, asked.known)
    except NotFoundError:
        return None


def kept(store: Store, asked: Asked) -> dict[str, Any] | None:
    return KeptLog(store, CATALOGUES).answer(asked)


def questions(seed: int, facts: list[dict[str, Any]], last: int) -> Iterator[Asked]:
    """Random questions, most of them with a few filters, about facts that are there."""
    lot = random.Random(seed)
    moments = sorted({instant(fact["recorded_at"]) for fact in facts})
    types = sorted({fact["type"] for fact in facts})

    def moment() -> Moment:
        found = lot.choice(moments) + lot.choice((timedelta(0), -RESOLUTION, timedelta(days=3)))
        return found.date() if lot.random() < 0.3 else found

    def maybe(chance: float, value: Any) -> Any:
        return value if lot.random() < chance else None

    for number in range(QUESTIONS):
        person = lot.choice(PEOPLE)
        account = f"acc-{lot.choice(PEOPLE)}"
        actor = lot.choice((account, "acc-olga", "key-support", "terms"))
        wanted = Filter(
            member=maybe(0.2, person),
            account=maybe(0.2, account),
            actor=maybe(0.25, actor),
            device=maybe(0.2, f"dev-{account}"),
            types=maybe(0.3, frozenset(lot.sample(types, min(len(types), lot.choice((1, 3, 8)))))),
            since=maybe(0.15, lot.choice(moments)),
            until=maybe(0.15, lot.choice(moments)),
        )
        yield Asked(
            location=lot.choice(("L1", "L1", "L2", "L3", None, None)),
            wanted=wanted if number else EVERYTHING,
            position=lot.choice((last, last, lot.randint(0, last))),
            now=NOW,
            on=maybe(0.3, moment()),
            known=maybe(0.3, moment()),
            observed=lot.random() < 0.5,
        )


def differences(store: Store, asked: Asked, limit: int) -> str | None:
    """What is wrong with the answers to a question: the whole, and all pages of it; None when nothing is."""
    expected, found = folded(store, asked), kept(store, asked)
    if expected is None or found is None:
        return None if expected is found else f"{asked}: one of them knows the location"
    if canonical.write(expected) != canonical.write(found):
        return f"{asked}: the whole differs"
    name = "log" if asked.observed else "changes"
    before: int | None = None
    pages: list[dict[str, Any]] = []
    while True:
        page = Page(limit, before)
        answer = kept(store, replace(asked, page=page))
        assert answer is not None
        rows, earlier = paged(expected[name], page)
        if canonical.write(answer) != canonical.write({**expected, name: rows, "earlier": earlier}):
            return f"{asked}: {page} differs"
        pages = [*rows, *pages]
        if earlier is None:
            break
        before = earlier
    return None if pages == expected[name] else f"{asked}: the pages are not the whole"


@pytest.mark.parametrize("seed", SEEDS)
def test_kept_and_folded_are_the_same_bytes(seed: int, database: str, store: Store) -> None:
    facts = ledger(seed, 140)
    bring(store, facts)
    if seed % 2:
        last = keep(database, store, seed=seed)
    else:
        last = store.last_position()
        keep_everything(store, last, random.Random(seed))
    wrong = [differences(store, asked, 1 + number % 7) for number, asked in enumerate(questions(seed, facts, last))]
    assert not [each for each in wrong if each is not None]


def test_tables_made_in_parts_answer_alike(database: str, store: Store) -> None:
    facts = ledger(11, 140)
    bring(store, facts)
    make_beside(database, store, 5)
    asked = questions(11, facts, store.last_position())
    wrong = [differences(store, each, 5) for each in islice(asked, 20)]
    assert not [each for each in wrong if each is not None]


def scattered() -> list[Json]:
    """Changes whose lines lie far from each other, and among those of others."""
    opened = [fact("LocationOpened", at=DAWN, location=place, name=place, time_zone="UTC") for place in ("L1", "L2")]
    channels = ("totp", "email", "push", "passkey")
    apart = [
        fact(
            "TwoStepEnabled", at=DAWN, actor="acc-olga", change="all at once", account=f"acc-{number}", channel=channel
        )
        for number, channel in enumerate(channels)
    ]
    between = [
        fact("AddedToSchedule", at=DAWN, actor=f"acc-{number % 3}", location="L1", member=f"m{number}", change="one")
        for number in range(60)
    ]
    return [*opened, apart[0], *between[:20], apart[1], *between[20:40], apart[2], *between[40:], apart[3]]


@pytest.mark.parametrize("made", ["brought forward", "made beside"])
def test_a_change_that_is_scattered_is_found_on_every_page(
    made: str, database: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (log_lines, history):
        monkeypatch.setattr(module, "FAR_APART", log_keys.place_of(8))
    facts = scattered()
    bring(store, facts)
    if made == "brought forward":
        keep(database, store)
    else:
        make_beside(database, store, 4)
    for place in (None, "L1"):
        for wanted in (EVERYTHING, Filter(account="acc-3"), Filter(account="acc-0"), Filter(actor="acc-1")):
            asked = Asked(place, wanted, store.last_position(), NOW, observed=False)
            assert differences(store, asked, 2) is None


def test_rows_that_cannot_be_read_are_told(database: str, store: Store) -> None:
    facts = ledger(5, 120)
    bring(store, facts)
    unguard(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE ledger.entries SET body = '' WHERE id % 9 = 0")
    last = keep(database, store)
    for place in ("L1", "L2", None):
        for observed in (True, False):
            asked = Asked(place, EVERYTHING, last, NOW, observed=observed)
            assert differences(store, asked, 20) is None
            answer = kept(store, asked)
            assert answer is not None
            assert answer["quarantined"]


def test_facts_that_undo_each_other_are_left_to_a_fold(database: str, store: Store) -> None:
    one, other = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
    opened = fact("LocationOpened", at=DAWN, name="L1", time_zone="UTC")
    void = fact("Correction", at=DAWN, id=one, kind="void", corrects=opened["id"])
    late = fact("AddedToSchedule", at=DAWN, member="m", id=other)
    again = fact("Correction", at=DAWN, kind="replace", corrects=one, fact={**late, "caused_by": one})
    bring(store, [opened, void, again, fact("Correction", at=DAWN, kind="void", corrects=again["id"], caused_by=late)])
    last = keep(database, store)
    with pytest.raises(Tangled):
        kept(store, Asked("L1", EVERYTHING, last, NOW))


def test_the_books_look_pages_up_and_fold_where_nothing_is_kept(database: str, store: Store) -> None:
    facts = ledger(4, 100)
    bring(store, facts)
    half = store.last_position() // 2
    with_kept = Kept(store, CATALOGUES)
    keep_everything(store, half, random.Random(4))
    for position in (half, store.last_position()):
        folded_books = Books(store, CATALOGUES, position=position, now=NOW)
        quick = Books(store, CATALOGUES, position=position, now=NOW, kept=with_kept)
        for page in (Page(4), Page(3, half - 5), None):
            for wanted in (EVERYTHING, Filter(actor="acc-olga")):
                for name in ("log", "history"):
                    expected = getattr(folded_books, name)("L1", wanted, page=page)
                    assert canonical.write(getattr(quick, name)("L1", wanted, page=page)) == canonical.write(expected)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("TRUNCATE kept.log_lines")
    assert Books(store, CATALOGUES, position=half, now=NOW, kept=with_kept).log("L1", EVERYTHING)["log"]
    with pytest.raises(NotFoundError):
        Books(store, CATALOGUES, position=half, now=NOW, kept=with_kept).log("L1", EVERYTHING, page=Page(4))


# --- Tooth tests: a build known to be broken is found out ---


def forget_what_is_corrected(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(log_lines, "told_about", lambda line, _: about.told_about(line, None))


def forget_what_undoes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(log_lines.Prepared, "undoing", property(lambda _: [], lambda *_: None), raising=False)


def forget_who_is_behind(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(log_lines, "actors_of", lambda actor: [actor.id])


def take_every_fact_for_timely(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(log_lines, "_kind", lambda told, _: log_keys.KINDS[told.type])


def forget_times(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(log_lines, "_spans", lambda _: [])


def read_old_names(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(naming, "_settled", lambda *_: True)
    patch.setattr(naming, "_NEWEST", 1)


@pytest.mark.parametrize(
    "break_it",
    [
        forget_what_is_corrected,
        forget_what_undoes,
        forget_who_is_behind,
        take_every_fact_for_timely,
        forget_times,
        read_old_names,
    ],
)
def test_a_broken_build_is_found_out(
    break_it: Callable[[pytest.MonkeyPatch], None], database: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(monkeypatch)
    facts = ledger(2, 140)
    bring(store, facts)
    last = keep(database, store)
    asked_for = (asked for seed in range(2, 9) for asked in questions(seed, facts, last))
    assert any(differences(store, asked, 5) for asked in asked_for)


def call_everybody_as_known_later(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kept_names, "_told_later", lambda *_: set())


def look_into_one_stretch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lists, "_together", lambda stretches: list(stretches[:1]))


@pytest.mark.parametrize("break_it", [call_everybody_as_known_later, look_into_one_stretch])
def test_a_broken_build_is_found_out_where_everything_is_kept(
    break_it: Callable[[pytest.MonkeyPatch], None], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (log_lines, lists):
        monkeypatch.setattr(module, "BLOCK_BITS", 3)
    facts = shuffled_by_location(ledger(2, 140), 2)
    bring(store, facts)
    last = store.last_position()
    keep_everything(store, last, random.Random(2))
    asked_for = [asked for seed in range(2, 12) for asked in questions(seed, facts, last)]
    timed = [asked for asked in asked_for if asked.on or asked.known or asked.wanted.since or asked.wanted.until]
    assert not any(differences(store, asked, 9) for asked in timed[:20])
    break_it(monkeypatch)
    assert any(differences(store, asked, 9) for asked in timed)
