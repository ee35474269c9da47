"""Proofs over trees: the true ones hold, every spoilt one does not, and a checker that is broken is found out."""

import random
from pathlib import Path

import pytest

from domain.evidence import trees
from domain.evidence.trees import EMPTY, LARGEST_TREE, Frontier, ProofError, check_consistency, check_inclusion
from tests.domain.evidence.breaking import broken
from tests.domain.evidence.proofs import (
    LEAVES,
    MOST,
    TREE,
    Case,
    every_case,
    other_indexes,
    other_places,
    sample,
    spoilt,
)
from tests.naive.trees import leaf

TRUE = list(every_case(TREE.inclusion, TREE.consistency, most=70))
SPOILT = [each for case in sample(8, seed=1) for each in spoilt(case, random.Random(2))]
BEYOND = [each for case in sample(8, seed=1) for each in other_places(case) if not 0 <= each.first <= each.second]


def test_the_hash_of_a_leaf_is_that_of_the_standard() -> None:
    assert [trees.leaf_hash(b"leaf %d" % number) for number in range(MOST)] == LEAVES
    assert trees.leaf_hash(b"") == leaf(b"")


def test_the_root_is_that_of_the_standard_at_every_size() -> None:
    grown = Frontier()
    assert grown.root() == EMPTY == TREE.root(0)
    for size, each in enumerate(LEAVES, 1):
        grown.add(each)
        assert (grown.size, grown.root()) == (size, TREE.root(size))
        assert trees.root_of(LEAVES[:size]) == TREE.root(size)


def test_every_true_proof_of_every_pair_of_sizes_holds() -> None:
    found = [case for case in every_case(TREE.inclusion, TREE.consistency) if not case.holds(trees)]
    assert found == []


def test_no_spoilt_proof_holds() -> None:
    assert len(SPOILT) > 30_000
    assert [case for case in SPOILT if case.holds(trees)] == []


def test_a_leaf_is_at_one_index_alone() -> None:
    cases = [each for case in sample(20, seed=3) if case.kind == "inclusion" for each in other_indexes(case)]
    assert len(cases) > 2_000
    assert [case for case in cases if case.holds(trees)] == []


def test_numbers_outside_of_a_tree_are_refused() -> None:
    assert len(BEYOND) > 50
    assert [case for case in BEYOND if case.holds(trees)] == []


@pytest.mark.parametrize("size", [LARGEST_TREE + 1, 1 << 63, 1 << 64, 1 << 5_000])
def test_a_size_that_no_tree_has_is_not_looked_at(size: int) -> None:
    with pytest.raises(ProofError, match="no leaf 0"):
        check_inclusion(LEAVES[0], 0, size, [LEAVES[1]] * 62, TREE.root(2))
    with pytest.raises(ProofError, match="cannot have grown"):
        check_consistency(1, size, LEAVES[0], TREE.root(2), [LEAVES[1]] * 62)


def test_every_tree_begins_with_the_empty_one_and_with_itself() -> None:
    check_consistency(0, 0, EMPTY, EMPTY, [])
    check_consistency(0, 5, EMPTY, TREE.root(5), [])
    check_consistency(5, 5, TREE.root(5), TREE.root(5), [])
    for first, of_first in [(0, TREE.root(1)), (5, TREE.root(6))]:
        with pytest.raises(ProofError, match="two different trees"):
            check_consistency(first, 5, of_first, TREE.root(5), [])
    for first, of_first in [(0, EMPTY), (5, TREE.root(5))]:
        with pytest.raises(ProofError, match="nothing is to be proven"):
            check_consistency(first, 5, of_first, TREE.root(5), LEAVES[:1])


BROKEN = {
    "ignores the size": ("if at & 1 or at == last:\n            node", "if at & 1:\n            node", TRUE, True),
    "takes an index beyond the size": ("if not 0 <= index < size <= LARGEST_TREE:", "if False:", BEYOND, False),
    "takes a smaller second size": ("if not 0 <= first <= second <= LARGEST_TREE:", "if False:", BEYOND, False),
    "takes a longer proof of inclusion": (
        'raise ProofError("the proof of inclusion is longer than the tree is high")',
        "break",
        SPOILT,
        False,
    ),
    "takes a longer proof of consistency": (
        'raise ProofError("the proof of consistency is longer than the tree is high")',
        "break",
        SPOILT,
        False,
    ),
    "takes a shorter proof of inclusion": (
        'if last != 0:\n        raise ProofError("the proof of inclusion',
        'if node == b"":\n        raise ProofError("the proof of inclusion',
        [Case("inclusion", 0, 4, LEAVES[0], TREE.root(2), [LEAVES[1]])],
        False,
    ),
    "takes a shorter proof of consistency": (
        'if last != 0:\n        raise ProofError("the proof of consistency',
        'if older == b"":\n        raise ProofError("the proof of consistency',
        [Case("consistency", 1, 4, LEAVES[0], TREE.root(2), [LEAVES[1]])],
        False,
    ),
    "looks at the newer root alone": ("if older != first_root:", 'if older == b"":', SPOILT, False),
    "looks at the older root alone": ("if newer != second_root:", 'if newer == b"":', SPOILT, False),
    "looks at no root": ("if node != root:", 'if node == b"":', SPOILT, False),
    "takes any proof where none is needed": ("if proof:", "if False:", SPOILT, False),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_checker_is_found_out(name: str, tmp_path: Path) -> None:
    old, new, cases, expected = BROKEN[name]
    assert all(case.holds(trees) is expected for case in cases)
    build = broken(trees, old, new, tmp_path)
    assert any(case.holds(build) is not expected for case in cases)
