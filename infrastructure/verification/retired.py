"""What was dropped after its term is told in the head log, with the root over its leaves; nothing else may be gone."""

from itertools import groupby
from operator import itemgetter
from typing import Any

import psycopg

from domain.evidence.leaves import Event, FactLeaf
from domain.evidence.trees import leaf_hash, root_of
from infrastructure.postgres.statements import statements
from infrastructure.verification.faults import Faults

_SQL = statements("verification")
_AT_ONCE = 2_000


class Retired:
    """Takes in what the head log says was dropped, and judges what is not there any more."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._roots: set[bytes] = set()

    def told(self, event: Event) -> None:
        """Take in an event of the head log; most are about something else."""
        if event.kind == "retirement" and event.said.get("step") == "dropped":
            self._roots.add(bytes.fromhex(str(event.said.get("root", ""))))

    def judge(self, connection: psycopg.Connection[Any]) -> None:
        """Compare the leaves of what is gone with what was told."""
        with connection.cursor("dropped", binary=True) as cursor:
            cursor.itersize = _AT_ONCE
            for _, some in groupby(cursor.execute(_SQL["dropped"]), itemgetter(0)):
                gone = [FactLeaf(position, body, personal, decides=False) for _, position, body, personal in some]
                if root_of(leaf_hash(leaf.written()) for leaf in gone) not in self._roots:
                    first, last = gone[0].position, gone[-1].position
                    self._faults.add(
                        "retired",
                        f"What is gone at position {first} and up to {last} ({len(gone)} facts) is said to be retired, "
                        "and the head log does not say so.",
                        first,
                    )
