"""The whole ledger: the store against itself, every body readable and unchanged, what is kept of it, its evidence."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from domain.catalogue import Catalogue
from domain.entries import TERMS, Entry, stream_of, to_bytes
from domain.facts import OBSERVATIONS
from domain.idle import idle_facts
from domain.ledger import Ledger
from domain.upcasts import FORMS
from infrastructure.kept.comparing import compare
from infrastructure.mapper import entry_of, new_row, read_rows
from infrastructure.sealing.checking import seal_fault
from infrastructure.store import Row, Store
from infrastructure.store.checks import Broken, check_all
from infrastructure.verification.evidence import EvidenceVerified, Trusted, verify_evidence
from infrastructure.verification.remembered import last_sound, remember

Progress = Callable[[int, int], None]
TRUSTING_NOBODY = Trusted()
_REMEMBERED = 100
"""Findings that are written down."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, what is broken, and facts that are kept and fold to nothing."""

    position: int
    broken: tuple[Broken, ...]
    idle: tuple[str, ...]
    evidence: EvidenceVerified
    seconds: Mapping[str, float]
    """How long each part took."""


def verify(
    store: Store,
    catalogues: Mapping[int, Catalogue],
    progress: Progress = lambda _done, _total: None,
    *,
    sample: int | None = None,
    trusted: Trusted = TRUSTING_NOBODY,
    since: bool = False,
) -> Verified:
    """Check the whole ledger up to its last settled position; reads everything once, and each location once more.

    What is kept is compared with a fresh fold: a `sample` of locations and stretches of the log, or all of it (None).
    `trusted` says keys, and what others hold of the head log. With `since` rows are looked at that came after the last
    verification which found nothing. What was found is written down in either case.
    """
    began = time.monotonic()
    seconds: dict[str, float] = {}

    def took(part: str) -> None:
        seconds[part] = time.monotonic() - began - sum(seconds.values())

    last, before = store.sequence(), last_sound(store)
    broken = check_all(store)
    took("store")
    from_position = before.position if since and before is not None else 0
    broken += _bodies(store, from_position, last, progress)
    took("rows")
    broken += [Broken(said, None, None) for said in compare(store, catalogues, sample=sample)]
    took("kept")
    evidence = verify_evidence(store.connections.conninfo, replace(trusted, before=before), since=since)
    broken += [Broken(each.sentence, each.position, None) for each in evidence.faults]
    took("evidence")
    idle = () if since else tuple(_idle(store, catalogues, last))
    took("idle")
    sentences = [each.sentence for each in broken[:_REMEMBERED]]
    remember(store, last, evidence, sentences, whole=not from_position, seconds=time.monotonic() - began)
    return Verified(last, tuple(broken), idle, evidence, seconds)


def _bodies(store: Store, after: int, last: int, progress: Progress) -> Iterator[Broken]:
    """Every row can be read, is written as it would be written today, and has the columns of its body."""
    for row in store.read_all(after, last):
        if row.position is not None and row.position % 5_000 == 0:
            progress(row.position, last)
        found = entry_of(row)
        if not isinstance(found, Entry):
            yield Broken(
                f"Position {row.position} (fact {row.fact}) cannot be read and is quarantined: {found.reason}.",
                row.position,
                row.entry,
            )
            continue
        if found.stamp.form == FORMS.get(found.fact.type, 1) and to_bytes(found) != (row.body, row.personal):
            yield Broken(
                f"Position {row.position} (fact {row.fact}) is not written in the one form: its bytes were changed.",
                row.position,
                row.entry,
            )
        fault = seal_fault(row, found, store.connections.boundary)
        if fault is not None:
            yield Broken(f"Position {row.position} (fact {row.fact}): {fault}.", row.position, row.entry)
        wrong = _wrong_columns(row, found)
        if wrong:
            yield Broken(
                f"Position {row.position} (fact {row.fact}): the column {wrong} says something else than the fact.",
                row.position,
                row.entry,
            )


def _wrong_columns(row: Row, entry: Entry) -> str | None:
    expected = new_row(entry, row.version)
    for name in ("fact", "location", "type", "recorded_at", "effective_at", "inner", "command"):
        if getattr(row, name) != getattr(expected, name):
            return name
    versioned = entry.fact.type not in OBSERVATIONS
    if row.stream != stream_of(entry.fact) or (row.version is not None) != versioned:
        return "stream"
    return None


def _idle(store: Store, catalogues: Mapping[int, Catalogue], last: int) -> Iterator[str]:
    """Facts that change nothing or rest on nothing (facts.md, section 5.3), location by location."""
    for location in store.locations():
        entries, _ = read_rows(store.read_streams([TERMS, f"location:{location}"], last))
        yield from (f"{location}: {said}" for said in idle_facts(Ledger(entries, catalogues)))
