"""The list of erasures beside both databases: whoever brings back an old copy of them has it done again.

It is a file of lines that are only added, durable before a key is destroyed. It holds ids, and nothing that anybody
said.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from domain import canonical
from domain.facts import Fact, PersonErased
from domain.instants import read_instant, write_instant
from infrastructure.postgres.statements import statements
from infrastructure.store import Store

_SQL = statements("erasing")


def list_of(store: Store, folder: Path) -> "ErasureList":
    """The list of a ledger in the data folder. Do not bring an old copy of it back with a backup."""
    ((name,),) = store.connections.read(_SQL["identity"])
    return ErasureList(folder / f"erasures-{name}.jsonl")


@dataclass(frozen=True, slots=True)
class Remembered:
    """One erasure in one place."""

    fact: str
    at: datetime
    location: str | None
    account: str | None
    member: str | None
    client: str | None
    basis: str
    subjects: tuple[str, ...]
    keys: tuple[str, ...]

    def written(self) -> bytes:
        """The line."""
        content = {name: getattr(self, name) for name in self.__slots__}
        content |= {"at": write_instant(self.at), "subjects": list(self.subjects), "keys": list(self.keys)}
        return canonical.write(content) + b"\n"


def remembered(fact: Fact) -> Remembered:
    """What is remembered of a fact."""
    data = fact.data
    assert isinstance(data, PersonErased)
    return Remembered(
        fact.id,
        fact.recorded_at,
        fact.location,
        data.account,
        data.member,
        data.client,
        data.basis,
        data.subjects,
        data.keys,
    )


class ErasureList:
    """The list in a file; safe to share between threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, erasures: Iterable[Remembered]) -> None:
        """Add those that are not there yet; on disk when this returns."""
        wanted = list(erasures)
        if not wanted:
            return
        with self._alone() as file:
            known = {each.fact for each in self.read()}
            lines = [each.written() for each in wanted if each.fact not in known]
            if lines:
                # A line that a crash cut short is ended, so that it spoils no other.
                content = self.path.read_bytes()
                file.write(b"\n" if content and not content.endswith(b"\n") else b"")
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())

    def read(self) -> list[Remembered]:
        """All of them; a line that a crash cut short never came to destroying anything."""
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_bytes().split(b"\n"):
            try:
                content = canonical.read(line) if line else None
            except canonical.NotCanonicalError:
                continue
            if isinstance(content, dict):
                lists = {"subjects": tuple(content["subjects"]), "keys": tuple(content["keys"])}
                found.append(Remembered(**{**content, **lists, "at": read_instant(content["at"])}))
        return found

    @contextmanager
    def _alone(self) -> Iterator[BinaryIO]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
