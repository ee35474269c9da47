"""How far the ledger has come, watched once for all who wait for it."""

import asyncio
import time
from collections.abc import Callable

import psycopg
from anyio import CapacityLimiter, to_thread

from infrastructure.store import StoreError

TICK = 0.1
"""Seconds between two looks, while anybody waits; nobody waits, nobody looks."""


class Tide:
    """The last position, for everybody who waits on one event loop."""

    def __init__(self, look: Callable[[], int], *, tick: float = TICK) -> None:
        self._look = look
        self._tick = tick
        self._waiting = 0
        self._last = 0
        self._risen = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self.ended = False
        """Whether the server is about to stop: nobody waits any more."""

    def end(self) -> None:
        """Let nobody wait any longer; called on the event loop."""
        self.ended = True
        self._risen.set()

    async def beyond(self, position: int, seconds: float) -> bool:
        """Wait until the ledger has gone beyond a position; False when it has not, so long or until the end."""
        until = time.monotonic() + seconds
        self._waiting += 1
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watched())
        try:
            while self._last <= position and not self.ended:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                try:
                    await asyncio.wait_for(self._risen.wait(), left)
                except TimeoutError:
                    return False
            return not self.ended
        finally:
            self._waiting -= 1

    async def _watched(self) -> None:
        alone = CapacityLimiter(1)
        while self._waiting and not self.ended:
            try:
                last = await to_thread.run_sync(self._look, limiter=alone)
            except (StoreError, psycopg.Error):
                # Those who wait ask the ledger itself next, and hear then what is wrong.
                last = self._last
            if last > self._last:
                self._last = last
                self._risen.set()
                self._risen = asyncio.Event()
            await asyncio.sleep(self._tick)
