"""What the signer signed last, in a file that says so before anybody else is told."""

from pathlib import Path

from domain.evidence.notes import Checkpoint, Note, NoteError, read_checkpoint, read_note, signed_by
from domain.evidence.trees import EMPTY
from infrastructure.signing.durable import replace
from infrastructure.signing.keyring import Keyring
from infrastructure.signing.signatures import Ed25519Verifier


class ForgottenError(Exception):
    """What was signed last is not there or was changed; the sentence says what that means."""


class Memory:
    """The last signed note of one log. A note of the empty tree stands for a log that has signed nothing yet."""

    def __init__(self, path: Path, keyring: Keyring) -> None:
        """ForgottenError when the file is missing, damaged, or not signed by this log's keys."""
        self._path = path
        # It is signed anew by the keys of now, of which whoever asks may know no other; and written anew, for what a
        # process before us wrote may not have reached the disk when it ended.
        self.note = _signed(_read(path, keyring), keyring)
        self.checkpoint = read_checkpoint(self.note.text)
        replace(path, self.note.written().encode())

    def keep(self, note: Note) -> None:
        """Keep another note. When this raises, nobody can say what the disk holds: whoever asked has to stop."""
        replace(self._path, note.written().encode())
        self.note, self.checkpoint = note, read_checkpoint(note.text)


def begin(path: Path, keyring: Keyring) -> None:
    """Say for a new log that nothing is signed yet. ForgottenError when something was signed in this place already."""
    if path.exists() and read_checkpoint(_read_note(path).text).size:
        raise ForgottenError(f"{path} is of a log whose keys are gone; put them back, or take a new folder")
    replace(path, _signed(Checkpoint(keyring.origin, 0, EMPTY).written(), keyring).written().encode())


def _signed(text: str, keyring: Keyring) -> Note:
    return Note(text, tuple(signer.sign(text) for signer in keyring.signers))


def _read(path: Path, keyring: Keyring) -> str:
    """The text of the note, if it is this log's."""
    note = _read_note(path)
    known = (*keyring.keys, *keyring.retired)
    own = read_checkpoint(note.text).origin == keyring.origin
    if not own or not any(signed_by(note, Ed25519Verifier(key)) for key in known):
        raise ForgottenError(f"{path} was not signed by the keys of {keyring.origin}; put back the file that was there")
    return note.text


def _read_note(path: Path) -> Note:
    try:
        note = read_note(path.read_text(encoding="utf-8"))
        read_checkpoint(note.text)
    except FileNotFoundError:
        raise ForgottenError(
            f"{path} is gone: it says which checkpoint was signed last, and without it a forked log could be signed."
            " Put it back; if it is lost, begin a new log with a new origin and a new key in a new folder"
        ) from None
    except (NoteError, UnicodeDecodeError) as error:
        raise ForgottenError(f"{path} is damaged ({error}); put back the file that was there") from None
    return note
