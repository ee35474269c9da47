"""The rule of a witness: it cosigns a checkpoint that its log has signed and that holds all that it cosigned before."""

from collections.abc import Callable, Collection

from domain.evidence.notes import Checkpoint, Key, Note, Signature, signed_by
from domain.evidence.trees import EMPTY, ProofError, check_consistency
from infrastructure.signing.signatures import Ed25519Cosigner, Ed25519Verifier
from infrastructure.witness.asked import Asked
from infrastructure.witness.remembering import Memory, Seen


class RefusedError(Exception):
    """This is not cosigned: the status of the answer, why, and, for a conflict, the size that was cosigned last."""

    def __init__(self, status: int, sentence: str, size: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.size = size


class Witness:
    """One witness of several logs; the name of a log's key is its origin."""

    def __init__(
        self, cosigner: Ed25519Cosigner, logs: Collection[Key], memory: Memory, clock: Callable[[], int]
    ) -> None:
        """`clock` gives seconds since 1970 (UTC). NoteError when the key of a log is no key of Ed25519."""
        self._cosigner = cosigner
        self._memory = memory
        self._clock = clock
        self._verifiers: dict[str, list[Ed25519Verifier]] = {}
        for key in logs:
            self._verifiers.setdefault(key.name, []).append(Ed25519Verifier(key))

    @property
    def key(self) -> Key:
        """The key that cosigns."""
        return self._cosigner.key

    @property
    def origins(self) -> Collection[str]:
        """The logs that are watched."""
        return self._verifiers.keys()

    @property
    def seen(self) -> Seen:
        """What was seen so far."""
        return self._memory.seen

    def add(self, asked: Asked) -> Signature:
        """The cosignature of a checkpoint, which is kept before it is given away.

        RefusedError with the status that C2SP tlog-witness gives it. OSError when it could not be kept: then nothing
        is known of the disk any more, and the process has to end.
        """
        origin = asked.checkpoint.origin
        signed = self._signed(asked)
        last = self.seen.last(origin)
        self._check(asked, signed, last or Checkpoint(origin, 0, EMPTY))
        cosignature = self._cosigner.cosign(signed.text, self._clock())
        note = Note(signed.text, (*signed.signatures, cosignature))
        self._memory.keep(self.seen.with_note(origin, note))
        return cosignature

    def _signed(self, asked: Asked) -> Note:
        """The note with the signatures of its log alone; what others put under it is not our business."""
        verifiers = self._verifiers.get(asked.checkpoint.origin)
        if verifiers is None:
            raise RefusedError(404, "this witness does not watch that log")
        signers = [each.key for each in verifiers if signed_by(asked.note, each)]
        if not signers:
            raise RefusedError(403, "no key of that log that this witness knows has signed this checkpoint")
        ids = {key.id for key in signers}
        name = asked.checkpoint.origin
        return Note(
            asked.note.text, tuple(each for each in asked.note.signatures if each.name == name and each.id in ids)
        )

    def _check(self, asked: Asked, signed: Note, last: Checkpoint) -> None:
        new = asked.checkpoint
        if asked.old > new.size:
            raise RefusedError(400, "the old size is larger than the checkpoint's")
        if new.size == last.size and new.root != last.root:
            self._memory.keep(self.seen.with_fork(signed))
            raise RefusedError(409, f"a fork: another tree of {last.size} leaves was cosigned", last.size)
        if asked.old != last.size:
            raise RefusedError(409, f"the checkpoint cosigned last has {last.size} leaves", last.size)
        try:
            check_consistency(last.size, new.size, last.root, new.root, asked.proof)
        except ProofError as error:
            raise RefusedError(422, str(error)) from None
