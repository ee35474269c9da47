"""What a signer or a witness gave away, held against the one thing that it promises: one log, which only grows."""

import itertools
import threading
from collections.abc import Callable, Sequence

from domain.evidence.notes import Checkpoint, Note, read_checkpoint
from infrastructure.signing.asking import SignerAwayError, SignerClient, SignerRefusedError
from tests.infrastructure.signing.logs import Log


class Given:
    """All that was signed, in the order in which it was answered to each of those who asked."""

    def __init__(self) -> None:
        self.answered: list[list[Checkpoint]] = []

    def asker(self) -> Callable[[Note], None]:
        """Where one who asks puts down what was answered."""
        own: list[Checkpoint] = []
        self.answered.append(own)
        return lambda note: own.append(read_checkpoint(note.text))

    def broken(self, *logs: Log) -> list[str]:
        """What a person would call a broken promise; nothing is right."""
        everything = sorted((each for own in self.answered for each in own), key=lambda each: each.size)
        found = [
            f"{len(roots)} roots of {size} leaves"
            for size in sorted({each.size for each in everything})
            if len(roots := {each.root for each in everything if each.size == size}) > 1
        ]
        found += [
            f"{after.size} leaves after {before.size}"
            for own in self.answered
            for before, after in itertools.pairwise(own)
            if after.size < before.size
        ]
        if everything and not any(all(log.holds(each) for each in everything) for log in logs):
            found.append("no one log holds all that was signed")
        return found


def ask_for_all(client: SignerClient, put: Callable[[Note], None], logs: Sequence[Log], upto: int) -> None:
    """Ask for every checkpoint of every log, with the right proof from what is signed, until the signer is away.

    At every other size the last log comes first.
    """
    try:
        for size in range(1, upto + 1):
            for log in logs if size % 2 else reversed(logs):
                try:
                    put(client.sign(log.checkpoint(size), _proof(client, log, size)))
                except SignerRefusedError:
                    continue
    except SignerAwayError:
        return


def _proof(client: SignerClient, log: Log, size: int) -> list[bytes]:
    last = client.last()
    first = read_checkpoint(last.text).size if last is not None else 0
    return log.proof(first, size) if first <= size else []


def at_once(*works: Callable[[], None]) -> None:
    """Do all of these at once, and wait for all."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
