r"""What the signer is asked over its socket, and what it answers: one JSON object a line, one line for each.

| asked | answered |
|---|---|
| `{"ask": "keys"}` | `{"keys": [vkey, ...], "origin": "..."}`, the newest first |
| `{"ask": "last"}` | `{"last": note}`, or `{"last": null}`: nothing is signed yet |
| `{"ask": "sign", "checkpoint": text, "proof": [base64, ...], "since": N}` | `{"note": note}` |

`proof` proves the consistency between the last signed checkpoint and this one; `since`, which may be left out, is the
size that the asker takes for the last one. What is refused is answered `{"refused": sentence, "why": word}`; `Why`
has the words. After a line that is not understood the connection goes on; after one that is too long, or comes too
slowly, it ends.
"""

from typing import Any

from domain import canonical
from domain.canonical import NotCanonicalError
from domain.evidence.notes import NoteError, read_hashes
from infrastructure.signing.signer import RefusedError, Signer, Why

LONGEST_LINE = 16 * 1024
"""Bytes of a line that is asked: a checkpoint has three lines, a proof at most 63 hashes."""

MOST_HASHES = 63


def answer(signer: Signer, line: bytes) -> dict[str, Any]:
    """The answer to one line. NotKeptError as `Signer.sign` says."""
    try:
        return _answer(signer, _read(line))
    except RefusedError as error:
        return refused(error.why, str(error))


def refused(why: Why, sentence: str) -> dict[str, Any]:
    """The answer to what is refused."""
    return {"refused": sentence, "why": why}


def _read(line: bytes) -> dict[str, Any]:
    try:
        asked = canonical.read(line)
    except NotCanonicalError as error:
        raise RefusedError("malformed", f"ask by one JSON object a line: {error}") from None
    if not isinstance(asked, dict):
        raise RefusedError("malformed", "ask by one JSON object a line")
    return asked


def _answer(signer: Signer, asked: dict[str, Any]) -> dict[str, Any]:
    match asked:
        case {"ask": "keys", **rest} if not rest:
            return {"keys": [key.written() for key in signer.keys], "origin": signer.keys[0].name}
        case {"ask": "last", **rest} if not rest:
            return {"last": None if signer.last is None else signer.last.written()}
        case {"ask": "sign", "checkpoint": str(text), "proof": list(lines), **rest} if rest.keys() <= {"since"}:
            return {"note": signer.sign(text, _hashes(lines), _size(rest.get("since"))).written()}
        case _:
            raise RefusedError("malformed", "ask for keys, for the last note, or to sign a checkpoint with its proof")


def _hashes(lines: list[Any]) -> list[bytes]:
    if len(lines) > MOST_HASHES or not all(isinstance(line, str) for line in lines):
        raise RefusedError("malformed", f"a proof is at most {MOST_HASHES} hashes in base64")
    try:
        return read_hashes(lines)
    except NoteError as error:
        raise RefusedError("malformed", str(error)) from None


def _size(since: Any) -> int | None:
    if since is None or (isinstance(since, int) and not isinstance(since, bool)):
        return since
    raise RefusedError("malformed", "`since` is a number of leaves")
