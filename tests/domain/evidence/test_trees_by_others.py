"""Proofs over trees held against what others wrote: golang.org/x/mod's tlog, and pymerkle for roots and inclusion."""

import random
from pathlib import Path

import pytest
from pymerkle import InmemoryTree  # type: ignore[import-untyped]

from domain.evidence import trees
from infrastructure.evidence import merkle
from tests.domain.evidence.breaking import broken
from tests.domain.evidence.growth import Grown
from tests.domain.evidence.proofs import LEAVES, MOST, TREE, every_case, other_places, sample, spoilt
from tests.naive.golang import Tlog
from tests.naive.trees import Tree, leaf


@pytest.fixture(scope="module")
def grown() -> Grown:
    return Grown(LEAVES)


def test_our_roots_are_those_of_the_standard_at_every_size(grown: Grown) -> None:
    assert [merkle.root(grown.nodes, size) for size in range(MOST + 1)] == [TREE.root(n) for n in range(MOST + 1)]
    assert grown.roots == [TREE.root(size) for size in range(MOST + 1)]


def test_go_and_we_take_every_proof_of_ours_for_every_pair_of_sizes(grown: Grown, tlog: Tlog) -> None:
    cases = list(every_case(grown.inclusion, grown.consistency))
    assert len(cases) == MOST * (MOST + 1)
    assert [case for case, holds in zip(cases, tlog(case.line() for case in cases), strict=True) if not holds] == []
    assert [case for case in cases if not case.holds(trees)] == []


def test_pymerkle_makes_the_same_roots_and_paths_for_every_pair_of_sizes(grown: Grown) -> None:
    other = InmemoryTree(algorithm="sha256")
    other.append_entries(b"leaf %d" % number for number in range(MOST))
    for size in range(1, MOST + 1):
        assert other.get_root(size) == merkle.root(grown.nodes, size)
        for index in range(size):
            # pymerkle counts from one, and begins a path with the leaf itself.
            path = other.prove_inclusion(index + 1, size).path
            assert path == [LEAVES[index], *grown.inclusion(index, size)]


def test_go_and_we_agree_on_every_spoilt_proof(tlog: Tlog) -> None:
    chance = random.Random(4)
    cases = [each for case in sample(8, seed=5) for each in spoilt(case, chance)]
    assert len(cases) > 30_000
    assert [case for case, holds in zip(cases, tlog(case.line() for case in cases), strict=True) if holds] == []
    assert [case for case in cases if case.holds(trees)] == []


def test_go_and_we_agree_on_numbers_that_are_not_those_of_the_proof(tlog: Tlog) -> None:
    cases = [each for case in sample(400, seed=6) for each in other_places(case)]
    verdicts = tlog(case.line() for case in cases)
    assert [case for case, holds in zip(cases, verdicts, strict=True) if holds != case.holds(trees)] == []
    assert {True, False} == set(verdicts)


def test_a_checker_that_ignores_the_size_is_found_out(tlog: Tlog, tmp_path: Path) -> None:
    build = broken(trees, "if at & 1 or at == last:\n            node", "if at & 1:\n            node", tmp_path)
    cases = list(every_case(TREE.inclusion, TREE.consistency, most=20))
    verdicts = tlog(case.line() for case in cases)
    assert any(holds != case.holds(build) for case, holds in zip(cases, verdicts, strict=True))


def test_proofs_out_of_stored_tiles_are_those_of_the_standard_in_large_trees() -> None:
    """Sizes around the tiles of both levels that such a tree has: 256 leaves, and 65,536."""
    leaves = [leaf(b"%d" % number) for number in range(65_536 + 300)]
    tree, grown, chance = Tree(leaves), Grown(leaves), random.Random(7)
    edges = [255, 256, 257, 511, 512, 65_279, 65_280, 65_535, 65_536, 65_537, len(leaves)]
    for size in [*edges, *(chance.randint(1, len(leaves)) for _ in range(40))]:
        assert merkle.root(grown.nodes, size) == tree.root(size) == grown.roots[size]
        for at in {0, size - 1, *(chance.randrange(size) for _ in range(6)), *(each for each in edges if each < size)}:
            assert grown.inclusion(at, size) == tree.inclusion(at, size)
            assert grown.consistency(at, size) == (tree.consistency(at, size) if at else [])


def test_a_tree_that_has_lost_a_node_makes_no_proof() -> None:
    grown = Grown(LEAVES)
    grown.stored[0].pop(7)
    with pytest.raises(LookupError, match="lost nodes"):
        grown.inclusion(6, MOST)
