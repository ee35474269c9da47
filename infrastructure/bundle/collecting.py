"""Reads from the ledger what a bundle holds of one tree: every leaf, and of what decides the stored bytes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from uuid import UUID

from domain import canonical
from domain.evidence.leaves import FactLeaf
from infrastructure.bundle.layout import TreeNames
from infrastructure.bundle.reading import written_lines
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = statements("bundle")


@dataclass(frozen=True, slots=True)
class Collected:
    """One fact of a tree: its leaf, and where it is disclosed its stored bytes."""

    fact: UUID
    leaf: FactLeaf
    body: bytes | None
    personal: bytes | None


def collect(
    store: Store, streams: Sequence[str], upto: int, disclosed: Iterable[UUID] = (), *, location: str | None = None
) -> list[Collected]:
    """Every fact of some streams up to a position, in order; nothing of another location where one is named.

    Disclosed are those that decide, those that are asked for, and observations that a correction names.
    """
    asked = set(disclosed)
    found = _read(store, streams, upto, asked, location)
    open_already = {each.fact for each in found if each.body is not None}
    corrected = {name for each in found if each.body is not None for name in _corrected(each.body)}
    more = corrected & {each.fact for each in found} - open_already
    return _read(store, streams, upto, asked | more, location) if more else found


def files_of(names: TreeNames, found: Sequence[Collected]) -> dict[str, bytes]:
    """The files of a tree that hold its leaves and what is disclosed."""
    return {
        names.leaves: written_lines(tuple(each.leaf.written() for each in found)),
        names.bodies: written_lines(tuple(each.body or b"" for each in found)),
        names.personal: written_lines(tuple(each.personal or b"" for each in found)),
    }


def _read(
    store: Store, streams: Sequence[str], upto: int, disclosed: Iterable[UUID], location: str | None
) -> list[Collected]:
    asked = {"streams": list(streams), "upto": upto, "disclosed": list(disclosed)}
    rows = store.connections.read(_SQL["facts"], asked, prepare=False, location=location)
    gone = store.connections.read(_SQL["dropped"], {"streams": list(streams), "upto": upto})
    rows = sorted([*rows, *gone], key=itemgetter(0)) if gone else rows
    return [
        Collected(fact, FactLeaf(position, bytes(body), _bytes(personal), decides), _bytes(opened), _bytes(sealed))
        for position, fact, decides, body, personal, opened, sealed in rows
    ]


def _bytes(stored: bytes | None) -> bytes | None:
    return None if stored is None else bytes(stored)


def _corrected(body: bytes) -> Iterator[UUID]:
    """The facts that a stored fact corrects, by itself or by what it carries."""
    fact = canonical.read_written(body)
    while isinstance(fact, dict) and fact.get("type") == "Correction":
        data = fact["data"]
        if data.get("corrects") is not None:
            yield UUID(data["corrects"])
        fact = data.get("fact")
