"""Private keys as files: one line, as Go's `note` package writes them, readable by their owner and nobody else."""

import base64
import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import Key, NoteError, read_key
from infrastructure.signing.durable import write_new

_BEGINS = "PRIVATE+KEY+"
_LONGEST = 4096


class KeyFileError(Exception):
    """A key file cannot be used as it is; the sentence says what to do."""


def new_key(name: str, algorithm: int) -> Ed25519PrivateKey:
    """A new private key. KeyFileError for a name that no key can have."""
    private = Ed25519PrivateKey.generate()
    try:
        read_key(public_key(private, name, algorithm).written())
    except NoteError:
        raise KeyFileError(
            f"{name!r} cannot be the name of a key; take something like ledger.example/berlin, without spaces and plus"
        ) from None
    return private


def public_key(private: Ed25519PrivateKey, name: str, algorithm: int) -> Key:
    """The public key that belongs to a private one."""
    return Key(name, algorithm, private.public_key().public_bytes_raw())


def write_private_key(path: Path, private: Ed25519PrivateKey, name: str, algorithm: int) -> None:
    """Write a private key to a file (mode 0600). FileExistsError when it is there: no key is ever overwritten."""
    write_new(path, _written(private, public_key(private, name, algorithm)).encode())


def read_private_key(path: Path, algorithm: int) -> tuple[Ed25519PrivateKey, str]:
    """The private key of a file and its name.

    KeyFileError when others may read it, when it is damaged, or when it is a key for something else.
    FileNotFoundError when it is not there.
    """
    content = _read_own(path)
    name, seed = _read(content)
    if seed is None or len(seed) != 33:
        raise KeyFileError(f"{path} holds no whole private key; put back the file that was there")
    private = Ed25519PrivateKey.from_private_bytes(seed[1:])
    if _written(private, public_key(private, name, seed[0])) != content:
        raise KeyFileError(f"{path} contradicts itself: it was changed by hand; put back the file that was there")
    if seed[0] != algorithm:
        raise KeyFileError(f"{path} is the key of {name} for something else: keys of logs and of witnesses differ")
    return private, name


def _read_own(path: Path) -> str:
    """What a file says that is ours alone; looked at by its descriptor, so that it is one and the same file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with open(descriptor, "rb") as file:  # noqa: PTH123
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise KeyFileError(
                f"{path} is a private key that others own or can read; give it to the user that runs this program"
                " (chown), and to nobody else (chmod 600)"
            )
        return file.read(_LONGEST).decode(errors="replace")


def _read(content: str) -> tuple[str, bytes | None]:
    parts = content.removesuffix("\n").split("+", 4)
    if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
        return "", None
    try:
        return parts[2], base64.b64decode(parts[4], validate=True)
    except ValueError:
        return "", None


def _written(private: Ed25519PrivateKey, key: Key) -> str:
    seed = base64.b64encode(bytes([key.algorithm]) + private.private_bytes_raw()).decode()
    return f"{_BEGINS}{key.name}+{key.id.hex()}+{seed}\n"
