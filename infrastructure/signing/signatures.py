"""Ed25519 signatures under notes and checkpoints (C2SP signed-note, tlog-cosignature), made and checked."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.evidence.notes import COSIGNATURE, ED25519, Key, NoteError, Signature, cosigned_message

_ALGORITHMS = (ED25519, COSIGNATURE)


class Ed25519Verifier:
    """Checks the signatures of one public key; fulfils domain.evidence.notes.Verifier."""

    def __init__(self, key: Key) -> None:
        """NoteError when this is no key of Ed25519."""
        if key.algorithm not in _ALGORITHMS:
            raise NoteError(
                f"the key of {key.name} is of another kind (algorithm {key.algorithm}); Ed25519 keys are checked here"
            )
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


class Ed25519Signer:
    """Signs texts of notes with one private key, under one name: the key of a log."""

    def __init__(self, private: Ed25519PrivateKey, name: str) -> None:
        self._private = private
        self.key = Key(name, ED25519, private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """The signature that goes under a note of this text."""
        return Signature(self.key.name, self.key.id, self._private.sign(text.encode()))


class Ed25519Cosigner:
    """Cosigns checkpoints with one private key, under one name: the key of a witness (cosignature/v1)."""

    def __init__(self, private: Ed25519PrivateKey, name: str) -> None:
        self._private = private
        self.key = Key(name, COSIGNATURE, private.public_key().public_bytes_raw())

    def cosign(self, text: str, at: int) -> Signature:
        """The cosignature of a checkpoint's text at a time (seconds since 1970, UTC)."""
        signature = self._private.sign(cosigned_message(text, at))
        return Signature(self.key.name, self.key.id, at.to_bytes(8, "big") + signature)
