"""The leaves of both levels: a fact in the tree of its location, and a tree's head in the one log over all trees."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeAlias, TypeVar

from domain import canonical
from domain.canonical import NotCanonicalError
from domain.entries import TERMS
from domain.evidence.trees import HASH_SIZE

VERSION = 1
TERMS_TREE = "terms"
REST_TREE = "rest"
"""What belongs to no location and is not about terms: sign-ins of accounts, say. No location is given any of it."""

EventKind: TypeAlias = Literal["start", "key", "pause", "restore", "migration", "erasure", "retirement"]


LONGEST_LEAF = 64 * 1024
"""Bytes of a leaf; a longer one is not looked at."""


class InvalidLeafError(ValueError):
    """These bytes are no leaf of this ledger; the sentence says why."""


@dataclass(frozen=True, slots=True)
class FactLeaf:
    """What the tree of a location holds of one fact: digests of its bytes, its place, and whether it decides state."""

    position: int
    body: bytes
    """SHA-256 of the canonical bytes."""

    personal: bytes | None
    """SHA-256 of the sealed personal fields."""

    decides: bool

    def written(self) -> bytes:
        """The leaf as it is hashed. The text is put together here because it is the same for millions."""
        personal = "null" if self.personal is None else f'"{self.personal.hex()}"'
        decides = "true" if self.decides else "false"
        return (
            f'{{"body":"{self.body.hex()}","decides":{decides},"personal":{personal},'
            f'"position":{self.position},"v":{VERSION}}}'
        ).encode()


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one tree at one moment: its leaves and its root. `log` names no location in the clear."""

    log: str
    size: int
    root: bytes

    def written(self) -> bytes:
        """The leaf of the head log."""
        return canonical.write(
            {"kind": "head", "log": self.log, "root": self.root.hex(), "size": self.size, "v": VERSION}
        )


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to the log itself, in the head log like everything else: a start, another key, a restore."""

    kind: EventKind
    said: dict[str, Any]

    def written(self) -> bytes:
        """The leaf of the head log."""
        return canonical.write({"kind": self.kind, "said": self.said, "v": VERSION})


def fact_leaf(body: bytes, personal: bytes | None, position: int, *, decides: bool) -> FactLeaf:
    """The leaf of a fact, from its stored bytes (`personal` as sealed) and its final position."""
    return FactLeaf(position, sha256(body).digest(), None if personal is None else sha256(personal).digest(), decides)


def read_fact_leaf(leaf: bytes) -> FactLeaf:
    """The leaf that bytes say. InvalidLeafError unless they are exactly as `written` writes them."""
    content = _object(leaf)
    try:
        personal = content["personal"]
        found = FactLeaf(
            content["position"],
            bytes.fromhex(content["body"]),
            None if personal is None else bytes.fromhex(personal),
            content["decides"],
        )
        return _exactly(found, leaf)
    except (KeyError, TypeError, ValueError):
        raise InvalidLeafError("this is not the leaf of a fact in its one written form") from None


def read_head_leaf(leaf: bytes) -> Head | Event:
    """The leaf of the head log that bytes say. InvalidLeafError unless they are exactly as `written` writes them."""
    content = _object(leaf)
    try:
        if content["kind"] == "head":
            return _exactly(Head(content["log"], content["size"], bytes.fromhex(content["root"])), leaf)
        return _exactly(Event(content["kind"], dict(content["said"])), leaf)
    except (KeyError, TypeError, ValueError):
        raise InvalidLeafError("this is not a leaf of the head log in its one written form") from None


L = TypeVar("L", FactLeaf, Head, Event)


def _exactly(found: L, leaf: bytes) -> L:
    """What was read, if it writes as the very bytes that it was read from."""
    if found.written() != leaf or not _is_sound(found):
        raise ValueError
    return found


def _is_sound(found: FactLeaf | Head | Event) -> bool:
    """Whether it holds what it is declared to hold: JSON knows more kinds of values."""
    match found:
        case FactLeaf():
            digests = (found.body, found.personal or found.body)
            return found.position > 0 and all(len(each) == HASH_SIZE for each in digests)
        case Head():
            return (
                type(found.log) is str and type(found.size) is int and found.size >= 0 and len(found.root) == HASH_SIZE
            )
        case Event():
            kind: object = found.kind
            return isinstance(kind, str) and kind != ""


def tree_of(location: str | None, stream: str) -> str:
    """The name of the tree that a fact belongs to."""
    if location is not None:
        return f"location:{location}"
    return TERMS_TREE if stream == TERMS else REST_TREE


def _object(leaf: bytes) -> dict[str, Any]:
    if len(leaf) > LONGEST_LEAF:
        raise InvalidLeafError(f"a leaf is at most {LONGEST_LEAF} bytes")
    try:
        content = canonical.read(leaf)
    except NotCanonicalError as error:
        raise InvalidLeafError(str(error)) from None
    if not isinstance(content, dict):
        raise InvalidLeafError("a leaf is a JSON object")
    return content
