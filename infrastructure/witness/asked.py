"""What a witness is sent: the size of the checkpoint before, a proof of consistency, and a signed checkpoint."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.evidence.notes import (
    LONGEST_NOTE,
    Checkpoint,
    Note,
    NoteError,
    read_checkpoint,
    read_hashes,
    read_note,
    write_hashes,
)

MOST_HASHES = 63
LONGEST_BODY = LONGEST_NOTE + 64 * 64
"""Bytes: a note, 63 hashes of 45 bytes, and the first line."""

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class MalformedError(ValueError):
    """This is not what a witness is sent; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A checkpoint that is to be cosigned, and how it grew out of one of `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


def read_asked(body: bytes) -> Asked:
    """What a body asks. MalformedError when it is none."""
    try:
        head, seam, text = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise MalformedError("this is not UTF-8") from None
    first, *lines = head.split("\n")
    old = _OLD.fullmatch(first)
    if not seam or old is None:
        raise MalformedError("begin with a line `old SIZE`, then the proof, an empty line, and the signed checkpoint")
    if len(lines) > MOST_HASHES:
        raise MalformedError(f"a proof has at most {MOST_HASHES} lines")
    try:
        proof = tuple(read_hashes(lines))
        note = read_note(text)
        return Asked(int(old[1]), proof, note, read_checkpoint(note.text))
    except NoteError as error:
        raise MalformedError(str(error)) from None


def write_asked(old: int, proof: Sequence[bytes], note: Note) -> bytes:
    """The body that asks for a cosignature."""
    lines = "".join(f"{line}\n" for line in (f"old {old}", *write_hashes(proof)))
    return f"{lines}\n{note.written()}".encode()
