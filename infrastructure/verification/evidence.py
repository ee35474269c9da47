"""The whole evidence against the stored facts: rows, trees, the head log, checkpoints, and what others hold of them."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from domain.evidence.leaves import Event, InvalidLeafError, read_head_leaf
from domain.evidence.notes import Key
from domain.evidence.trees import Frontier, leaf_hash
from infrastructure.postgres.statements import statements
from infrastructure.verification.faults import Fault, Faults
from infrastructure.verification.peaks import root_of_edge
from infrastructure.verification.retired import Retired
from infrastructure.verification.rows import Leaf, leaves
from infrastructure.verification.signed import Held, Signed
from infrastructure.verification.stored import judge_stored, stored_leaves
from infrastructure.verification.times import Times
from infrastructure.verification.trees import StoredHead, Trees

_SQL = statements("verification")
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a verification came to that found nothing: what the next one may begin with, and holds the log to."""

    position: int
    size: int
    root: bytes
    signed: int
    notes: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a verification rests on, which no stored row can say: keys, and what others hold of the log."""

    keys: Collection[Key] = ()
    witnesses: Collection[Key] = ()
    origin: str | None = None
    held: Sequence[Held] = ()
    before: Standing | None = None


@dataclass(frozen=True, slots=True)
class EvidenceVerified:
    """How far the evidence goes, and what is wrong with it."""

    position: int
    size: int
    root: bytes
    signed: int
    notes: bytes
    covered: int
    """The last position that a checkpoint covers."""

    faults: tuple[Fault, ...]


def verify_evidence(conninfo: str, trusted: Trusted, *, since: bool = False) -> EvidenceVerified:
    """Verify everything from nothing; with `since` only rows after the last verification that found nothing.

    Heads and checkpoints are looked at from the first one in any case. Appends, retirements and checkpoints may go on
    meanwhile: everything is looked at as it was at one moment. psycopg.Error when the database is away.
    """
    with _moment(conninfo) as rows, _moment(conninfo) as heads:
        return _Verification(rows, heads, trusted, since=since).run()


@contextmanager
def _moment(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_SQL["settings"])
        with connection.transaction():
            connection.execute(_SQL["one_moment"])
            yield connection


class _Verification:
    """One verification: rows and heads come by two connections, side by side."""

    def __init__(
        self,
        rows: psycopg.Connection[Any],
        heads: psycopg.Connection[Any],
        trusted: Trusted,
        *,
        since: bool,
    ) -> None:
        self._rows = rows
        self._heads = heads
        self._trusted = trusted
        self._since = trusted.before if since else None
        self._faults = Faults()
        self._signed = Signed(self._faults, trusted.keys, trusted.witnesses, trusted.origin)
        self._trees = Trees(self._faults, lambda log, first, end: stored_leaves(self._heads, log, first, end))
        self._times = Times(self._faults)
        self._log = Frontier()
        self._reached: dict[int, tuple[bytes, int]] = {0: (self._log.root(), 0)}
        self._retired = Retired(self._faults)
        self._standing: dict[str, StoredHead] = {}
        self._covered = 0
        self._next: StoredHead | None = None

    def run(self) -> EvidenceVerified:
        """Go through the log from its first leaf, growth by growth, with the rows that each took in."""
        ((size, position),) = self._heads.execute(_SQL["stands"]).fetchall()
        self._signed.cosigned(self._heads.execute(_SQL["cosignatures"]).fetchall())
        from_position = min(self._since.position, position) if self._since is not None else 0
        heads, rows = self._stored_heads(size), leaves(self._rows, from_position, position)
        at, waiting = 0, next(rows, None)
        for grown, upto, edge, note, signed_at in self._growths(size):
            new = self._take(heads, grown)
            if upto > from_position:
                self._stand()
            taken, expected = at, max(at, from_position)
            while waiting is not None and waiting.position <= upto:
                self._gap(expected, waiting.position)
                self._leaf(waiting)
                expected = waiting.position
                waiting = next(rows, None)
            if upto > from_position:
                self._gap(expected, upto + 1)
                self._trees.judge(new, taken)
            else:
                self._standing.update((head.tree, head) for head in new if head.tree is not None)
            self._grown(grown, upto, edge)
            if note is not None:
                self._covered = upto
                self._times.signed(self._signed.judge(note, grown, self._log.root(), signed_at))
            self._wanted(grown, upto)
            at = upto
        self._stand()
        self._others(size)
        self._stored(size, position)
        return EvidenceVerified(
            position,
            self._log.size,
            self._log.root(),
            self._signed.count,
            self._signed.digest,
            self._covered,
            tuple(self._faults.found),
        )

    def _growths(self, size: int) -> Iterator[tuple[int, int, bytes, str | None, datetime]]:
        with self._heads.cursor("growths", binary=True) as cursor:
            cursor.itersize = _AT_ONCE
            yield from cursor.execute(_SQL["growths"], {"size": size})

    def _stored_heads(self, size: int) -> Iterator[StoredHead]:
        with self._heads.cursor("heads", binary=True) as cursor:
            cursor.itersize = _AT_ONCE
            for record in cursor.execute(_SQL["heads"], {"size": size}):
                yield StoredHead(*record)

    def _take(self, heads: Iterator[StoredHead], upto: int) -> list[StoredHead]:
        """The heads of one growth; each becomes a leaf of the log."""
        taken: list[StoredHead] = []
        while self._log.size < upto:
            head = self._next if self._next is not None else next(heads, None)
            self._next = None
            if head is None or head.at != self._log.size:
                self._next = head
                self._faults.add("log", f"The leaf {self._log.size} of the head log is gone.")
                self._log.add(leaf_hash(b""))
                continue
            self._log.add(leaf_hash(head.leaf))
            taken.append(head)
            if head.log is None:
                self._event(head)
        return taken

    def _event(self, head: StoredHead) -> None:
        try:
            said = read_head_leaf(head.leaf)
        except InvalidLeafError as error:
            self._faults.add("log", f"The leaf {head.at} of the head log cannot be read: {error}.")
            return
        if not isinstance(said, Event):
            self._faults.add("log", f"The leaf {head.at} of the head log is a head of no tree.")
        else:
            self._retired.told(said)
            self._signed.told(said)

    def _leaf(self, leaf: Leaf) -> None:
        if leaf.hash is None:
            self._faults.add("rows", f"The fact at position {leaf.position} is gone.", leaf.position)
            return
        self._times.look(leaf)
        self._trees.add(leaf)

    def _gap(self, before: int, position: int) -> None:
        """Positions follow each other; what is missing was taken in, and is gone with its place."""
        if position > before + 1:
            missing = (
                f"position {before + 1}" if position == before + 2 else f"positions {before + 1} to {position - 1}"
            )
            self._faults.add("rows", f"The facts at {missing} are gone, and their places.", before + 1)

    def _stand(self) -> None:
        """Begin with the trees as they stood at the end of what an earlier verification has looked at."""
        for head in self._standing.values():
            self._trees.stand(head)
        self._standing.clear()

    def _grown(self, size: int, position: int, edge: bytes) -> None:
        if root_of_edge(size, edge) != self._log.root():
            self._faults.add(
                "log",
                f"The head log of {size} leaves (up to position {position}) is not what it was when it grew to that.",
            )

    def _wanted(self, size: int, position: int) -> None:
        """Keep the root where somebody holds a checkpoint, or where the last verification ended."""
        before = self._trusted.before
        if (before is not None and size == before.size) or any(
            f"\n{size}\n" in held.note for held in self._trusted.held
        ):
            self._reached[size] = (self._log.root(), position)

    def _others(self, size: int) -> None:
        """The log against what others hold of it, and against what was verified before."""
        self._signed.finish()
        self._signed.held(self._trusted.held, self._reached, size)
        before = self._trusted.before
        if before is None:
            return
        if before.size > size:
            self._faults.add(
                "before",
                f"The head log has {size} leaves, and had {before.size} when it was verified at "
                f"{before.at:%Y-%m-%dT%H:%M:%SZ}: it was shortened.",
                self._log.size and self._covered + 1,
            )
        elif self._reached.get(before.size, (b"", 0))[0] != before.root:
            self._faults.add(
                "before",
                f"The first {before.size} leaves of the head log are not those that were verified at "
                f"{before.at:%Y-%m-%dT%H:%M:%SZ}: it was written anew.",
            )
        if self._signed.count < before.signed:
            self._faults.add(
                "before",
                f"There are {self._signed.count} checkpoints, and there were {before.signed} at "
                f"{before.at:%Y-%m-%dT%H:%M:%SZ}: some are gone.",
            )

    def _stored(self, size: int, position: int) -> None:
        """What proofs are made of; rows that were dated back; what is said to be retired."""
        ((stray,),) = self._heads.execute(_SQL["stray_heads"], {"size": size}).fetchall()
        if stray:
            self._faults.add("log", f"The head log has {stray} leaves beyond its end: it was shortened or added to.")
        for (of_size,) in self._heads.execute(_SQL["stray_checkpoints"]).fetchall():
            self._faults.add("checkpoint", f"The head log never had the {of_size} leaves of a stored checkpoint.")
        wrong = judge_stored(self._heads, self._trees.all(), size, self._faults, whole=self._since is None)
        unnamed = {tree.name: tree.log for tree in wrong if tree.sound and tree.log is not None}
        if unnamed:
            self._name(unnamed, position)
        self._times.judge(self._rows)
        for (leaf,) in self._heads.execute(_SQL["waiting_events"], binary=True).fetchall():
            self._event(StoredHead(-1, None, None, None, None, None, leaf))
        self._retired.judge(self._heads)

    def _name(self, wrong: dict[str, int], position: int) -> None:
        """Say which kept leaves are not those of the rows, in trees whose heads are true."""
        for name, log in wrong.items():
            kept = dict(stored_leaves(self._heads, log, 0, position))
            place = name.removeprefix("location:").encode() if name.startswith("location:") else None
            made = {
                leaf.position: leaf.hash
                for leaf in leaves(self._rows, 0, position)
                if leaf.place == place and (place is not None or (leaf.stream == b"terms") == (name == "terms"))
            }
            for each in sorted(made.keys() | kept.keys()):
                if made.get(each) != kept.get(each):
                    self._faults.add(
                        "leaves", f"The leaf kept of position {each} ({name}) is not that of what is stored.", each
                    )
