"""The rule of signing: a log only grows, so what is signed next holds all that was signed before."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from domain.evidence.notes import Checkpoint, Key, Note, NoteError, read_checkpoint
from domain.evidence.trees import ProofError, check_consistency
from infrastructure.signing.keyring import Keyring
from infrastructure.signing.remembering import Memory

Why: TypeAlias = Literal["origin", "smaller", "fork", "stale", "inconsistent", "malformed", "stranger", "busy"]


class RefusedError(Exception):
    """This is not signed: why, in one word and in a sentence."""

    def __init__(self, why: Why, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


class NotKeptError(Exception):
    """What was to be signed could not be kept: nobody knows what the disk holds, and the process has to end."""


class Signer:
    """Signs the checkpoints of one log, one after the other."""

    def __init__(self, keyring: Keyring, memory: Memory) -> None:
        self._keyring = keyring
        self._memory = memory
        self._broken = False

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys that sign, the newest first."""
        return self._keyring.keys

    @property
    def last(self) -> Note | None:
        """What was signed last; None when nothing was."""
        return self._memory.note if self._memory.checkpoint.size else None

    def sign(self, text: str, proof: Sequence[bytes], since: int | None = None) -> Note:
        """The signed checkpoint, kept before it is given away.

        `proof` is that of the consistency between the last signed checkpoint and this one; `since` says which size
        the asker took for the last one. RefusedError says why something is not signed. NotKeptError when it could not
        be kept, and ever after.
        """
        if self._broken:
            raise NotKeptError("something could not be kept before; nothing more is signed")
        checkpoint = self._checked(text, proof, since)
        last = self._memory.note
        signed = Note(text, tuple(signer.sign(checkpoint.written()) for signer in self._keyring.signers))
        if signed != last:
            try:
                self._memory.keep(signed)
            except OSError as error:
                self._broken = True
                raise NotKeptError(
                    f"what was to be signed could not be kept ({error}); nothing was given away"
                ) from error
        return signed

    def _checked(self, text: str, proof: Sequence[bytes], since: int | None) -> Checkpoint:
        try:
            checkpoint = read_checkpoint(text)
        except NoteError as error:
            raise RefusedError("malformed", str(error)) from None
        last = self._memory.checkpoint
        if checkpoint.origin != last.origin:
            raise RefusedError(
                "origin", f"this signer signs the checkpoints of {last.origin}, and this is one of {checkpoint.origin}"
            )
        if checkpoint.size < last.size:
            raise RefusedError(
                "smaller",
                f"a log of {checkpoint.size} leaves is smaller than the {last.size} that were signed: leaves are gone."
                " If an old backup was restored, begin a new log with a new origin",
            )
        if since is not None and since != last.size:
            raise RefusedError(
                "stale", f"{last.size} leaves were signed meanwhile, and not {since}; prove it from there"
            )
        if checkpoint.size == last.size and checkpoint.root != last.root:
            raise RefusedError("fork", f"another log of {last.size} leaves was signed; this one is a fork of it")
        try:
            check_consistency(last.size, checkpoint.size, last.root, checkpoint.root, proof)
        except ProofError as error:
            raise RefusedError(
                "inconsistent", f"this log is not shown to hold the {last.size} leaves that were signed: {error}"
            ) from None
        return checkpoint
