"""Asks a witness for its cosignature of a checkpoint, and checks that it is one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from domain.evidence.notes import (
    COSIGNATURE,
    Key,
    Note,
    NoteError,
    Signature,
    cosignatures,
    read_checkpoint,
    read_note,
)
from infrastructure.signing.signatures import Ed25519Verifier
from infrastructure.witness.asked import write_asked

PATIENCE = 5.0
"""Seconds that a witness has for each step of an answer."""

_LONGEST_ANSWER = 16 * 1024
_ROUNDS = 3


class WitnessError(OSError):
    """A witness gave no cosignature; the sentence says why."""


class WitnessAwayError(WitnessError):
    """The witness cannot be reached, or does not answer as one; asking again later is safe."""


class WitnessRefusedError(WitnessError):
    """The witness refuses: it does not know the log, or the log is not the one that it has seen."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    kind: str
    text: str


class WitnessClient:
    """Asks one witness, over connections that stay open between two checkpoints."""

    def __init__(self, url: str, key: Key, *, patience: float = PATIENCE) -> None:
        """NoteError when this is not the key of a witness."""
        if key.algorithm != COSIGNATURE:
            raise NoteError(f"the key of {key.name} is not that of a witness; take the vkey that the witness printed")
        self.name = key.name
        self._verifier = Ed25519Verifier(key)
        self._url = f"{url.rstrip('/')}/add-checkpoint"
        self._client = httpx.Client(timeout=patience, follow_redirects=False, trust_env=False)
        self._seen = 0

    def cosign(self, note: Note, prove: Callable[[int], Sequence[bytes]]) -> Signature:
        """The witness's line for a signed checkpoint.

        `prove` gives the consistency proof from a size to this checkpoint's; the witness says which size that is.
        WitnessRefusedError when it does not cosign, WitnessAwayError when there is nothing to be had from it.
        """
        size = read_checkpoint(note.text).size
        old = min(self._seen, size)
        for _ in range(_ROUNDS):
            answer = self._post(write_asked(old, prove(old) if 0 < old < size else (), note))
            if answer.status == httpx.codes.OK:
                self._seen = size
                return self._own(note, answer.text)
            old = self._next(answer, old, size)
        raise WitnessAwayError(f"the witness {self.name} is asked by others all the time; asked again later")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _post(self, body: bytes) -> _Answer:
        try:
            with self._client.stream("POST", self._url, content=body) as answer:
                text = bytearray()
                for chunk in answer.iter_bytes():
                    text += chunk
                    if len(text) > _LONGEST_ANSWER:
                        raise WitnessAwayError(f"{self._url} answers at length, and not as a witness does")
                kind = answer.headers.get("content-type", "").partition(";")[0].strip()
                return _Answer(answer.status_code, kind, text.decode(errors="replace"))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = str(error) or type(error).__name__
            raise WitnessAwayError(f"the witness {self.name} cannot be reached at {self._url}: {said}") from None

    def _next(self, answer: _Answer, old: int, size: int) -> int:
        """The size from which the witness wants its proof, if that is why it did not cosign."""
        said = answer.text.strip()
        if answer.status != httpx.codes.CONFLICT or answer.kind != "text/x.tlog.size" or not said.isdecimal():
            sentence = f"the witness {self.name} does not cosign ({answer.status}): {said[:200]}"
            if answer.status in {400, 403, 404, 409, 413, 422}:
                raise WitnessRefusedError(answer.status, sentence)
            raise WitnessAwayError(sentence)
        seen = int(said[:20])
        if seen > size:
            raise WitnessRefusedError(
                409, f"the witness {self.name} has cosigned {seen} leaves already, and here are {size}: leaves are gone"
            )
        if seen == old:
            raise WitnessRefusedError(
                409, f"the witness {self.name} has cosigned another log of {seen} leaves: there are two of them"
            )
        return seen

    def _own(self, note: Note, lines: str) -> Signature:
        """The one signature of the witness among the lines of its answer."""
        key = self._verifier.key
        try:
            found = read_note(f"{note.text}\n{lines}").signatures
        except NoteError as error:
            raise WitnessAwayError(f"the witness {self.name} answers with no signature: {error}") from None
        for each in found:
            if (each.name, each.id) == (key.name, key.id) and cosignatures(Note(note.text, (each,)), [self._verifier]):
                return each
        raise WitnessAwayError(f"what answers at {self._url} has not the key of {self.name}; ask who runs it")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def cosign(url: str, note: Note, key: Key, prove: Callable[[int], Sequence[bytes]]) -> Signature:
    """A witness's line for a checkpoint, asked once; as `WitnessClient.cosign`."""
    with WitnessClient(url, key) as client:
        return client.cosign(note, prove)
