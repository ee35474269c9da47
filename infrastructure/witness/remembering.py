"""What a witness has seen of each log, in one file that says so before anybody gets a cosignature."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from domain import canonical
from domain.canonical import NotCanonicalError
from domain.evidence.notes import Checkpoint, Key, Note, NoteError, cosignatures, read_checkpoint, read_note
from infrastructure.signing import durable
from infrastructure.signing.signatures import Ed25519Verifier

MOST_FORKS = 100
"""Notes that contradict what was seen, which are kept as they are: each is a proof that its log has a fork."""


class SeenLostError(Exception):
    """What the witness has seen is gone or was changed; the sentence says what that means."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The last cosigned note of each origin, and the forks that were shown to this witness."""

    notes: dict[str, Note] = field(default_factory=dict)
    forks: tuple[Note, ...] = ()

    def last(self, origin: str) -> Checkpoint | None:
        """The last checkpoint of a log that was cosigned; None when none was."""
        note = self.notes.get(origin)
        return None if note is None else read_checkpoint(note.text)

    def with_note(self, origin: str, note: Note) -> "Seen":
        """The same, a checkpoint later."""
        return replace(self, notes={**self.notes, origin: note})

    def with_fork(self, note: Note) -> "Seen":
        """The same, and one more note that contradicts it."""
        if len(self.forks) >= MOST_FORKS or any(fork.text == note.text for fork in self.forks):
            return self
        return replace(self, forks=(*self.forks, note))


class Memory:
    """The file of what was seen."""

    def __init__(self, path: Path, key: Key) -> None:
        """SeenLostError when it is missing, damaged, or holds a note that this witness never cosigned."""
        self._path = path
        self.seen = _read(path, key)
        # What a process before us wrote may not have reached the disk when it ended.
        _write(path, self.seen)

    def keep(self, seen: Seen) -> None:
        """Keep what is seen now. When this raises, nobody can say what the disk holds: the process has to end."""
        _write(self._path, seen)
        self.seen = seen


def begin(path: Path) -> None:
    """Say for a new witness that it has seen nothing. SeenLostError when this place belongs to one that has."""
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        written = b""
    if written not in {b"", _written(Seen())}:
        raise SeenLostError(f"{path} is of a witness whose key is gone; put the key back, or take a new folder")
    _write(path, Seen())


def _write(path: Path, seen: Seen) -> None:
    durable.replace(path, _written(seen))


def _written(seen: Seen) -> bytes:
    notes = {origin: note.written() for origin, note in seen.notes.items()}
    return canonical.write({"forks": [note.written() for note in seen.forks], "seen": notes}) + b"\n"


def _read(path: Path, key: Key) -> Seen:
    try:
        seen = _understood(canonical.read(path.read_bytes()))
    except FileNotFoundError:
        raise SeenLostError(
            f"{path} is gone: it says which checkpoints were cosigned last, and without it a fork could be cosigned."
            " Put it back; if it is lost, begin as a new witness with a new key in a new folder"
        ) from None
    except (NotCanonicalError, NoteError, KeyError, TypeError, AttributeError) as error:
        raise SeenLostError(f"{path} is damaged ({error}); put back the file that was there") from None
    verifier = Ed25519Verifier(key)
    for origin, note in seen.notes.items():
        if read_checkpoint(note.text).origin != origin or not cosignatures(note, [verifier]):
            raise SeenLostError(f"{path} holds a note of {origin} that was not cosigned here; put back the file")
    return seen


def _understood(content: Any) -> Seen:
    notes = {origin: read_note(text) for origin, text in content["seen"].items()}
    for note in notes.values():
        read_checkpoint(note.text)
    return Seen(notes, tuple(read_note(text) for text in content["forks"]))
