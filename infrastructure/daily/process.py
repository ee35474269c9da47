"""The process of the daily run: verifies what came since the last time, all of it once a week, and retires what is due.

A process of its own, and a polite one: answers do not wait for it.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from psycopg.errors import InsufficientPrivilege

from domain import canonical
from domain.evidence.notes import read_key
from infrastructure.catalogues import shipped_catalogues
from infrastructure.daily.trusting import trusted_of
from infrastructure.evidence.settings import EvidenceSettings, WitnessAddress
from infrastructure.kept.projector import KeptOutdatedError, Projector
from infrastructure.kept.rows import KeptTablesDifferError
from infrastructure.postgres.statements import statements
from infrastructure.retention.retaining import Retaining
from infrastructure.sealing.sealing import open_sealing
from infrastructure.store import Store, StoreError
from infrastructure.store.boundary import UNSEALED, Keys
from infrastructure.verification.remembered import is_due, last
from infrastructure.verifying import verify

_SQL = statements("verification")
_POLITE = 15
BROKEN = 3
"""The exit code when something is broken; Python's own for a failure is another."""

SAMPLE = 20
"""Locations, and stretches of the log, that are folded anew each day; which ones is drawn by lot."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the process is told, as a line of JSON on its standard input."""

    database: str
    keys: list[str] | None
    origin: str | None
    signer: str | None
    key: str | None
    witnesses: list[list[str]]


def task_of(store: Store, settings: EvidenceSettings) -> bytes:
    """The line for a ledger that is open."""
    keys = store.connections.boundary.keys
    task = Task(
        store.connections.conninfo,
        list(keys) if keys is not None else None,
        settings.origin,
        str(settings.signer) if settings.signer is not None else None,
        settings.key.written() if settings.key is not None else None,
        [[each.url, each.key.written()] for each in settings.witnesses],
    )
    return canonical.write(asdict(task)) + b"\n"


def run(task: Task) -> int:
    """Do what is due; how many faults were found. Another process that is at it is left alone."""
    sealing = open_sealing(Keys(*task.keys), connections=1) if task.keys is not None else UNSEALED
    with Store(task.database, connections=2, sealing=sealing) as store:
        with store.connections.take(own=True) as alone:
            if alone.execute(_SQL["try_alone"]).fetchone() != (True,):
                return 0
            found = _verified(store, _settings(task)) if is_due(store) else 0
            _retire(store)
        return found


def _verified(store: Store, settings: EvidenceSettings) -> int:
    trusted, complaints = trusted_of(settings)
    for sentence in complaints:
        _say(sentence)
    before = last(store)
    found = verify(
        store,
        shipped_catalogues(),
        sample=SAMPLE,
        trusted=trusted,
        since=before is not None and not before.whole_is_due,
    )
    for each in found.broken:
        _say(each.sentence)
    return len(found.broken)


def _retire(store: Store) -> None:
    retaining = Retaining(store, Projector(store, shipped_catalogues()))
    try:
        if not retaining.rules.months():
            return
        for made in retaining.run():
            _say(f"Retired: {made.facts:,} observations of {made.starts.year}.")
    except InsufficientPrivilege:
        _say("Nothing was retired: who serves may not detach tables; run `accessledger retain` daily as who deploys.")
    except (StoreError, KeptOutdatedError, KeptTablesDifferError) as error:
        _say(f"Nothing more was retired: {error}")


def _settings(task: Task) -> EvidenceSettings:
    key = read_key(task.key) if task.key is not None else None
    witnesses = tuple(WitnessAddress(url, read_key(vkey)) for url, vkey in task.witnesses)
    return EvidenceSettings(task.origin, Path(task.signer) if task.signer is not None else None, key, witnesses)


def _say(sentence: str) -> None:
    sys.stdout.write(" ".join(sentence.split()) + "\n")
    sys.stdout.flush()


def main() -> None:
    """The process: one task from standard input, what is to be said on standard output; 3 when something is broken."""
    os.nice(_POLITE)
    content: dict[str, Any] = json.loads(sys.stdin.readline())
    sys.exit(BROKEN if run(Task(**content)) else 0)


if __name__ == "__main__":
    main()
