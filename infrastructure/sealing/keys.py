"""The key store: one data key a subject, in a database of its own, made when first needed and destroyed for good."""

import hashlib
import os
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from infrastructure.postgres.statements import statements
from infrastructure.sealing.wrapping import WrappingKey, WrappingKeyError, read_wrapping_key
from infrastructure.store.arrays import byteas, uuids
from infrastructure.store.connections import Connections

_SQL = statements("keys")
_SECRET = 32
_AT_HAND = 1 << 16
"""Keys that a process remembers; with more it begins anew."""

_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Key:
    """A data key: what sealed bytes name it by, and the secret itself."""

    id: str
    secret: bytes


class KeyStore:
    """Keys by subject; safe to share between threads. Close it when done.

    What it remembers it remembers for one epoch: `epoch()` asks for the present one and forgets what is older, so
    whoever calls it before reading shows nothing that was erased before.
    """

    def __init__(
        self, conninfo: str, wrapping: Path, *, connections: int = _CONNECTIONS, patience: float = 10.0
    ) -> None:
        """Open the key store of a database, make its tables if there are none, and read the wrapping key.

        WrappingKeyError when the wrapping key is missing though keys exist, or is another one. psycopg.Error or
        LedgerUnavailable when the database cannot be used.
        """
        self.conninfo = conninfo
        self.wrapped_by = wrapping
        self._lock = threading.Lock()
        self._epoch = 0
        self._of_subject: dict[str, Key] = {}
        self._of_id: dict[str, bytes | None] = {}
        self.connections = Connections(conninfo, at_most=connections, patience=patience)
        try:
            self._wrapping = self._opened(wrapping)
        except BaseException:
            self.connections.close()
            raise

    def close(self) -> None:
        """Give the connections back and forget every key."""
        self.connections.close()
        with self._lock:
            self._forget()

    def epoch(self) -> int:
        """The number of the last destruction, as it is now: one round trip. What was remembered from before is gone."""
        ((now,),) = self.connections.read(_SQL["epoch"])
        with self._lock:
            if now != self._epoch:
                self._epoch = now
                self._forget()
        return int(now)

    def for_sealing(self, subjects: Iterable[str]) -> dict[str, Key]:
        """The key of each subject; those that were missing are made, and durable when this returns.

        Only keys that are not remembered are asked for, all in one round trip; call `epoch` before, so that no key is
        used that was destroyed meanwhile.
        """
        wanted = set(subjects)
        found = {subject: key for subject in wanted if (key := self._of_subject.get(subject)) is not None}
        missing = wanted - found.keys()
        while missing:
            of_epoch = self._epoch
            ensured = self._ensured(missing)
            self._remember(of_epoch, ensured)
            found |= ensured
            missing -= ensured.keys()
        return found

    def of_subjects(self, subjects: Iterable[str]) -> dict[str, Key]:
        """The keys that some subjects have; none is made."""
        of_hash = {subject_hash(subject): subject for subject in subjects}
        return {
            of_hash[bytes(hashed)]: Key(str(key_id), self._wrapping.unwrap(wrapped, key_id.bytes + hashed))
            for hashed, key_id, wrapped in self.connections.read(_SQL["of_subjects"], (byteas(list(of_hash)),))
        }

    def for_opening(self, key_ids: Iterable[str]) -> dict[str, bytes | None]:
        """The secret of each key; None where it was destroyed (or is not here at all: `lost` tells which)."""
        wanted = set(key_ids)
        known = self._of_id
        found = {key_id: known[key_id] for key_id in wanted if key_id in known}
        missing = wanted - found.keys()
        if missing:
            of_epoch = self._epoch
            asked = [key for name in missing if (key := _uuid(name)) is not None]
            rows = self.connections.read(_SQL["held"], (uuids(asked),))
            opened: dict[str, bytes | None] = dict.fromkeys(missing)
            for key_id, subject, wrapped in rows:
                opened[str(key_id)] = self._wrapping.unwrap(wrapped, key_id.bytes + subject)
            with self._lock:
                if of_epoch == self._epoch:
                    self._make_room(len(opened))
                    self._of_id.update(opened)
            found |= opened
        return found

    def destroy(self, subjects: Iterable[str]) -> list[str]:
        """Destroy the keys of subjects and return their ids; when this returns no process opens anything with them.

        A stone with id, subject's hash and time stays, so that they do not come back. Who was erased before, or never
        had a key, adds nothing. Killed on the way it may be called again: what is left to clear away is cleared then.
        """
        hashes = byteas([subject_hash(subject) for subject in subjects])
        with self.connections.take(own=True) as connection:
            with connection.transaction():
                connection.execute(_SQL["alone"])
                destroyed: list[UUID] = []
                if connection.execute(_SQL["any_to_destroy"], (hashes,)).fetchone() == (True,):
                    epoch = _number(connection, "next_epoch")
                    asked = {"subjects": hashes, "epoch": epoch}
                    destroyed = [key for (key,) in connection.execute(_SQL["destroy"], asked)]
            self._sweep(connection)
        self.epoch()
        return sorted(map(str, destroyed))

    def replay(self, erased: Mapping[str, Collection[str]]) -> list[str]:
        """Destroy again what a restored backup of the key store has brought back: by subject the ids of its keys.

        `erased` is what the ledger's own facts of erasure say. Returns the ids of keys that had come back. Keys that a
        subject got after its erasure are not among the ids, and stay.
        """
        named = [(UUID(key), subject_hash(subject)) for subject, keys in erased.items() for key in keys]
        ids, subjects = uuids([key for key, _ in named]), byteas([subject for _, subject in named])
        with self.connections.take(own=True) as connection:
            with connection.transaction():
                connection.execute(_SQL["alone"])
                back: list[UUID] = []
                if connection.execute(_SQL["any_without_stone"], (ids,)).fetchone() == (True,):
                    epoch = _number(connection, "next_epoch")
                    asked = {"ids": ids, "subjects": subjects, "epoch": epoch}
                    back = [key for (key,) in connection.execute(_SQL["destroy_again"], asked)]
            self._sweep(connection)
        self.epoch()
        return sorted(map(str, back))

    def erased_since(self, epoch: int) -> set[bytes]:
        """The hashes (`subject_hash`) of the subjects whose keys were destroyed after an epoch."""
        return {bytes(subject) for (subject,) in self.connections.read(_SQL["destroyed_since"], (epoch,))}

    def lost(self, key_ids: Iterable[str]) -> set[str]:
        """Keys that are neither held nor were ever destroyed: the key store is older than what they sealed."""
        wanted = set(key_ids)
        asked = [key for name in wanted if (key := _uuid(name)) is not None]
        gone = {str(key) for (key,) in self.connections.read(_SQL["gone"], (uuids(asked),))}
        return {key for key, secret in self.for_opening(wanted - gone).items() if secret is None}

    def _opened(self, path: Path) -> WrappingKey:
        with self.connections.take(own=True) as connection, connection.transaction():
            connection.execute(_SQL["alone"])
            if connection.execute(_SQL["exists"]).fetchone() != (True,):
                connection.execute(_SQL["make"])
            state = connection.execute(_SQL["state"]).fetchone()
            wrapping = read_wrapping_key(path, may_make=state is None)
            if state is None:
                connection.execute(_SQL["begin"], (wrapping.fingerprint,))
            elif bytes(state[2]) != wrapping.fingerprint:
                raise WrappingKeyError(
                    f"{path} is another wrapping key than the one by which the keys in the key store were wrapped. "
                    "Bring that one back, or name its place by ACCESSLEDGER_KEYS_WRAP."
                )
        return wrapping

    def _ensured(self, subjects: Iterable[str]) -> dict[str, Key]:
        """One round trip: the keys that are there, and new ones; without those that others make at this moment."""
        offered: list[tuple[UUID, bytes, bytes]] = []
        of_hash: dict[bytes, str] = {}
        for subject in sorted(subjects):  # in one order, so that two processes do not wait for each other
            key_id, hashed = uuid4(), subject_hash(subject)
            of_hash[hashed] = subject
            offered.append((key_id, hashed, self._wrapping.wrap(os.urandom(_SECRET), key_id.bytes + hashed)))
        asked: Sequence[Any] = (
            uuids([key for key, _, _ in offered]),
            byteas([hashed for _, hashed, _ in offered]),
            byteas([wrapped for _, _, wrapped in offered]),
        )
        return {
            of_hash[hashed]: Key(str(key_id), self._wrapping.unwrap(wrapped, key_id.bytes + hashed))
            for hashed, key_id, wrapped in self.connections.read(_SQL["ensure"], asked)
        }

    def _sweep(self, connection: psycopg.Connection[Any]) -> None:
        """Write the table of secrets anew after a destruction, so that nothing of them is left in its file."""
        connection.execute(_SQL["sweep_alone"])
        try:
            epoch, swept, _ = connection.execute(_SQL["state"]).fetchone() or (0, 0, b"")
            if swept < epoch:
                connection.execute(_SQL["sweep"])
                connection.execute(_SQL["swept"], (epoch,))
        finally:
            connection.execute(_SQL["sweep_done"])

    def _remember(self, of_epoch: int, keys: Mapping[str, Key]) -> None:
        with self._lock:
            if of_epoch == self._epoch:
                self._make_room(len(keys))
                self._of_subject.update(keys)
                self._of_id.update((key.id, key.secret) for key in keys.values())

    def _make_room(self, more: int) -> None:
        if len(self._of_id) + more > _AT_HAND or len(self._of_subject) + more > _AT_HAND:
            self._forget()

    def _forget(self) -> None:
        # Others may be looking into the old ones at this moment.
        self._of_subject, self._of_id = {}, {}


def subject_hash(subject: str) -> bytes:
    """What the key store knows a subject by."""
    return hashlib.sha256(subject.encode()).digest()


def _uuid(key_id: str) -> UUID | None:
    """The number of a key; None for what cannot be one."""
    try:
        return UUID(key_id)
    except ValueError:
        return None


def _number(connection: psycopg.Connection[Any], name: str) -> int:
    ((number,),) = connection.execute(_SQL[name]).fetchall()
    return int(number)
