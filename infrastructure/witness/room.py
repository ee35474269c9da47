"""The witness's folder: its key, what it has seen, and a lock, so that one process at a time cosigns."""

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from domain.evidence.notes import COSIGNATURE, Key
from infrastructure.signing.alone import alone
from infrastructure.signing.folders import own_folder
from infrastructure.signing.keyfiles import KeyFileError, new_key, public_key, read_private_key, write_private_key
from infrastructure.signing.signatures import Ed25519Cosigner
from infrastructure.witness.clock import seconds
from infrastructure.witness.remembering import Memory, begin
from infrastructure.witness.witness import Witness


class Room:
    """The folder of one witness. It is made if it is missing, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        """KeyFileError when others may write in the folder."""
        self._folder = own_folder(folder)

    def make_key(self, name: str | None) -> Key:
        """Make the witness's key; its public key.

        KeyFileError when it has one already, SeenLostError when what it has seen is there without a key,
        RoomTakenError when another process works here.
        """
        with self._alone():
            return self._make_key(name)

    @contextmanager
    def witness(self, logs: Collection[Key], name: str | None) -> Iterator[Witness]:
        """The witness, which for as long as the block is the only one here; its key is made if there is none.

        RoomTakenError, KeyFileError, SeenLostError; NoteError for a log whose key cannot be used.
        """
        with self._alone():
            if not self._key.exists():
                self._make_key(name)
            private, found = read_private_key(self._key, COSIGNATURE)
            if name is not None and name != found:
                raise KeyFileError(f"{self._folder} is the folder of {found}; give {name} another one")
            cosigner = Ed25519Cosigner(private, found)
            yield Witness(cosigner, logs, Memory(self._seen, cosigner.key), seconds)

    def _make_key(self, name: str | None) -> Key:
        if self._key.exists():
            raise KeyFileError(
                f"{self._key} is there already; a witness keeps its key, and a new one takes a new folder"
            )
        if name is None:
            raise KeyFileError("say what this witness is to be called: --name NAME, like auditor.example/witness")
        private = new_key(name, COSIGNATURE)
        begin(self._seen)
        write_private_key(self._key, private, name, COSIGNATURE)
        return public_key(private, name, COSIGNATURE)

    @property
    def _key(self) -> Path:
        return self._folder / "witness.key"

    @property
    def _seen(self) -> Path:
        return self._folder / "seen"

    def _alone(self) -> AbstractContextManager[None]:
        return alone(self._folder / "witness.lock", f"Another witness works in {self._folder}; stop that one first")
