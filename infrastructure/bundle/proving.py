"""The proofs of a bundle as files: checkpoint, heads that stand in it, and how it has grown out of an earlier one."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.evidence.notes import Checkpoint
from infrastructure.bundle import layout
from infrastructure.bundle.layout import MOST_LATER, TreeNames
from infrastructure.bundle.reading import Signed, written_hashes, written_inclusion, written_lines
from infrastructure.evidence.proving import HeadProof, Proving, Published
from infrastructure.postgres.statements import statements
from infrastructure.store import Store, StoreError

_SQL = statements("evidence")


class NoProofError(StoreError):
    """Something cannot be proven; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """The files of the proofs, and the note that they lead to; without one, no files."""

    note: str | None
    files: Mapping[str, bytes]


def proofs_of(
    store: Store, proving: Proving, location: str, published: Published | None, since: Signed | None
) -> Proofs:
    """All proofs of a bundle about a location. NoProofError when there is nothing to prove from."""
    if published is None:
        return Proofs(None, {})
    tree = f"location:{location}"
    files = {
        layout.CHECKPOINT: published.note.encode(),
        **_head(store, layout.PLACE, _found(proving.head_of(tree, published), "this location"), published),
        **_head(store, layout.TERMS, _found(proving.head_of("terms", published), "the terms"), published),
    }
    if since is not None:
        files |= _since(proving, tree, published, since)
    return Proofs(published.note, files)


def _found(head: HeadProof | None, what: str) -> HeadProof:
    if head is None:
        raise NoProofError(
            f"The signed log has no tree of {what}: publish the terms and the rights catalogue first, and a checkpoint."
        )
    return head


def _head(store: Store, names: TreeNames, head: HeadProof, published: Published) -> dict[str, bytes]:
    files = {names.head: head.leaf, names.inclusion: written_inclusion(head.index, tuple(head.proof))}
    size = published.checkpoint.size
    if size - head.index - 1 <= MOST_LATER:
        later = store.connections.read(_SQL["head_leaves"], {"first": head.index + 1, "end": size})
        files[names.later] = written_lines(tuple(bytes(leaf) for _, leaf in later))
    return files


def _since(proving: Proving, tree: str, published: Published, since: Signed) -> dict[str, bytes]:
    """What leads from an auditor's checkpoint to this one."""
    before, size = since.checkpoint, published.checkpoint.size
    _check(before, published.checkpoint)
    files = {
        layout.EARLIER: since.note.written().encode(),
        layout.CONSISTENCY: written_hashes(tuple(proving.consistency(before.size, size))),
    }
    at_the_time = Published(since.note.written(), before, 0, published.at)
    head = proving.head_of(tree, at_the_time) if before.size else None
    if head is not None:
        files[layout.EARLIER_HEAD] = head.leaf
        files[layout.EARLIER_INCLUSION] = written_inclusion(head.index, tuple(head.proof))
    return files


def _check(before: Checkpoint, now: Checkpoint) -> None:
    if before.origin != now.origin:
        raise NoProofError(f"That checkpoint is one of {before.origin}, and this log is {now.origin}.")
    if before.size > now.size:
        raise NoProofError(
            f"That checkpoint is of {before.size} heads, and this log has {now.size}: it has lost some. "
            "Run `accessledger verify`, and keep that checkpoint: it is evidence."
        )
