"""The wrapping key: a file of this machine, without which the data keys in the key store are of no use."""

import hmac
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infrastructure.store.errors import StoreError

_LENGTH = 32
_NONCE = 12
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MARK = b"accessledger wrapping key"


class WrappingKeyError(StoreError):
    """The wrapping key cannot be used; the message says which file it is and what to do."""


class WrappingKey:
    """Wraps data keys. Whoever has only the key store's database has nothing."""

    def __init__(self, secret: bytes, origin: str) -> None:
        self._cipher = AESGCM(secret)
        self.origin = origin
        """The file that it came from."""
        self.fingerprint = hmac.digest(secret, _MARK, "sha256")
        """By which the key store knows that it is still the same one; it says nothing about the key."""

    def wrap(self, secret: bytes, belongs_to: bytes) -> bytes:
        """A data key as it may lie in a database, for one owner alone."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, belongs_to)

    def unwrap(self, wrapped: bytes, belongs_to: bytes) -> bytes:
        """The data key again. WrappingKeyError when it was wrapped by another key, or for another owner."""
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], belongs_to)
        except (InvalidTag, ValueError):
            raise WrappingKeyError(
                f"A data key in the key store does not open with the wrapping key {self.origin}: it was changed, or "
                "put in another's place. Bring the key store back from its backup."
            ) from None


def read_wrapping_key(path: Path, *, may_make: bool) -> WrappingKey:
    """The wrapping key of a file; a new one, readable to this user alone, if there is none and one `may_make` it.

    Several processes may do this at once: all get the same. WrappingKeyError when the file is missing and keys exist
    that it wrapped, when it is no key, or when others may read it.
    """
    if may_make and not path.exists():
        _make(path)
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise WrappingKeyError(
            f"The wrapping key {path} is missing, and the key store has keys that only it opens. Bring the file back "
            "from where it was kept, or name the place where it lies by ACCESSLEDGER_KEYS_WRAP."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WrappingKeyError(f"The wrapping key {path} cannot be read: {error}.") from None
    if mode & _OTHERS:
        raise WrappingKeyError(f"Others may read the wrapping key {path}; take that from them: chmod 600 {path}")
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != _LENGTH:
        raise WrappingKeyError(f"{path} is not a wrapping key: it should hold {_LENGTH * 2} hexadecimal digits.")
    return WrappingKey(secret, str(path))


def _make(path: Path) -> None:
    """Put a whole file in its place at once, unless another process was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_LENGTH) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        beside.unlink()
