"""Delivers in the background: lays new facts down for each subscription, and tries what is due."""

import logging
import secrets
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import attrgetter
from types import TracebackType
from typing import Self

import psycopg

from domain import canonical
from domain.entries import Entry, Quarantined
from domain.instants import write_instant
from infrastructure.http.feed_pages import FeedPages
from infrastructure.mapper import entry_of
from infrastructure.store import Store, StoreError
from infrastructure.webhooks.deliveries import Claimed, Deliveries, Tried
from infrastructure.webhooks.rules import Rules
from infrastructure.webhooks.sending import SendError, send
from infrastructure.webhooks.signing import signed
from infrastructure.webhooks.subscriptions import Subscription, Subscriptions, message_id
from projections.followed import followed

_LOG = logging.getLogger(__name__)
TICK = 0.5
"""Seconds between two looks for new facts and for what is due."""

AT_ONCE = 8
"""Subscriptions that are delivered to at a time: a slow receiver holds up its own messages alone."""

WAITING = 1_000
"""Deliveries that may wait for a receiver; while it does not hear, its facts wait in the ledger and not here."""

_PAGE = 500
_HOURLY = 3600.0
_CHANCE = secrets.SystemRandom()


class Deliverer:
    """A thread that delivers from start to stop; also a context manager. Several at once share the work.

    Each message arrives at least once; killed at any moment nothing is lost, and what was being tried is tried again.
    """

    def __init__(self, store: Store, feed: FeedPages, rules: Rules, *, tick: float = TICK) -> None:
        self._store = store
        self._feed = feed
        self._rules = rules
        self._tick = tick
        self._subscriptions = Subscriptions(store.connections, rules)
        self._deliveries = Deliveries(store.connections)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliverer", daemon=True)

    def start(self) -> None:
        """Begin; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the tries that are under way, and wait for that."""
        self._stopped.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        forgotten = time.monotonic() - _HOURLY
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as threads:
            while not self._stopped.wait(self._tick):
                try:
                    for subscription in self._subscriptions.listed():
                        self._lay(subscription)
                    claimed = self._deliveries.claim()
                    runs = [list(run) for _, run in groupby(claimed, attrgetter("subscription"))]
                    list(threads.map(self._deliver, runs))
                    if time.monotonic() - forgotten >= _HOURLY:
                        forgotten = time.monotonic()
                        self._deliveries.forget()
                except (StoreError, psycopg.Error) as error:
                    # What is due stays due; the next look tries again.
                    _LOG.warning("Webhooks wait: %s", error)

    def _lay(self, subscription: Subscription) -> None:
        """Make deliveries of new facts."""
        if subscription.waiting >= WAITING:
            return
        page = self._feed.page(subscription.places, subscription.position, _PAGE)
        if page.next == subscription.position:
            return
        wanted = [entry.position for entry in page.entries if _is_wanted(subscription, entry)]
        positions = [position for position in wanted if position is not None]
        self._deliveries.lay(subscription.id, subscription.position, page.next, positions)

    def _deliver(self, run: Sequence[Claimed]) -> None:
        """Try a run of one subscription; one that fails lets the others wait as well: they go where it went."""
        for place, claimed in enumerate(run):
            tried = self._try(claimed)
            pause = None
            if not tried.heard and claimed.attempts < self._rules.tries:
                pause = self._rules.pause(claimed.attempts, _CHANCE.random())
            self._deliveries.finish(claimed, tried, pause=pause)
            if not tried.heard or self._stopped.is_set():
                self._deliveries.release(run[place + 1 :])
                return

    def _try(self, claimed: Claimed) -> Tried:
        body = self._body(claimed.position)
        if body is None:
            return Tried(None, "The fact is in a year that was retired; restore it, or remove the subscription.", 0)
        message = message_id(claimed.subscription, claimed.position)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "accessledger-webhooks",
            **signed(claimed.secret, message, self._deliveries.moment(), body),
        }
        began = time.monotonic()
        status, problem = None, None
        try:
            status = send(claimed.url, headers, body, self._rules)
        except SendError as error:
            problem = str(error)
        return Tried(status, problem, round((time.monotonic() - began) * 1000))

    def _body(self, position: int) -> bytes | None:
        """The message: made from the fact each time, so that what is erased there is nowhere else."""
        for row in self._store.read_all(position - 1, position):
            entry = entry_of(row)
            told = followed(entry)
            content = {"type": _type(entry), "timestamp": write_instant(row.recorded_at)}
            return canonical.write({**content, "data": told})
        return None


def _is_wanted(subscription: Subscription, entry: Entry | Quarantined) -> bool:
    return subscription.types is None or _type(entry) in subscription.types


def _type(entry: Entry | Quarantined) -> str:
    return entry.type if isinstance(entry, Quarantined) else entry.fact.type
