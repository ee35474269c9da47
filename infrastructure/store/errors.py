"""What the store refuses or cannot do, each as a sentence that tells what to do."""

# ruff: noqa: N818 - the names are the words in which refusals are spoken of.

from collections.abc import Iterable
from uuid import UUID

_SHOWN = 5


class StoreError(Exception):
    """The store could not do what was asked; the message says why and what to do."""


class VersionConflict(StoreError):
    """Another append came first in this stream: read the stream again, decide again, append again."""

    def __init__(self, *streams: str) -> None:
        super().__init__(f"The stream {streams[0]} has moved on; read it again and decide again.")
        self.stream = streams[0]
        self.streams = frozenset(streams)
        """All that have moved on, where several were appended to."""


class OutOfOrder(StoreError):
    """A row was recorded before the last row of its stream: take a recorded_at that is not earlier."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"The stream {stream} holds a row recorded later; recorded_at must not go back.")
        self.stream = stream


class SubjectErased(StoreError):
    """Keys were destroyed after the facts of a decision were read: read again, decide again, append again."""

    def __init__(self, epoch: int) -> None:
        super().__init__("Somebody was erased at this moment; nothing is stored, try again.")
        self.epoch = epoch
        """The present one."""


class StreamsBusy(StoreError):
    """Somebody else is appending to these streams at this moment; nothing is stored, append again and wait."""

    def __init__(self, streams: Iterable[str]) -> None:
        self.streams = frozenset(streams)
        super().__init__(
            f"Others are appending to {', '.join(sorted(self.streams)[:_SHOWN])} at this moment; try again."
        )


class FactExists(StoreError):
    """Fact ids are in use, by entries or by facts carried inside them: compare the contents, or choose new ids."""

    def __init__(self, ids: Iterable[UUID]) -> None:
        self.ids = frozenset(ids)
        shown = ", ".join(sorted(map(str, self.ids))[:_SHOWN])
        more = f" and {len(self.ids) - _SHOWN} more" if len(self.ids) > _SHOWN else ""
        super().__init__(f"These fact ids are in use already: {shown}{more}. Compare the facts, or choose new ids.")


class LedgerUnavailable(StoreError):
    """The database did not answer in time; nothing of what was asked is stored, so it can be asked again."""


class OutcomeUnknown(StoreError):
    """The connection was lost at the commit and the rows could not be read back: look the fact ids up later."""


class NotSettled(StoreError):
    """The rows are stored but have no final position yet, because an open transaction could still come before them."""
