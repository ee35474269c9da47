"""One append among those that come together: its rows, and what came of them."""

import threading
from collections.abc import Sequence
from itertools import pairwise

from infrastructure.store.rows import Appended, NewRow


class Waiting:
    """One append that waits for its outcome, or for a turn to lead."""

    __slots__ = (
        "alone",
        "appended",
        "epoch",
        "error",
        "following",
        "gone",
        "rows",
        "streams",
        "taken",
        "until",
        "woken",
    )

    def __init__(self, rows: Sequence[NewRow], until: float, epoch: int | None) -> None:
        self.rows = rows
        self.epoch = epoch
        self.streams = [row.stream for row in rows if row.version is not None]  # those where it may meet a conflict
        self.until = until
        self.alone = False
        self.taken = False
        self.appended: Appended | None = None
        self.error: Exception | None = None
        self.following: Waiting | None = None
        self.gone = False
        # A bare lock, taken twice to wait: an Event costs more than the whole rest of an append's way through here.
        self.woken = threading.Lock()
        self.woken.acquire()

    @property
    def settled(self) -> bool:
        """Whether the outcome is there."""
        return self.appended is not None or self.error is not None

    def wake(self) -> None:
        """Let it look again whether it is settled, or leads."""
        try:
            self.woken.release()
        except RuntimeError:
            return  # it was woken before, and has not looked yet

    def go(self) -> None:
        """Go one's way, and wake who follows."""
        self.gone = True
        if self.following is not None:
            self.following.wake()


def wake_in_turn(settled: Sequence[Waiting]) -> None:
    """Wake the first, who wakes the next in going, and so on.

    Woken together they would all wait for the interpreter at once, and who leads would wait among them to go on.
    """
    for one, following in pairwise(settled):
        one.following = following
        if one.gone:  # it looked by itself, before it was told who follows
            following.wake()
    if settled:
        settled[0].wake()
