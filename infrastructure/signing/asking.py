"""Asks the signer over its socket, and believes nothing that its keys do not say."""

import socket
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from domain import canonical
from domain.canonical import NotCanonicalError
from domain.evidence.notes import (
    LONGEST_NOTE,
    Checkpoint,
    Key,
    Note,
    NoteError,
    read_checkpoint,
    read_key,
    read_note,
    signed_by,
    write_hashes,
)
from infrastructure.signing.signatures import Ed25519Verifier

PATIENCE = 10.0
"""Seconds that the signer has for an answer: it writes one small file."""

_LONGEST_ANSWER = 2 * LONGEST_NOTE


class SignerError(OSError):
    """The signer gave no signature; the sentence says what to do."""


class SignerAwayError(SignerError):
    """There is no signer at the socket, or it does not answer. Asking again later is safe."""


class SignerRefusedError(SignerError):
    """The signer refuses, and says why: in a sentence, and in `why` by one word."""

    def __init__(self, why: str, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


class OtherKeyError(SignerError):
    """What answers is not the signer whose key is pinned."""


class SignerClient:
    """Asks the signer at a socket; each question by a connection of its own."""

    def __init__(self, path: Path, pinned: Collection[Key] = (), *, patience: float = PATIENCE) -> None:
        """`pinned` keys, if any are given: each answer has to bear the signature of at least one of them."""
        self._path = path
        self._pinned = tuple(pinned)
        self._patience = patience

    def key(self) -> Key:
        """The log's key: the newest of those that sign. SignerError when there is none to be had."""
        return self.keys()[0]

    def keys(self) -> tuple[Key, ...]:
        """The keys that sign, the newest first: two while one takes over from the other.

        SignerAwayError, or OtherKeyError when none of them is pinned.
        """
        found = self._ask({"ask": "keys"}).get("keys")
        try:
            keys = tuple(read_key(vkey) for vkey in found) if isinstance(found, list) else ()
        except (NoteError, AttributeError):
            keys = ()
        if not keys:
            raise self._astray("it says no keys")
        if self._pinned and not set(self._pinned) & set(keys):
            raise OtherKeyError(
                f"the signer at {self._path} signs with {keys[0].written()}, which is not the pinned key;"
                " ask who runs it before you trust this key"
            )
        return keys

    def last(self) -> Note | None:
        """The note that was signed last; None when none was. SignerAwayError, or OtherKeyError."""
        found = self._ask({"ask": "last"})
        return None if found.get("last", "") is None else self._read(found.get("last"))

    def sign(self, checkpoint: Checkpoint, proof: Sequence[bytes], since: int | None = None) -> Note:
        """The signed note of a checkpoint.

        `proof` is that of the consistency from the last signed checkpoint to this one; `since`, if given, the size
        that the asker takes for that of the last one. The same again gives the same note again.
        SignerRefusedError (`why` says in a word: smaller, fork, inconsistent, origin, stale, malformed, stranger),
        SignerAwayError, OtherKeyError.
        """
        asked: dict[str, Any] = {"ask": "sign", "checkpoint": checkpoint.written(), "proof": write_hashes(proof)}
        if since is not None:
            asked["since"] = since
        note = self._read(self._ask(asked).get("note"))
        if read_checkpoint(note.text) != checkpoint:
            raise self._astray("it signed something else than it was asked to")
        return note

    def _read(self, text: object) -> Note:
        """A note, if pinned keys (or else those that the signer says are its own) have signed it."""
        try:
            note = read_note(text if isinstance(text, str) else "")
            read_checkpoint(note.text)
        except NoteError as error:
            raise self._astray(str(error)) from None
        keys = self._pinned or self.keys()
        if not any(signed_by(note, Ed25519Verifier(key)) for key in keys):
            raise OtherKeyError(
                f"the signer at {self._path} answered with a note that the key {keys[0].written()} has not signed;"
                " ask who runs it before you trust it"
            )
        return note

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            line = self._exchange(canonical.write(asked) + b"\n")
        except TimeoutError:
            raise SignerAwayError(f"the signer at {self._path} does not answer; see its log") from None
        except (FileNotFoundError, ConnectionError) as error:
            raise SignerAwayError(
                f"no signer listens at {self._path} ({error.strerror}); start it: accessledger signer"
            ) from None
        except PermissionError:
            raise SignerAwayError(
                f"this user may not ask the signer at {self._path}; let it into the group of the socket"
            ) from None
        except OSError as error:
            raise SignerAwayError(f"the signer at {self._path} cannot be asked: {error}") from None
        return self._understood(line)

    def _exchange(self, line: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(self._patience)
            asking.connect(str(self._path))
            with suppress(BrokenPipeError):  # who is turned away at the door finds the reason there
                asking.sendall(line)
            with asking.makefile("rb") as answered:
                return answered.readline(_LONGEST_ANSWER)

    def _understood(self, line: bytes) -> dict[str, Any]:
        if not line:
            raise SignerAwayError(f"the signer at {self._path} ended before it answered; see its log")
        try:
            answered = canonical.read(line)
        except NotCanonicalError:
            answered = None
        if not isinstance(answered, dict):
            raise self._astray("this is not its language")
        if isinstance(answered.get("refused"), str):
            raise SignerRefusedError(str(answered.get("why")), answered["refused"])
        return answered

    def _astray(self, why: str) -> SignerError:
        return SignerError(f"what answers at {self._path} is not the signer: {why}")
