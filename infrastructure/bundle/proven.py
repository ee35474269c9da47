"""Whether the trees of a bundle are those that were signed: nothing changed, left out, or older than it could be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from domain.evidence.leaves import Head, InvalidLeafError, read_head_leaf
from domain.evidence.notes import Cosigned, Verifier, cosignatures, signed_by
from domain.evidence.trees import Frontier, ProofError, check_consistency, check_inclusion, leaf_hash, root_of
from domain.instants import write_instant
from infrastructure.bundle.findings import Finding, judged, listed
from infrastructure.bundle.layout import MOST_LATER
from infrastructure.bundle.reading import Bundle, Included, Signed, Tree


@dataclass(frozen=True, slots=True)
class Trust:
    """What an auditor brings along: the log's key, those of witnesses, and a checkpoint from before."""

    key: Verifier
    witnesses: tuple[Verifier, ...] = ()
    earlier: Signed | None = None


class _Names(NamedTuple):
    """What the findings about one tree are called, and what the tree is of."""

    head: str
    newest: str
    complete: str
    what: str


_PLACE = _Names("head", "newest", "complete", "the facts of this location")
_TERMS = _Names("terms_head", "terms_newest", "terms_complete", "the terms")


def proven(bundle: Bundle, trust: Trust) -> Iterator[Finding]:
    """What the signatures and proofs of a bundle are worth."""
    if bundle.signed is None:
        sentence = "This bundle is not signed: nobody vouches for the facts in it. Ask for one with a checkpoint."
        yield Finding("signature", holds=False, sentence=sentence)
        return
    yield from _signature(bundle.signed, trust)
    yield from _witnesses(bundle.signed, trust)
    yield from _consistency(bundle, bundle.signed, trust)
    yield from _tree(_PLACE, bundle.signed, bundle.place)
    yield from _tree(_TERMS, bundle.signed, bundle.terms)


def earlier_of(bundle: Bundle, trust: Trust) -> Signed | None:
    """The checkpoint from before: the auditor's own, else the one in the bundle."""
    return trust.earlier if trust.earlier is not None else bundle.earlier


def seen_at(signed: Signed, trust: Trust) -> datetime | None:
    """When the first of the auditor's witnesses saw a checkpoint; None where none did."""
    seen = cosignatures(signed.note, trust.witnesses)
    return min((_instant(each) for each in seen), default=None)


def _signature(signed: Signed, trust: Trust) -> list[Finding]:
    name, origin = trust.key.key.name, signed.checkpoint.origin
    complaints = []
    if not signed_by(signed.note, trust.key):
        complaints.append(f"The checkpoint is not signed by the key of {name} that you gave.")
    if origin != name:
        complaints.append(f"The checkpoint is one of the log {origin}, and the key you gave is that of {name}.")
    size = signed.checkpoint.size
    return judged("signature", complaints, f"The checkpoint over {size:,} heads is signed by the key of {name}.")


def _witnesses(signed: Signed, trust: Trust) -> list[Finding]:
    seen = {each.key: _instant(each) for each in cosignatures(signed.note, trust.witnesses)}
    missing = [witness.key.name for witness in trust.witnesses if witness.key not in seen]
    said = [f"{key.name} at {write_instant(at)}" for key, at in seen.items()]
    otherwise = (
        f"The checkpoint was cosigned by {listed(said)}." if said else "You named no witness; none was asked for."
    )
    return judged("witnesses", (f"The witness {name} has not cosigned the checkpoint." for name in missing), otherwise)


def _consistency(bundle: Bundle, signed: Signed, trust: Trust) -> list[Finding]:
    earlier = earlier_of(bundle, trust)
    if earlier is None:
        sentence = "No earlier checkpoint is given; that nothing was taken back since then is not asked."
        dangling = bundle.consistency or bundle.earlier_head is not None
        extra = ["There is a proof from an earlier checkpoint, and no such checkpoint."] if dangling else []
        return judged("consistency", extra, sentence)
    old, new = earlier.checkpoint, signed.checkpoint
    complaints = []
    if not signed_by(earlier.note, trust.key):
        complaints.append("The earlier checkpoint is not signed by the key that you gave.")
    if old.origin != new.origin:
        complaints.append(f"The earlier checkpoint is one of another log, {old.origin}.")
    try:
        check_consistency(old.size, new.size, old.root, new.root, bundle.consistency)
    except ProofError as error:
        ask = " Ask for a bundle made with --since and your checkpoint." if bundle.earlier is None else ""
        complaints.append(f"The log is not shown to have grown out of the earlier checkpoint: {error}.{ask}")
    if bundle.earlier is not None and bundle.earlier != earlier:
        complaints.append("The earlier checkpoint in the bundle is not, byte for byte, the one that you gave.")
    if bundle.earlier_head is not None:
        complaints += _earlier_head(bundle, bundle.earlier_head, earlier)
    return judged("consistency", complaints, f"The log has grown out of the earlier checkpoint of {old.size:,} heads.")


def _earlier_head(bundle: Bundle, found: Included, earlier: Signed) -> Iterator[str]:
    """The location's head in the earlier checkpoint has to be there, and to be a beginning of its tree now."""
    try:
        _check_included(found, earlier)
    except ProofError as error:
        yield f"The location's earlier head is not shown to be in the earlier checkpoint: {error}."
    leaves = bundle.place.leaves[: found.head.size]
    same = bundle.place.included is not None and bundle.place.included.head.log == found.head.log
    whole = len(leaves) == found.head.size
    if not same or not whole or root_of(leaf_hash(each.written()) for each in leaves) != found.head.root:
        yield "The leaves do not begin with those of the location's earlier head: something was changed since then."


def _tree(names: _Names, signed: Signed, tree: Tree) -> Iterator[Finding]:
    included = tree.included
    assert included is not None
    size, what = included.head.size, names.what
    try:
        _check_included(included, signed)
        wrong = []
    except ProofError as error:
        wrong = [f"The head of {what} is not shown to be in the checkpoint: {error}."]
    yield from judged(names.head, wrong, f"The head of {what} stands at {included.index:,} of the signed log.")
    if not wrong:
        yield _newest(names.newest, what, signed, included, tree.later)
    wrong = []
    if len(tree.leaves) != size:
        wrong.append(f"The signed tree of {what} has {size:,} leaves; here are {len(tree.leaves):,}.")
    if root_of(leaf_hash(each.written()) for each in tree.leaves) != included.head.root:
        wrong.append(f"The leaves of {what} are not those that were signed: one was changed, moved, added or left out.")
    yield from judged(names.complete, wrong, f"The signed tree of {what} has {size:,} leaves, and they are all here.")


def _check_included(found: Included, signed: Signed) -> None:
    checkpoint = signed.checkpoint
    check_inclusion(leaf_hash(found.leaf), found.index, checkpoint.size, found.proof, checkpoint.root)


def _newest(name: str, what: str, signed: Signed, found: Included, later: tuple[bytes, ...] | None) -> Finding:
    behind = signed.checkpoint.size - found.index - 1
    if later is None:
        if behind <= MOST_LATER:
            sentence = f"That there is no later head of {what} is not shown: the leaves behind it are missing."
            return Finding(name, holds=False, sentence=sentence)
        sentence = (
            f"The head of {what} is in the signed log; that none of the {behind:,} leaves behind it is a later one is "
            "not shown here. The log is public: whoever doubts it reads them."
        )
        return Finding(name, holds=True, sentence=sentence)
    complaints = list(_complaints_of_later(what, signed, found, later))
    otherwise = f"It is the newest head of {what}: the {behind:,} leaves behind it are of other trees."
    return judged(name, complaints, otherwise)[0]


def _complaints_of_later(what: str, signed: Signed, found: Included, later: Sequence[bytes]) -> Iterator[str]:
    """The proof of inclusion holds, so what stands left of the head is known, and the rest is added leaf by leaf."""
    log = Frontier(found.index, left_of(found, signed.checkpoint.size))
    for leaf in (found.leaf, *later):
        log.add(leaf_hash(leaf))
    if (log.size, log.root()) != (signed.checkpoint.size, signed.checkpoint.root):
        yield f"The leaves given as those behind the head of {what} are not those of the signed log."
        return
    for index, leaf in enumerate(later, start=found.index + 1):
        try:
            said = read_head_leaf(leaf)
        except InvalidLeafError:
            yield f"The leaf {index:,} of the signed log is none that this program can read."
            continue
        if isinstance(said, Head) and said.log == found.head.log:
            yield (
                f"This is an older head of {what}: the leaf {index:,} of the signed log is a later one, of "
                f"{said.size} leaves and not {found.head.size}. Facts were left out at the end."
            )


def left_of(found: Included, size: int) -> list[bytes]:
    """The roots of the whole subtrees to the left of a leaf, largest first: a proof of inclusion holds them all."""
    at, last, left = found.index, size - 1, []
    for other in found.proof:
        if at & 1 or at == last:
            left.append(other)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    return left[::-1]


def _instant(seen: Cosigned) -> datetime:
    return datetime.fromtimestamp(min(seen.at, 250_000_000_000), UTC)
