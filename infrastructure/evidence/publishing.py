"""Publishes a checkpoint: let the trees grow, read back what is stored, have it signed, then shown to the witnesses."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg

from domain.evidence.notes import Checkpoint, Key, Note, Signature, read_checkpoint, read_note
from domain.evidence.trees import ProofError, check_consistency
from infrastructure.evidence.growing import HEAD_LOG, EvidenceLostError, Growing, last_growth
from infrastructure.evidence.merkle import consistency, root
from infrastructure.evidence.nodes import nodes_of
from infrastructure.evidence.noticing import notice
from infrastructure.evidence.proving import Proving, Published
from infrastructure.evidence.reviewing import reviewed
from infrastructure.postgres.statements import statements
from infrastructure.store import Store, StoreError

_SQL = statements("evidence")
_BETWEEN_LOOKS = 0.05


class NotFlushedError(StoreError):
    """A standby has to have what is signed on its disk, and has not."""


class Signs(Protocol):
    """The signer, as it is asked."""

    def keys(self) -> Sequence[Key]:
        """The log's keys, the newest first; its name is the log's origin unless another is set."""

    def last(self) -> Note | None:
        """What it signed last."""

    def sign(self, checkpoint: Checkpoint, proof: Sequence[bytes]) -> Note:
        """Sign a checkpoint that the proof shows to have grown out of the last; an error with a sentence otherwise."""


class Witnesses(Protocol):
    """One witness, as it is asked."""

    name: str

    def cosign(self, note: Note, prove: Callable[[int], list[bytes]]) -> Signature:
        """Its line for a checkpoint; `prove` gives the consistency proof from the size that it saw last."""


class Publishing:
    """Has checkpoints signed, one process at a time. `complain` is told what a witness said instead of signing."""

    def __init__(
        self,
        store: Store,
        origin: str | None,
        signer: Signs,
        witnesses: Sequence[Witnesses] = (),
        complain: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self._store = store
        self._origin = origin
        self._signer = signer
        self._witnesses = witnesses
        self._complain = complain
        self._growing = Growing(store)
        self._noticed: tuple[Key, ...] | None = None
        self._proving = Proving(store)

    def publish(self) -> Published | None:
        """The newest checkpoint, after everything that has its position by now came into it.

        None while there is nothing to sign, or while another process is at it and has signed nothing yet.
        EvidenceLostError when what is stored is not what was signed, or not what the trees say; NotFlushedError when
        a standby lags; whatever the signer refuses with. Nothing is signed then.
        """
        keys = tuple(self._signer.keys())
        if keys != self._noticed:
            notice(self._store, keys)
            self._noticed = keys
        self._growing.grow()
        with self._alone() as connection:
            if connection is not None:
                self._sign(connection)
        newest = self._proving.latest()
        if newest is not None:
            self._show(newest)
            newest = self._proving.at_size(newest.checkpoint.size)
        return newest

    @contextmanager
    def _alone(self) -> Iterator[psycopg.Connection[Any] | None]:
        with self._store.connections.take() as connection:
            won = connection.execute(_SQL["publishing"]).fetchone() == (True,)
            try:
                yield connection if won else None
            finally:
                if won:
                    connection.execute(_SQL["published"])

    def _sign(self, connection: psycopg.Connection[Any]) -> None:
        size, _, _ = last_growth(connection)
        signed = self._signer.last()
        before = read_checkpoint(signed.text) if signed is not None else None
        after = before.size if before is not None else 0
        if signed is not None and before is not None and after <= size and self._proving.at_size(after) is None:
            self._take_in(connection, signed, before)
        if size == after:
            return
        if size < after:
            raise EvidenceLostError(
                f"The signer has signed a log of {after} leaves, and here it has {size}: this is an older copy of the "
                "ledger. Bring back the newest one; if there is none, begin a new log under another origin."
            )
        self._wait_for_standby(connection)
        origin = self._origin or (before.origin if before is not None else self._signer.keys()[0].name)
        reached = reviewed(connection, after, size)
        proof = consistency(nodes_of(connection, HEAD_LOG), after, size)
        if before is not None:
            try:
                check_consistency(after, size, before.root, reached, proof)
            except ProofError as error:
                raise EvidenceLostError(
                    f"The head log does not begin with the {after} leaves that were signed: {error}. "
                    "Run `accessledger verify`."
                ) from None
        self._keep(connection, self._signer.sign(Checkpoint(origin, size, reached), proof), size)

    def _take_in(self, connection: psycopg.Connection[Any], signed: Note, before: Checkpoint) -> None:
        """Keep what was signed just before an end came; it has to be of this very log."""
        stands = connection.execute(_SQL["growth_at"], {"size": before.size}).fetchone()
        if stands is None or root(nodes_of(connection, HEAD_LOG), before.size) != before.root:
            raise EvidenceLostError(
                f"What the signer signed last, {before.size} leaves, is another log than this: a copy of the ledger "
                "went on by itself. Bring back the one that was signed; else begin a new log under another origin."
            )
        self._keep(connection, signed, before.size)

    @staticmethod
    def _keep(connection: psycopg.Connection[Any], note: Note, size: int) -> None:
        connection.execute(_SQL["add_checkpoint"], {"size": size, "note": note.written()})

    @staticmethod
    def _wait_for_standby(connection: psycopg.Connection[Any], patience: float = 5.0) -> None:
        ((upto,),) = connection.execute(_SQL["written_upto"]).fetchall()
        pause = threading.Event()
        for _ in range(round(patience / _BETWEEN_LOOKS)):
            if connection.execute(_SQL["flushed"], {"upto": upto}).fetchone() == (True,):
                return
            pause.wait(_BETWEEN_LOOKS)
        raise NotFlushedError("No standby has on its disk what is to be signed; see pg_stat_replication.")

    def _show(self, newest: Published) -> None:
        """Show the checkpoint to each witness that has not cosigned it; one that does not answer holds nobody up."""
        note = read_note(newest.note)
        cosigned = {each.name for each in note.signatures}
        size = newest.checkpoint.size
        for witness in self._witnesses:
            if witness.name in cosigned:
                continue
            try:
                line = witness.cosign(note, lambda seen: self._proving.consistency(seen, size))
            except (OSError, ValueError, StoreError) as error:
                self._complain(f"The witness {witness.name} has not cosigned: {error}")
                continue
            with self._store.connections.take() as connection:
                connection.execute(_SQL["add_cosignature"], {"size": size, "line": line.written()})
