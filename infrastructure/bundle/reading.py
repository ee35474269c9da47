"""The files of a bundle as what they stand for; nothing is judged by that, except that each is in its one form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from domain import canonical
from domain.canonical import NotCanonicalError
from domain.evidence.leaves import FactLeaf, Head, InvalidLeafError, read_fact_leaf, read_head_leaf
from domain.evidence.notes import Checkpoint, Note, NoteError, read_checkpoint, read_hashes, read_note, write_hashes
from domain.evidence.trees import HASH_SIZE, LARGEST_TREE
from domain.instants import read_date, read_instant, write_instant
from infrastructure.bundle import layout
from infrastructure.bundle.layout import TreeNames
from infrastructure.bundle.sealed import OpenedPart, SealedError, read_opened

R = TypeVar("R")
_KEYS = frozenset(
    {
        "answered_at",
        "catalogues",
        "export",
        "files",
        "format",
        "from",
        "known",
        "location",
        "position",
        "program",
        "seat",
        "signed",
        "terms",
        "to",
        "zone",
    }
)


class UnreadableError(ValueError):
    """A file of a bundle is not in its form; the sentence names it."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bundle is about: one location, its days from the first to the last, perhaps one seat, as known when."""

    location: str
    first: date
    last: date
    seat: str | None
    known: datetime | None
    """What stands for now; None where it is the moment of the export."""

    @property
    def days(self) -> int:
        """How many days that are."""
        return (self.last - self.first).days + 1

    def said(self) -> str:
        """What the fact of the export says that left the ledger: the whole question, so that none can be put under."""
        seat = f", seat {self.seat}" if self.seat is not None else ""
        known = f", as known at {write_instant(self.known)}" if self.known is not None else ""
        return f"evidence of seats {self.first.isoformat()} to {self.last.isoformat()}{seat}{known}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself."""

    asked: Asked
    content: Mapping[str, Any]

    @property
    def files(self) -> Mapping[str, str]:
        """SHA-256 by name."""
        found: Mapping[str, str] = self.content["files"]
        return found


@dataclass(frozen=True, slots=True)
class Included:
    """A head in the head log: the leaf, its index, the proof."""

    leaf: bytes
    head: Head
    index: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree: its head with what is behind it in the head log, its leaves, what is disclosed of its facts."""

    included: Included | None
    later: tuple[bytes, ...] | None
    leaves: tuple[FactLeaf, ...]
    bodies: tuple[bytes, ...]
    personal: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint: the note that was signed, and what it says."""

    note: Note
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that a bundle holds."""

    files: Mapping[str, bytes]
    manifest: Manifest
    signed: Signed | None
    place: Tree
    terms: Tree
    earlier: Signed | None
    earlier_head: Included | None
    consistency: tuple[bytes, ...]
    opened: tuple[OpenedPart, ...]


def read_manifest(raw: bytes) -> Manifest:
    """The manifest. UnreadableError when it is none of this version."""
    content = _object(layout.MANIFEST, raw)
    if not _is_count(content.get("format")) or content["format"] != layout.FORMAT:
        raise UnreadableError(layout.MANIFEST, "this bundle has another format than this program reads; update it")
    if content.keys() != _KEYS:
        raise UnreadableError(layout.MANIFEST, "it says more, or less, than a manifest says")
    try:
        known, seat = content["known"], content["seat"]
        asked = Asked(
            str(content["location"]),
            read_date(content["from"]),
            read_date(content["to"]),
            None if seat is None else str(seat),
            None if known is None else read_instant(known),
        )
    except (TypeError, ValueError) as error:
        raise UnreadableError(layout.MANIFEST, str(error)) from None
    if not 0 < asked.days <= layout.MOST_DAYS or not isinstance(content["files"], dict):
        raise UnreadableError(layout.MANIFEST, f"it is about one to {layout.MOST_DAYS} days, and names its files")
    return Manifest(asked, content)


def read_bundle(files: Mapping[str, bytes], manifest: Manifest) -> Bundle:
    """Everything else. UnreadableError names the file that is missing or in no form."""
    signed = layout.CHECKPOINT in files
    return Bundle(
        files,
        manifest,
        read_signed(layout.CHECKPOINT, files[layout.CHECKPOINT]) if signed else None,
        _tree(files, layout.PLACE, signed=signed),
        _tree(files, layout.TERMS, signed=signed),
        read_signed(layout.EARLIER, files[layout.EARLIER]) if layout.EARLIER in files else None,
        _included(files, layout.EARLIER_HEAD, layout.EARLIER_INCLUSION) if layout.EARLIER_HEAD in files else None,
        _hashes(files, layout.CONSISTENCY) if layout.CONSISTENCY in files else (),
        _opened(_file(files, layout.OPENED)),
    )


def read_signed(name: str, raw: bytes) -> Signed:
    """The checkpoint that a file holds. UnreadableError when it is none."""
    try:
        note = read_note(raw.decode())
        found = Signed(note, read_checkpoint(note.text))
    except (NoteError, UnicodeDecodeError) as error:
        raise UnreadableError(name, str(error)) from None
    if note.written().encode() != raw:
        raise UnreadableError(name, "this is not the one form of a signed note")
    return found


def written_inclusion(index: int, proof: tuple[bytes, ...]) -> bytes:
    """The file of a proof of inclusion: the index, then one hash a line."""
    return "".join(f"{line}\n" for line in (str(index), *write_hashes(proof))).encode()


def written_hashes(proof: tuple[bytes, ...]) -> bytes:
    """The file of a proof of consistency: one hash a line."""
    return "".join(f"{line}\n" for line in write_hashes(proof)).encode()


def written_lines(lines: tuple[bytes, ...]) -> bytes:
    """A file of one thing a line."""
    return b"".join(line + b"\n" for line in lines)


def _tree(files: Mapping[str, bytes], names: TreeNames, *, signed: bool) -> Tree:
    leaves = tuple(_each(names.leaves, read_fact_leaf, _lines(files, names.leaves)))
    if not all(_is_count(leaf.position) for leaf in leaves):
        raise UnreadableError(names.leaves, "a position is a whole number")
    bodies, personal = _lines(files, names.bodies), _lines(files, names.personal)
    if not len(leaves) == len(bodies) == len(personal):
        raise UnreadableError(names.bodies, "there is one line for each leaf, in bodies and in personal alike")
    later = _lines(files, names.later) if names.later in files else None
    return Tree(_included(files, names.head, names.inclusion) if signed else None, later, leaves, bodies, personal)


def _included(files: Mapping[str, bytes], head: str, inclusion: str) -> Included:
    leaf = _file(files, head)
    try:
        found = read_head_leaf(leaf)
    except InvalidLeafError as error:
        raise UnreadableError(head, str(error)) from None
    if not isinstance(found, Head) or not _is_count(found.size) or len(found.root) != HASH_SIZE:
        raise UnreadableError(head, "this leaf of the head log is no head of a tree")
    raw = _file(files, inclusion)
    first, *lines = _texts(inclusion, raw)
    index = int(first) if first.isascii() and first.isdigit() and len(first) < 20 else -1
    proof = _read_hashes(inclusion, lines)
    if index < 0 or written_inclusion(index, proof) != raw:
        raise UnreadableError(inclusion, "the first line is the index, and each after it a hash in base64")
    return Included(leaf, found, index, proof)


def _is_count(number: object) -> bool:
    return type(number) is int and 0 <= number <= LARGEST_TREE


def _hashes(files: Mapping[str, bytes], name: str) -> tuple[bytes, ...]:
    raw = _file(files, name)
    return _read_hashes(name, _texts(name, raw) if raw else [])


def _read_hashes(name: str, lines: list[str]) -> tuple[bytes, ...]:
    try:
        return tuple(read_hashes(lines))
    except NoteError as error:
        raise UnreadableError(name, str(error)) from None


def _texts(name: str, raw: bytes) -> list[str]:
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        raise UnreadableError(name, "this is not plain text") from None
    if not text.endswith("\n"):
        raise UnreadableError(name, "the last line is cut off")
    return text[:-1].split("\n")


def _lines(files: Mapping[str, bytes], name: str) -> tuple[bytes, ...]:
    raw = _file(files, name)
    if raw and not raw.endswith(b"\n"):
        raise UnreadableError(name, "the last line is cut off")
    return tuple(raw[:-1].split(b"\n")) if raw else ()


def _each(name: str, read: Callable[[bytes], R], lines: tuple[bytes, ...]) -> list[R]:
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(read(line))
        except InvalidLeafError as error:
            raise UnreadableError(name, f"line {number}: {error}") from None
    return found


def _opened(raw: bytes) -> tuple[OpenedPart, ...]:
    try:
        return read_opened(raw)
    except SealedError as error:
        raise UnreadableError(layout.OPENED, str(error)) from None


def _object(name: str, raw: bytes) -> dict[str, Any]:
    try:
        content = canonical.read(raw)
    except NotCanonicalError as error:
        raise UnreadableError(name, str(error)) from None
    if not isinstance(content, dict) or canonical.write(content) + b"\n" != raw:
        raise UnreadableError(name, "this is no JSON object in the one written form")
    return content


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    try:
        return files[name]
    except KeyError:
        raise UnreadableError(name, "this file is missing") from None
