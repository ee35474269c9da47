"""Proofs as cases: what each claims, how it is spoilt, and what a build of `domain.evidence.trees` says of it."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Literal

from tests.naive.trees import Tree, leaf

MOST = 300
LEAVES = [leaf(b"leaf %d" % number) for number in range(MOST)]
TREE = Tree(LEAVES)


@dataclass(frozen=True)
class Case:
    """One claim: of inclusion (index, size, leaf, root) or of consistency (first, second and their roots)."""

    kind: Literal["inclusion", "consistency"]
    first: int
    second: int
    lower: bytes
    upper: bytes
    proof: Sequence[bytes]

    def line(self) -> str:
        """The case as tests/naive/tlog.go reads it."""
        hashes = (each.hex() for each in (self.lower, self.upper, *self.proof))
        return " ".join((self.kind, str(self.first), str(self.second), *hashes))

    def holds(self, trees: ModuleType) -> bool:
        """What a build says."""
        try:
            if self.kind == "inclusion":
                trees.check_inclusion(self.lower, self.first, self.second, self.proof, self.upper)
            else:
                trees.check_consistency(self.first, self.second, self.lower, self.upper, self.proof)
        except trees.ProofError:
            return False
        return True


Inclusion = Callable[[int, int], Sequence[bytes]]
Consistency = Callable[[int, int], Sequence[bytes]]


def every_case(inclusion: Inclusion, consistency: Consistency, most: int = MOST) -> Iterator[Case]:
    """All pairs of all sizes, with the proofs that are given in."""
    for size in range(1, most + 1):
        root = TREE.root(size)
        for index in range(size):
            yield Case("inclusion", index, size, LEAVES[index], root, inclusion(index, size))
        for first in range(1, size + 1):
            yield Case("consistency", first, size, TREE.root(first), root, consistency(first, size))


def sample(count: int, seed: int) -> list[Case]:
    """Some true cases of either kind, those of the smallest trees and of a whole one among them."""
    chance = random.Random(seed)
    pairs = [(1, 1), (0, 1), (1, 2), (2, 3), (255, 256), (256, 257), (128, 256), (6, 7), (MOST - 1, MOST)]
    sizes = (chance.randint(2, MOST) for _ in range(count))
    pairs += [(chance.randrange(size), size) for size in sizes]
    found = []
    for at, size in pairs:
        if at < size:
            found.append(Case("inclusion", at, size, LEAVES[at], TREE.root(size), TREE.inclusion(at, size)))
        if at:
            roots = TREE.root(at), TREE.root(size)
            found.append(Case("consistency", at, size, *roots, TREE.consistency(at, size)))
    return found


def spoilt(case: Case, chance: random.Random) -> Iterator[Case]:
    """The case with every bit flipped, every hash taken out, moved or put in twice: false, each of them."""
    yield from (replace(case, lower=each) for each in _flipped(case.lower))
    yield from (replace(case, upper=each) for each in _flipped(case.upper))
    for proof in _spoilt_proofs(list(case.proof), case, chance):
        if proof != case.proof:
            yield replace(case, proof=proof)
    if case.lower != case.upper:
        yield replace(case, lower=case.upper, upper=case.lower)


def other_places(case: Case) -> Iterator[Case]:
    """The case with other numbers. Some of them are true: a size is bound by the note that is signed, not by a path."""
    for first in {-1, 0, case.first - 1, case.first + 1, case.first * 2, case.first ^ 1, 1 << 62} - {case.first}:
        if first > 0 or case.kind == "inclusion":
            yield replace(case, first=first)
    for second in {-1, 0, case.second - 1, case.second + 1, case.second * 2, 1 << 40, 1 << 62} - {case.second}:
        yield replace(case, second=second)


def other_indexes(case: Case) -> Iterator[Case]:
    """A case of inclusion with every other index of its tree: false, each of them."""
    yield from (replace(case, first=index) for index in range(case.second) if index != case.first)


def _spoilt_proofs(proof: list[bytes], case: Case, chance: random.Random) -> Iterator[list[bytes]]:
    for at, each in enumerate(proof):
        yield from ([*proof[:at], other, *proof[at + 1 :]] for other in _flipped(each))
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], each, *proof[at:]]
        yield [*proof[:at], each[:-1], *proof[at + 1 :]]
        yield [*proof[:at], each + b"\x00", *proof[at + 1 :]]
        for later in range(at + 1, len(proof)):
            swapped = proof.copy()
            swapped[at], swapped[later] = swapped[later], swapped[at]
            yield swapped
    yield from (proof[:end] for end in range(len(proof)))
    yield from (proof[start:] for start in range(1, len(proof) + 1))
    yield proof[::-1]
    for more in (case.lower, case.upper, chance.randbytes(32), b"", bytes(32)):
        yield [*proof, more]
        yield [more, *proof]
    yield proof * 2 if proof else [case.lower, case.lower]


def _flipped(hashed: bytes) -> Iterator[bytes]:
    number = int.from_bytes(hashed, "big")
    yield from ((number ^ (1 << bit)).to_bytes(32, "big") for bit in range(256))
