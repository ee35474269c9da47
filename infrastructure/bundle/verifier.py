"""Ed25519 as the check needs it: whether a signature is a key's over a message."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.evidence.notes import COSIGNATURE, ED25519, Key, NoteError, read_key


class KeyVerifier:
    """Checks the signatures of one public key; fulfils domain.evidence.notes.Verifier."""

    def __init__(self, key: Key) -> None:
        """NoteError when this is no key of Ed25519."""
        try:
            self._public = Ed25519PublicKey.from_public_bytes(key.public)
        except ValueError:
            raise NoteError(f"the key of {key.name} is no key of Ed25519") from None
        self._key = key

    @property
    def key(self) -> Key:
        """The key."""
        return self._key

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            self._public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def log_key(vkey: str) -> KeyVerifier:
    """The key of a log. NoteError when this is none."""
    return _of_kind(vkey, ED25519, "the key of a log; what you gave is the key of a witness")


def witness_key(vkey: str) -> KeyVerifier:
    """The key of a witness. NoteError when this is none."""
    return _of_kind(vkey, COSIGNATURE, "the key of a witness; what you gave is the key of a log")


def _of_kind(vkey: str, algorithm: int, wanted: str) -> KeyVerifier:
    key = read_key(vkey)
    if key.algorithm != algorithm:
        raise NoteError(f"this has to be {wanted}")
    return KeyVerifier(key)
