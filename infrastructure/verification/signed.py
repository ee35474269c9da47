"""Checkpoints as they were signed: whose they are, that each is of this very log, and that none is missing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.evidence.leaves import Event
from domain.evidence.notes import (
    ED25519,
    Checkpoint,
    Key,
    Note,
    NoteError,
    cosignatures,
    read_checkpoint,
    read_key,
    read_note,
    signed_by,
)
from infrastructure.verification.faults import Faults


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint that somebody holds outside this database: the signer, a witness, an auditor; and who that is."""

    by: str
    note: str


@dataclass(frozen=True)
class PublicKey:
    """Checks the signatures of one Ed25519 key; fulfils domain.evidence.notes.Verifier."""

    key: Key

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass
class Signed:
    """Judges checkpoints as the head log comes to their sizes. Without pinned keys signatures say nothing."""

    faults: Faults
    keys: Collection[Key]
    witnesses: Collection[Key]
    origin: str | None = None
    count: int = 0
    digest: bytes = b""
    """Over the notes of all checkpoints so far."""

    _lines: Mapping[int, Sequence[str]] = field(default_factory=dict)
    _told: list[Key] = field(default_factory=list)
    _newest: Note | None = None

    def told(self, event: Event) -> None:
        """Take in which keys sign from here on: the log says it, and the newest checkpoint vouches for the log."""
        vkeys = event.said.get("keys") if event.kind == "key" else None
        for vkey in vkeys if isinstance(vkeys, list) else ():
            with suppress(NoteError):
                self._told.append(read_key(str(vkey)))

    def cosigned(self, lines: Iterable[tuple[int, str]]) -> None:
        """Take in the lines of witnesses, by the size of the log they are under."""
        found: dict[int, list[str]] = {}
        for size, line in lines:
            found.setdefault(size, []).append(line)
        self._lines = found

    def judge(self, text: str, size: int, root: bytes, at: datetime) -> datetime:
        """Judge a stored checkpoint of a log that has this root; when it was there at the latest.

        That is what a witness says if one has cosigned, else what the database says.
        """
        self.count += 1
        self.digest = sha256(self.digest + text.encode()).digest()
        checkpoint = self._read(text, f"The checkpoint of {size} leaves")
        if checkpoint is None:
            return at
        note, said = checkpoint
        self._newest = note
        if (said.size, said.root) != (size, root):
            self.faults.add(
                "checkpoint",
                f"The checkpoint of {size} leaves is of another log: its root is not that of the head log.",
            )
        try:
            under = read_note(note.written() + "".join(self._lines.get(size, ())))
        except NoteError as error:
            self.faults.add("cosignature", f"What witnesses wrote under the checkpoint of {size} leaves: {error}.")
            return at
        times = cosignatures(under, [PublicKey(key) for key in self.witnesses])
        names = {key.name for key in self.witnesses}
        claimed = sum(each.name in names for each in under.signatures)
        if claimed != len(times):
            self.faults.add("cosignature", f"A cosignature under the checkpoint of {size} leaves does not hold.")
        return min([at, *(datetime.fromtimestamp(each.at, UTC) for each in times)])

    def held(self, held: Sequence[Held], reached: Mapping[int, tuple[bytes, int]], size: int) -> None:
        """Judge what others hold: whose signature it bears, and that this log has grown out of it.

        `reached` is the root of the log at their sizes, and the position that it covers there.
        """
        agreed = 0
        for said, by in sorted(self._of_others(held), key=lambda each: each[0].size):
            root, position = reached.get(said.size, (b"", 0))
            if said.size > size:
                self.faults.add(
                    "held",
                    f"The head log has {size} leaves, and {by} holds a checkpoint of {said.size}: what came after is "
                    "gone, or this is an old copy.",
                )
            elif root == said.root:
                agreed = position
            else:
                self.faults.add(
                    "held",
                    f"The first {said.size} leaves of the head log are not those of the checkpoint that {by} holds: it "
                    f"was written anew or is a fork. A fact after position {agreed}"
                    + (f" and up to {position}" if position else "")
                    + " is not what it was.",
                    agreed + 1,
                )

    def _of_others(self, held: Sequence[Held]) -> list[tuple[Checkpoint, str]]:
        read = [(self._read(each.note, f"The checkpoint that {each.by} holds"), each.by) for each in held]
        return [(found[1], by) for found, by in read if found is not None]

    def _read(self, text: str, what: str) -> tuple[Note, Checkpoint] | None:
        try:
            note = read_note(text)
            said = read_checkpoint(note.text)
        except NoteError as error:
            self.faults.add("checkpoint", f"{what} cannot be read: {error}.")
            return None
        if self.origin is not None and said.origin != self.origin:
            self.faults.add("checkpoint", f"{what} is that of {said.origin}, and not of {self.origin}.")
        self.origin = said.origin
        if self.keys and not self._bears(note, [*self.keys, *self._told]):
            self.faults.add("signature", f"{what} is not signed by a key of this log.")
        return note, said

    def finish(self) -> None:
        """The newest checkpoint has to bear the signature of a pinned key: it vouches for all before it."""
        if self.keys and self._newest is not None and not self._bears(self._newest, self.keys):
            self.faults.add("signature", "The newest checkpoint is not signed by the key that is pinned.")

    @staticmethod
    def _bears(note: Note, keys: Collection[Key]) -> bool:
        return any(signed_by(note, PublicKey(key)) for key in keys if key.algorithm == ED25519)
