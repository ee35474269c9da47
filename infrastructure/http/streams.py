"""How many streams are open, of how many: each holds something for as long as the other side likes."""

from collections.abc import Iterator
from contextlib import contextmanager

from infrastructure.http.problems import ProblemError

AT_MOST = 200


class Streams:
    """The open streams of one server, counted on its event loop."""

    def __init__(self, at_most: int = AT_MOST, what: str = "streams") -> None:
        self._at_most = at_most
        self._what = what
        self.open = 0

    def check(self) -> None:
        """ProblemError 503 when there are as many as there may be."""
        if self.open >= self._at_most:
            sentence = f"{self._at_most} {self._what} are open, as many as there may be; come back in a moment."
            raise ProblemError(503, "busy", sentence, {"Retry-After": "5"})

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one while it is open."""
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1
