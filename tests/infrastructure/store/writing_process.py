"""A process that writes, or gives positions, until it is killed: python -m tests.infrastructure.store.writing_process.

It writes the id of each acknowledged fact as a line to standard output; if told to be early, some appends ahead of it.
"""

import os
import sys
import threading
from collections import deque
from itertools import count
from uuid import UUID, uuid4

from infrastructure.store import Sequencer, Store
from tests.infrastructure.store.making import row

THREADS = 4
_AHEAD = 5


def body_of(fact: UUID) -> bytes:
    """What the fact with this id has to hold."""
    return b'{"fact":"%s"}' % str(fact).encode()


def _write(store: Store, stream: str, early: bool) -> None:
    ahead = deque(uuid4() for _ in range(_AHEAD))
    for version in count(1):
        ahead.append(uuid4())
        fact = ahead.popleft()
        if early:
            _tell(ahead[-1])
        store.gather([row(stream, version, fact=fact, body=body_of(fact))])
        if not early:
            _tell(fact)


def _tell(fact: UUID) -> None:
    os.write(1, b"%s\n" % str(fact).encode())


def main(kind: str, database: str, name: str) -> None:
    """Go on until killed."""
    with Store(database) as store:
        if kind == "sequencer":
            with Sequencer(store):
                threading.Event().wait()
        threads = [
            threading.Thread(target=_write, args=(store, f"location:{name}-{number}", kind == "early"))
            for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
