"""The signer's folder: its keys, what it signed last, and a lock, so that one process at a time signs."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from domain.evidence.notes import ED25519, Key
from infrastructure.signing.alone import alone
from infrastructure.signing.folders import own_folder
from infrastructure.signing.keyfiles import KeyFileError, new_key
from infrastructure.signing.keyring import Keyring, add_key, read_keyring, retire_key
from infrastructure.signing.remembering import Memory, begin
from infrastructure.signing.signatures import Ed25519Signer
from infrastructure.signing.signer import Signer


class Room:
    """The folder of one log's signer. It is made if it is missing, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        """KeyFileError when others may write in the folder."""
        self._folder = own_folder(folder)

    def make_key(self, origin: str | None) -> Key:
        """Make the first key of a new log, or the next one of this log; its public key.

        KeyFileError or ForgottenError when that cannot be, or RoomTakenError when somebody does so at the same moment.
        """
        with self._alone("keys.lock", "makes or retires a key here; wait until it has ended"):
            there = read_keyring(self._folder)
            name = origin if there is None or origin is not None else there.origin
            if name is None:
                raise KeyFileError("say which log this is to be: --origin NAME, which no other log ever had")
            private = new_key(name, ED25519)
            if there is None:
                begin(self._last, Keyring((Ed25519Signer(private, name),), ()))
            return add_key(self._folder, private, name)

    def retire_key(self) -> Key:
        """Take the older of two keys out of use; its public key. KeyFileError, RoomTakenError."""
        with self._alone("keys.lock", "makes or retires a key here; wait until it has ended"):
            return retire_key(self._folder)

    def keys(self) -> tuple[Key, ...]:
        """The public keys of those that sign, the newest first. KeyFileError."""
        there = read_keyring(self._folder)
        return () if there is None else there.keys

    @contextmanager
    def signer(self, origin: str | None) -> Iterator[Signer]:
        """The signer, which for as long as the block is the only one here; the first key is made if there is none.

        RoomTakenError when another one signs; KeyFileError or ForgottenError when this folder's cannot.
        """
        with self._alone("signer.lock", "signs with these keys already; stop that signer first"):
            if not self.keys():
                self.make_key(origin)
            keyring = read_keyring(self._folder)
            assert keyring is not None
            if origin is not None and origin != keyring.origin:
                raise KeyFileError(f"{self._folder} holds the keys of {keyring.origin}; give {origin} another folder")
            yield Signer(keyring, Memory(self._last, keyring))

    @property
    def _last(self) -> Path:
        return self._folder / "last"

    def _alone(self, name: str, who: str) -> AbstractContextManager[None]:
        return alone(self._folder / name, f"Another process {who} ({self._folder})")
