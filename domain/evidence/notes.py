"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature): the text that is signed.

Signatures themselves are made and checked by whoever has the means: a `Verifier` is given in.
"""

import base64
import binascii
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from domain.evidence.trees import HASH_SIZE, LARGEST_TREE

ED25519 = 0x01
COSIGNATURE = 0x04
_DASH = "\u2014"
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]{1,200}")
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
LONGEST_NOTE = 64 * 1024
MOST_SIGNATURES = 100


class NoteError(ValueError):
    """This is not a note, or not one that holds; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key as a vkey says it: a name, the algorithm's number, and the key."""

    name: str
    algorithm: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature says whose it is."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:4]

    def written(self) -> str:
        """The vkey: what one pins, prints on paper, or pastes."""
        return f"{self.name}+{self.id.hex()}+{_encoded(bytes([self.algorithm]) + self.public)}"


class Verifier(Protocol):
    """What it takes to check a signature of one key."""

    @property
    def key(self) -> Key:
        """The key."""

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note: whose it is, by name and id, and the bytes."""

    name: str
    id: bytes
    value: bytes

    def written(self) -> str:
        """The line, with its end."""
        return f"{_DASH} {self.name} {_encoded(self.id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends with a line's end, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    def written(self) -> str:
        """The whole note."""
        return f"{self.text}\n{''.join(each.written() for each in self.signatures)}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log's signed note says: which log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    def written(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"


@dataclass(frozen=True, slots=True)
class Cosigned:
    """That a witness has seen a checkpoint grow out of the one before, and when (seconds since 1970, UTC)."""

    key: Key
    at: int


def read_key(vkey: str) -> Key:
    """The key that a vkey says. NoteError when it is none, or its id is not that of its key."""
    try:
        name, key_id, encoded = vkey.strip().split("+", 2)
        raw = _decoded(encoded)
    except ValueError:
        raise NoteError("a vkey is name+id+key; copy it whole from whoever gave it to you") from None
    key = Key(name, raw[0], raw[1:]) if raw else None
    if key is None or not _NAME.fullmatch(name) or key.id.hex() != key_id or len(key.public) != HASH_SIZE:
        raise NoteError("this vkey contradicts itself: a character is missing or changed; copy it once more")
    return key


def read_note(text: str) -> Note:
    """The note that a text says; nothing is checked by that. NoteError when it is none."""
    if len(text) > LONGEST_NOTE or _UNPRINTABLE.search(text) is not None:
        raise NoteError("a note is plain text of at most 64 kB")
    body, seam, under = text.rpartition("\n\n")
    if not seam or not under.endswith("\n"):
        raise NoteError("a note is a text, an empty line, and signatures; this one is cut off")
    lines = under[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteError(f"a note with more than {MOST_SIGNATURES} signatures is not looked at")
    return Note(body + "\n", tuple(_read_signature(line) for line in lines))


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that the text of a note says. NoteError when it is none."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise NoteError("a checkpoint is three lines: origin, size, root")
    root, size = _decoded(lines[2]), int(lines[1])
    if len(root) != HASH_SIZE or size > LARGEST_TREE:
        raise NoteError("the root of a checkpoint is 32 bytes, and its size one that a log can have")
    return Checkpoint(lines[0], size, root)


def signed_by(note: Note, verifier: Verifier) -> bool:
    """Whether a signature of this key is under the note, and none of this key that does not hold (signed-note)."""
    own = [each for each in note.signatures if each.name == verifier.key.name and each.id == verifier.key.id]
    if verifier.key.algorithm != ED25519:
        return False
    return bool(own) and all(verifier.holds(note.text.encode(), each.value) for each in own)


def cosignatures(note: Note, witnesses: Collection[Verifier]) -> tuple[Cosigned, ...]:
    """Which of these witnesses have cosigned, and when each says it did; a signature that does not hold is none."""
    found = []
    for each in note.signatures:
        for witness in witnesses:
            key = witness.key
            if (each.name, each.id) != (key.name, key.id) or key.algorithm != COSIGNATURE or len(each.value) != 72:
                continue
            at = int.from_bytes(each.value[:8], "big")
            if witness.holds(cosigned_message(note.text, at), each.value[8:]):
                found.append(Cosigned(key, at))
    return tuple(found)


def cosigned_message(text: str, at: int) -> bytes:
    """What a witness signs (cosignature/v1)."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def read_hashes(lines: Sequence[str]) -> list[bytes]:
    """Hashes of a proof, one a line. NoteError when a line is none."""
    found = [_decoded(line) for line in lines]
    if any(len(each) != HASH_SIZE for each in found):
        raise NoteError("each line of a proof is a hash of 32 bytes")
    return found


def write_hashes(hashes: Sequence[bytes]) -> list[str]:
    """The lines of a proof."""
    return [_encoded(each) for each in hashes]


def _read_signature(line: str) -> Signature:
    dash, name, encoded = [*line.split(" "), "", ""][:3]
    raw = _decoded(encoded) if encoded and line.count(" ") == 2 else b""
    if dash != _DASH or not _NAME.fullmatch(name) or len(raw) <= 4:
        raise NoteError("a signature is a line with a dash, a name and the signature; one is not")
    return Signature(name, raw[:4], raw[4:])


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    """Strictly the one base64 of some bytes: a text that another one stands for as well would be two proofs of one."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("this is not base64") from None
    if _encoded(raw) != text:
        raise NoteError("this is not the one base64 of its bytes")
    return raw
