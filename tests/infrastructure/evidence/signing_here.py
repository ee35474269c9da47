"""A signer in the same process: it signs whatever has grown, and remembers what it signed."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import Checkpoint, Key, Note, read_checkpoint
from domain.evidence.trees import EMPTY, check_consistency
from infrastructure.signing.signatures import Ed25519Signer

ORIGIN = "ledger.example/tests"


class SignsHere:
    """Checks consistency as the real one does, without a process, a socket or a file."""

    def __init__(self) -> None:
        self.signer = Ed25519Signer(Ed25519PrivateKey.generate(), ORIGIN)
        self.notes: list[Note] = []

    def keys(self) -> Sequence[Key]:
        """Its one key."""
        return (self.signer.key,)

    def last(self) -> Note | None:
        """What was signed last."""
        return self.notes[-1] if self.notes else None

    def sign(self, checkpoint: Checkpoint, proof: Sequence[bytes]) -> Note:
        """Sign it; ProofError when it has not grown out of the last."""
        before = read_checkpoint(self.notes[-1].text) if self.notes else Checkpoint(ORIGIN, 0, EMPTY)
        check_consistency(before.size, checkpoint.size, before.root, checkpoint.root, proof)
        text = checkpoint.written()
        self.notes.append(Note(text, (self.signer.sign(text),)))
        return self.notes[-1]
