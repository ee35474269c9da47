"""Kept and folded logs leave out the same, and the same rows have what no list has; on random ledgers."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from infrastructure.kept import history, log, standpoints
from infrastructure.kept.asked import Asked
from infrastructure.store import Store
from projections.filters import Filter, Without
from projections.paging import Page
from tests.infrastructure.kept.log_tables import bring, keep
from tests.infrastructure.kept.test_log_pages import differences, kept, questions
from tests.naive.ledgers import PEOPLE, ledger

RIGHTS = ("records_create_access", "billing_access", "settings_users_access")


def narrower(seed: int, facts: list[dict[str, Any]], last: int) -> Iterator[Asked]:
    """Random questions that leave something out, or ask for what no list has."""
    lot = random.Random(f"left out {seed}")
    types = sorted({fact["type"] for fact in facts})

    def some(*words: str) -> frozenset[str]:
        return frozenset(lot.sample(words, 1 + lot.randrange(len(words)))) if lot.random() < 0.3 else frozenset()

    for asked in questions(seed, facts, last):
        person, other = lot.choice(PEOPLE), lot.choice(PEOPLE)
        without = Without(
            members=some(person, other),
            accounts=some(f"acc-{person}", f"acc-{other}"),
            actors=some("acc-olga", f"acc-{person}"),
            devices=some("dev-acc-olga", f"dev-acc-{person}"),
            types=some(*types),
            rights=some(*RIGHTS),
        )
        wanted = replace(
            asked.wanted,
            outcome=lot.choice((None, None, None, "done", "refused")),
            right=lot.choice((None, None, None, *RIGHTS)),
            without=without,
        )
        yield replace(asked, wanted=wanted)


@pytest.mark.parametrize("seed", range(3))
def test_kept_and_folded_leave_out_the_same(seed: int, database: str, store: Store) -> None:
    facts = ledger(seed, 140)
    bring(store, facts)
    last = keep(database, store, seed=seed)
    asked_for = list(narrower(seed, facts, last))
    wrong = [differences(store, asked, 1 + number % 7) for number, asked in enumerate(asked_for)]
    assert not [each for each in wrong if each is not None]


@pytest.mark.parametrize("observed", [True, False])
def test_a_page_ends_where_enough_was_read_and_nothing_is_lost(
    database: str, store: Store, monkeypatch: pytest.MonkeyPatch, *, observed: bool
) -> None:
    """Pages may then be short or empty; together they are what one page of everything is."""
    bring(store, ledger(4, 140))
    last = keep(database, store)
    wanted = Filter(without=Without(actors=frozenset({"acc-olga"})))
    asked = Asked("L1", wanted, last, store.now(), observed=observed)
    name = "log" if observed else "changes"
    whole = kept(store, asked)
    assert whole is not None
    for module in (log, history):
        monkeypatch.setattr(module, "MOST_LOOKED_AT", 5)
    rows: list[Any] = []
    before: int | None = None
    pages = 0
    while True:
        page = kept(store, replace(asked, page=Page(4, before)))
        assert page is not None
        rows, before, pages = [*page[name], *rows], page["earlier"], pages + 1
        if before is None:
            break
    assert rows == whole[name]
    assert pages > len(rows) / 4


# --- Tooth tests: a build known to be broken is found out ---


def forget_what_is_corrected(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standpoints.Standpoints, "_corrected", lambda *_: {})


def forget_who_is_left_out(patch: pytest.MonkeyPatch) -> None:
    law = Filter.matches
    patch.setattr(
        standpoints.Standpoints,
        "_asks",
        lambda self, line, _: law(replace(self._asked.wanted, without=Without()), line),
    )


@pytest.mark.parametrize("break_it", [forget_what_is_corrected, forget_who_is_left_out])
def test_a_broken_build_is_found_out(
    break_it: Callable[[pytest.MonkeyPatch], None], database: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = ledger(2, 140)
    bring(store, facts)
    last = keep(database, store)
    break_it(monkeypatch)
    asked_for = (asked for seed in range(2, 9) for asked in islice(narrower(seed, facts, last), 20))
    assert any(differences(store, asked, 5) for asked in asked_for)
