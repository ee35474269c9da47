"""The keys of one log in a folder: those that sign, two of them while one takes over from the other, and the retired.

`0001.key`, `0002.key`, ... sign, all of them, and the newest is the log's key. A key that is retired leaves its vkey
in `retired`: what it has signed stays true.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import ED25519, Key, NoteError, read_key
from infrastructure.signing.durable import replace, settle
from infrastructure.signing.keyfiles import KeyFileError, public_key, read_private_key, write_private_key
from infrastructure.signing.signatures import Ed25519Signer

_KEY_FILE = re.compile(r"([0-9]{4})\.key")


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that sign, the newest first, and the keys that have signed before."""

    signers: tuple[Ed25519Signer, ...]
    retired: tuple[Key, ...]

    @property
    def origin(self) -> str:
        """The log that these keys are for: a key bears the name of its log."""
        return self.signers[0].key.name

    @property
    def keys(self) -> tuple[Key, ...]:
        """The public keys of those that sign, the newest first."""
        return tuple(signer.key for signer in self.signers)


def read_keyring(folder: Path) -> Keyring | None:
    """The keys of a folder; None when there is none yet. KeyFileError when one cannot be used, or two logs share it."""
    paths = _key_files(folder)
    if not paths:
        return None
    signers = tuple(Ed25519Signer(*read_private_key(path, ED25519)) for path in reversed(paths))
    names = {signer.key.name for signer in signers}
    if len(names) > 1:
        raise KeyFileError(
            f"{folder} holds keys of several logs ({', '.join(sorted(names))}); give each its own folder"
        )
    return Keyring(signers, _retired(folder))


def add_key(folder: Path, private: Ed25519PrivateKey, origin: str) -> Key:
    """Write down the next key of a log; the one that was there goes on signing until it is retired; its public key.

    KeyFileError when the folder is another log's, or when two keys sign already.
    """
    there = read_keyring(folder)
    if there is not None and there.origin != origin:
        raise KeyFileError(f"{folder} holds the keys of {there.origin}; give {origin} a folder of its own")
    if there is not None and len(there.signers) > 1:
        raise KeyFileError("two keys sign already; retire the older one first (--retire-key)")
    number = max([int(path.stem) for path in _key_files(folder)], default=0) + 1
    write_private_key(folder / f"{number:04}.key", private, origin, ED25519)
    return public_key(private, origin, ED25519)


def retire_key(folder: Path) -> Key:
    """Take the older of two keys out of use and destroy it; its public key. KeyFileError when only one signs."""
    paths = _key_files(folder)
    there = read_keyring(folder)
    if there is None or len(there.signers) < 2:
        raise KeyFileError("only one key signs; make the next one first (--make-key), and let both sign for a while")
    key = there.signers[-1].key
    lines = [each.written() for each in (*there.retired, key)]
    replace(folder / "retired", "".join(f"{line}\n" for line in lines).encode())
    paths[0].unlink()
    settle(folder)
    return key


def _key_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if _KEY_FILE.fullmatch(path.name)) if folder.is_dir() else []


def _retired(folder: Path) -> tuple[Key, ...]:
    path = folder / "retired"
    try:
        return tuple(read_key(line) for line in path.read_text(encoding="utf-8").splitlines())
    except FileNotFoundError:
        return ()
    except (NoteError, UnicodeDecodeError):
        raise KeyFileError(f"{path} holds a line that is no vkey; put back the file that was there") from None
