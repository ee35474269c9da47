"""Threads that are interrupted while they wait or lead keep nobody else from appending."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from infrastructure.store import Appended, NewRow, OutcomeUnknown, Store
from infrastructure.store.gathering import LEADERS
from infrastructure.store.waiting import Waiting, wake_in_turn
from tests.infrastructure.store.making import row
from tests.infrastructure.store.waiting import ENOUGH, until, until_held_up


@contextmanager
def _held(store: Store, *streams: str) -> Iterator[None]:
    """Appends to these streams wait until the end of the block."""
    with psycopg.connect(store.connections.conninfo) as holder:
        holder.execute("SELECT ledger.lock_streams(%s, false)", (list(streams),))
        yield
        holder.rollback()


@contextmanager
def _in_doubt(store: Store, one: NewRow) -> Iterator["psycopg.Connection[Any]"]:
    """A transaction with this row waits until the end of the block, when another one with the same id ends."""
    with psycopg.connect(store.connections.conninfo) as holder:
        holder.execute("INSERT INTO ledger.facts (fact, entry) VALUES (%s, 0)", (one.fact,))
        yield holder
        holder.rollback()


def _interrupt_main() -> None:
    """Ctrl-C, as the main thread gets it wherever it waits."""
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)


class _Crowd:
    """Threads that gather; the first ones hold every lead, until the streams they append to are let go."""

    def __init__(self, store: Store, pool: ThreadPoolExecutor, stack: ExitStack) -> None:
        self.store = store
        self._pool = pool
        leading = [f"location:lead{number}" for number in range(LEADERS)]
        self._held = [stack.enter_context(ExitStack()) for _ in leading]
        for held, stream in zip(self._held, leading, strict=True):
            held.enter_context(_held(store, stream))
        self.leaders: list[Future[Appended]] = []
        for stream in leading:
            self.leaders.append(self.gathers(row(stream, 1)))
            until(lambda: len(store._leaders) == len(self.leaders))

    def gathers(self, one: NewRow) -> Future[Appended]:
        return self._pool.submit(self.store.gather, [one])

    def waits(self, number: int) -> None:
        until(lambda: len(self.store._queue) == number)

    def let_go(self, leaders: int = LEADERS) -> None:
        for held in self._held[:leaders]:
            held.close()


@pytest.fixture
def crowd(store: Store) -> Iterator[_Crowd]:
    with ThreadPoolExecutor(8) as pool, ExitStack() as stack:
        yield _Crowd(store, pool, stack)


def _interrupted(crowd: _Crowd, one: NewRow, when: Callable[[], Any]) -> None:
    """The main thread gathers and is interrupted as soon as `when` has come back."""

    def interrupt() -> None:
        when()
        time.sleep(0.05)
        _interrupt_main()

    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(KeyboardInterrupt):
        crowd.store.gather([one])
    other.join()


def test_who_is_interrupted_while_waiting_stores_nothing_and_inherits_no_lead(crowd: _Crowd) -> None:
    for number in range(LEADERS):
        _interrupted(crowd, row(f"location:gone{number}", 1), lambda: crowd.waits(1))
    last = crowd.gathers(row("location:last", 1))
    crowd.waits(1)
    crowd.let_go()
    for outcome in (*crowd.leaders, last):
        assert outcome.result(ENOUGH).entries
    crowd.store.sequence()
    assert not [one for one in crowd.store.read_all() if one.stream.startswith("location:gone")]


def test_who_is_interrupted_while_leading_leaves_the_others_an_answer_and_the_lead(crowd: _Crowd) -> None:
    beside = row("location:beside", 1)
    told: list[Future[Appended]] = []

    def leading_with_another() -> None:
        crowd.waits(1)
        told.append(crowd.gathers(beside))
        crowd.waits(2)
        crowd.let_go(1)  # one lead is free, and goes to who waits longest: the main thread
        until_held_up(holder)

    mine = row("location:mine", 1)
    with _in_doubt(crowd.store, mine) as holder:
        _interrupted(crowd, mine, leading_with_another)
        with pytest.raises(OutcomeUnknown, match="Look the fact ids up"):
            told[0].result(ENOUGH)
    crowd.let_go()
    for outcome in crowd.leaders:
        assert outcome.result(ENOUGH).entries
    until(lambda: not crowd.store._leaders)
    assert crowd.store.gather([beside]).entries


def test_rows_that_cannot_be_stored_at_all_concern_nobody_else(crowd: _Crowd) -> None:
    good = crowd.gathers(row("location:good", 1))
    crowd.waits(1)
    naive = row("location:naive", 1)
    bad = crowd.gathers(replace(naive, recorded_at=naive.recorded_at.replace(tzinfo=None)))
    crowd.waits(2)
    crowd.let_go()
    assert good.result(ENOUGH).entries
    with pytest.raises(ValueError, match="no offset"):
        bad.result(ENOUGH)


def _woken_in_turn(gone: int | None, wake: Callable[[Sequence[Waiting]], None]) -> list[int]:
    """Which of some, that wait for their turn, come to go, when one of them went by itself before."""
    waiting = [Waiting((), ENOUGH, None) for _ in range(5)]
    if gone is not None:
        waiting[gone].go()
    wake(waiting)
    found = []
    for number, one in enumerate(waiting):
        if number != gone and one.woken.acquire(blocking=False):
            found.append(number)
            one.go()
    return found


@pytest.mark.parametrize("gone", [None, 0, 2, 4])
def test_who_went_by_itself_keeps_nobody_from_a_turn(gone: int | None) -> None:
    assert _woken_in_turn(gone, wake_in_turn) == [number for number in range(5) if number != gone]


def test_a_build_that_forgets_who_went_by_itself_is_caught() -> None:
    def forgetful(settled: Sequence[Waiting]) -> None:
        for one, following in pairwise(settled):
            one.following = following
        settled[0].wake()

    assert _woken_in_turn(2, forgetful) == [0, 1]
