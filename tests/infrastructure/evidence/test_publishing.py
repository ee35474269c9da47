"""From facts to a signed checkpoint: trees, heads and proofs over a real ledger, judged by the verifier's code."""

from domain.evidence.leaves import fact_leaf, tree_of
from domain.evidence.notes import read_note, signed_by
from domain.evidence.trees import check_inclusion, leaf_hash, root_of
from infrastructure.evidence.proving import Proving
from infrastructure.evidence.publishing import Publishing
from infrastructure.signing.signatures import Ed25519Verifier
from infrastructure.store import Store
from tests.infrastructure.evidence.signing_here import ORIGIN, SignsHere


def test_every_fact_of_a_year_is_in_a_signed_tree(told: str) -> None:
    signer = SignsHere()
    with Store(told) as store:
        published = Publishing(store, ORIGIN, signer).publish()
        assert published is not None
        assert published.position == store.sequence()
        assert signed_by(read_note(published.note), Ed25519Verifier(signer.signer.key))
        proving = Proving(store)
        seen: list[int] = []
        for tree, leaves in _trees(store, published.position).items():
            found = proving.head_of(tree, published)
            assert found is not None
            assert (found.head.size, found.head.root) == (len(leaves), root_of(hashed for _, hashed in leaves))
            size, root = published.checkpoint.size, published.checkpoint.root
            check_inclusion(leaf_hash(found.leaf), found.index, size, found.proof, root)
            assert proving.positions(tree, len(leaves)) == [position for position, _ in leaves]
            index = len(leaves) // 2
            check_inclusion(
                leaves[index][1], index, len(leaves), proving.inclusion(tree, index, len(leaves)), found.head.root
            )
            seen += [position for position, _ in leaves]
        assert sorted(seen) == list(range(1, published.position + 1))


def _trees(store: Store, last: int) -> dict[str, list[tuple[int, bytes]]]:
    found: dict[str, list[tuple[int, bytes]]] = {}
    with store.connections.take() as connection:
        rows = connection.execute(
            "SELECT position, location, stream, version IS NOT NULL, body, e.personal"
            " FROM ledger.positions JOIN ledger.entries AS e ON e.id = entry ORDER BY position",
            binary=True,
        ).fetchall()
    assert len(rows) == last
    for position, location, stream, decides, body, personal in rows:
        leaf = fact_leaf(body, personal, position, decides=decides)
        found.setdefault(tree_of(location, stream), []).append((position, leaf_hash(leaf.written())))
    return found
