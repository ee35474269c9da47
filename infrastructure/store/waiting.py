"""One append among those that come together: its rows, and what came of them."""

import threading
from collections.abc import Sequence

from infrastructure.store.rows import Appended, NewRow


class Waiting:
    """One append that waits for its outcome, or for a turn to lead."""

    __slots__ = ("alone", "appended", "epoch", "error", "rows", "streams", "taken", "until", "woken")

    def __init__(self, rows: Sequence[NewRow], until: float, epoch: int | None) -> None:
        self.rows = rows
        self.epoch = epoch
        self.streams = [row.stream for row in rows if row.version is not None]  # those where it may meet a conflict
        self.until = until
        self.alone = False
        self.taken = False
        self.appended: Appended | None = None
        self.error: Exception | None = None
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
