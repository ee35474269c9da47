"""The kit's third opinion: the same checks in Python, with the ledger's own code for leaves, trees and notes."""

import re
from collections.abc import Sequence
from hashlib import sha256

from domain.evidence.leaves import Event, FactLeaf, Head, InvalidLeafError, read_fact_leaf, read_head_leaf
from domain.evidence.notes import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Key,
    Note,
    NoteError,
    cosignatures,
    read_checkpoint,
    read_hashes,
    read_key,
    read_note,
    signed_by,
)
from domain.evidence.trees import (
    Frontier,
    ProofError,
    check_consistency,
    check_inclusion,
    leaf_hash,
    root_of,
)
from infrastructure.signing.signatures import Ed25519Verifier
from tests.infrastructure.evidence.kit.folders import Folder

_LAST_SECOND = 1 << 32
_LAST_POSITION = 10**15
_LOG = re.compile(r"[0-9A-Za-z_-]+")
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")


class SpoiltError(Exception):
    """What does not hold: a file, or a line of one."""

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


def spoilt_item(files: Folder, key: str, witnesses: Sequence[str] = ()) -> str | None:
    """The first item that does not hold, in the kit's order; None when all does."""
    try:
        _check(files, key, witnesses)
    except SpoiltError as found:
        return found.item
    return None


def _check(files: Folder, vkey: str, witnesses: Sequence[str]) -> None:
    key = _key("key", vkey, ED25519)
    watching = [_key("witness key", each, COSIGNATURE) for each in witnesses]
    note, checkpoint = _note(files, "checkpoint", key)
    for each in watching:
        if not any(found.at < _LAST_SECOND for found in cosignatures(note, [Ed25519Verifier(each)])):
            raise SpoiltError("checkpoint")
    _check_grown(files, key, checkpoint)
    log = _check_tree(files, "", checkpoint)
    if any(name.startswith("terms/") for name in files) and _check_tree(files, "terms/", checkpoint) == log:
        raise SpoiltError("terms/head.json")


def _key(item: str, vkey: str, algorithm: int) -> Key:
    try:
        key = read_key(vkey)
    except NoteError:
        raise SpoiltError(item) from None
    if key.algorithm != algorithm or key.written() != vkey or not key.name.isascii():
        raise SpoiltError(item)
    return key


def _note(files: Folder, name: str, key: Key) -> tuple[Note, Checkpoint]:
    try:
        note = read_note(_plain(files, name).decode())
        checkpoint = read_checkpoint(note.text)
    except ValueError:
        raise SpoiltError(name) from None
    names = (checkpoint.origin, *(each.name for each in note.signatures))
    if not all(each.isascii() and each.isprintable() for each in names):
        raise SpoiltError(name)
    if not signed_by(note, Ed25519Verifier(key)) or checkpoint.origin != key.name:
        raise SpoiltError(name)
    return note, checkpoint


def _check_grown(files: Folder, key: Key, log: Checkpoint) -> None:
    if "earlier-checkpoint" not in files:
        if "proofs/consistency" in files:
            raise SpoiltError("earlier-checkpoint")
        return
    _, earlier = _note(files, "earlier-checkpoint", key)
    proof = _hashes("proofs/consistency", _lines(files, "proofs/consistency"))
    try:
        check_consistency(earlier.size, log.size, earlier.root, log.root, proof)
    except ProofError:
        raise SpoiltError("proofs/consistency") from None


def _check_tree(files: Folder, place: str, log: Checkpoint) -> str:
    leaf = _plain(files, f"{place}head.json")
    head = _entry(leaf)
    if not isinstance(head, Head) or head.size < 1:
        raise SpoiltError(f"{place}head.json")
    item = f"{place}proofs/head-inclusion"
    index, *proof = _lines(files, item) or [b""]
    if not _INDEX.fullmatch(index.decode("latin-1")):
        raise SpoiltError(item)
    hashes = _hashes(item, proof)
    try:
        check_inclusion(leaf_hash(leaf), int(index), log.size, hashes, log.root)
    except ProofError:
        raise SpoiltError(item) from None
    if f"{place}proofs/later" in files:
        _check_later(files, f"{place}proofs/later", leaf, int(index), hashes, log)
    leaves = _leaves(files, f"{place}leaves")
    if len(leaves) != head.size or root_of(leaf_hash(each.written()) for each in leaves) != head.root:
        raise SpoiltError(f"{place}leaves")
    _check_digests(files, f"{place}bodies", [each.body for each in leaves])
    _check_digests(files, f"{place}personal", [each.personal for each in leaves])
    return head.log


def _entry(leaf: bytes) -> Head | Event | None:
    try:
        entry = read_head_leaf(leaf)
    except InvalidLeafError:
        return None
    return None if isinstance(entry, Head) and not _LOG.fullmatch(entry.log) else entry


def _check_later(files: Folder, name: str, leaf: bytes, index: int, proof: Sequence[bytes], log: Checkpoint) -> None:
    own, later = _entry(leaf), _lines(files, name)
    assert isinstance(own, Head)
    for number, line in enumerate(later, 1):
        entry = _entry(line)
        if entry is None or (isinstance(entry, Head) and entry.log == own.log):
            raise SpoiltError(f"{name}, line {number}")
    if index + 1 + len(later) != log.size:
        raise SpoiltError(name)
    tree = Frontier()
    tree.size, tree._edge = index, list(reversed(_left(proof, index, log.size)))
    for each in (leaf, *later):
        tree.add(leaf_hash(each))
    if tree.root() != log.root:
        raise SpoiltError(name)


def _left(proof: Sequence[bytes], index: int, size: int) -> list[bytes]:
    """The hashes of a proof of inclusion that stand left of the leaf, the smallest subtree first (2.1.3.2)."""
    found, at, last = [], index, size - 1
    for each in proof:
        if at & 1 or at == last:
            found.append(each)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    return found


def _leaves(files: Folder, name: str) -> list[FactLeaf]:
    found: list[FactLeaf] = []
    for number, line in enumerate(_lines(files, name), 1):
        try:
            leaf = read_fact_leaf(line)
        except InvalidLeafError:
            raise SpoiltError(f"{name}, line {number}") from None
        if not (found[-1].position if found else 0) < leaf.position < _LAST_POSITION:
            raise SpoiltError(f"{name}, line {number}")
        found.append(leaf)
    return found


def _check_digests(files: Folder, name: str, digests: Sequence[bytes | None]) -> None:
    lines = _lines(files, name)
    if len(lines) != len(digests):
        raise SpoiltError(name)
    for number, (line, digest) in enumerate(zip(lines, digests, strict=True), 1):
        if line and sha256(line).digest() != digest:
            raise SpoiltError(f"{name}, line {number}")


def _hashes(name: str, lines: Sequence[bytes]) -> list[bytes]:
    try:
        return read_hashes([line.decode() for line in lines])
    except ValueError:
        raise SpoiltError(name) from None


def _lines(files: Folder, name: str) -> list[bytes]:
    content = _plain(files, name)
    if content and not content.endswith(b"\n"):
        raise SpoiltError(name)
    return content[:-1].split(b"\n") if content else []


def _plain(files: Folder, name: str) -> bytes:
    content = files.get(name)
    if content is None or any(each < 32 and each != 10 for each in content):
        raise SpoiltError(name)
    return content
