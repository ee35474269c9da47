"""From facts to a signed checkpoint: trees, heads and proofs over a real ledger, judged by the verifier's code."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from domain.evidence.leaves import Event, Head, fact_leaf, read_head_leaf, tree_of
from domain.evidence.notes import read_note, signed_by
from domain.evidence.trees import check_consistency, check_inclusion, leaf_hash, root_of
from infrastructure.evidence.events import tell
from infrastructure.evidence.growing import EvidenceLostError, Growing
from infrastructure.evidence.proving import Proving, Published
from infrastructure.evidence.publishing import Publishing
from infrastructure.signing.signatures import Ed25519Verifier
from infrastructure.store import Store
from tests.infrastructure.evidence.signing_here import ORIGIN, SignsHere
from tests.infrastructure.evidence.tampering import as_superuser
from tests.infrastructure.store.making import row, rows
from tests.infrastructure.store.servers import Server

SIGNS = SignsHere()


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


def test_what_comes_later_grows_out_of_what_was_signed(database: str) -> None:
    signer = SignsHere()
    with Store(database) as store:
        publishing, proving = Publishing(store, ORIGIN, signer), Proving(store)
        begun = _published(publishing).checkpoint.size
        signed: list[Published] = []
        for round_ in range(1, 8):
            for location in ("L1", "L2"):
                store.append(rows(f"location:{location}", (round_ - 1) * 3 + 1, 3))
            store.append([row("observations:L1", personal=b"[]"), row("terms", round_)])
            signed.append(_published(publishing))
        sizes = [each.checkpoint.size for each in signed]
        assert sizes == [begun + 3 * nth for nth in range(1, 8)], "a head for each tree that grew"
        for old, new in itertools.combinations(signed, 2):
            first, second = old.checkpoint, new.checkpoint
            proof = proving.consistency(first.size, second.size)
            check_consistency(first.size, second.size, first.root, second.root, proof)
        again = publishing.publish()
        assert again is not None
        assert again.checkpoint == signed[-1].checkpoint
        assert len(signer.notes) == 1 + len(signed), "nothing new, nothing signed"
        covering = proving.covering(signed[2].position)
        assert covering is not None
        assert covering.checkpoint == signed[2].checkpoint


def test_large_trees_have_the_roots_of_their_leaves(database: str) -> None:
    """More leaves than a row, a tile and a batch hold."""
    with Store(database) as store:
        publishing, proving = Publishing(store, ORIGIN, SignsHere()), Proving(store)
        for first, number in ((1, 255), (256, 1), (257, 700), (957, 1), (958, 2000)):
            store.append(rows("location:L1", first, number))
            published = _published(publishing)
            head = proving.head_of("location:L1", published)
            assert head is not None
            leaves = _trees(store, published.position)["location:L1"]
            assert head.head.root == root_of(hashed for _, hashed in leaves)
            for index in (0, first - 1, len(leaves) - 1):
                proof = proving.inclusion("location:L1", index, len(leaves))
                check_inclusion(leaves[index][1], index, len(leaves), proof, head.head.root)


def test_events_are_said_once_and_in_their_order(database: str) -> None:
    with Store(database) as store:
        publishing, proving = Publishing(store, ORIGIN, SIGNS), Proving(store)
        tell(store, "start", {"program": "tests"})
        tell(store, "pause", {"why": "a test"})
        _published(publishing)
        store.append(rows("location:L1", 1, 1))
        published = _published(publishing)
        said = _told(store)
        assert len(said) == published.checkpoint.size
        assert said[:2] == [Event("start", {"program": "tests"}), Event("pause", {"why": "a test"})]
        assert isinstance(said[-1], Head)
        assert said[-2] == Event("key", {"keys": [SIGNS.signer.key.written()]})
        migrations = [each.said["migration"] for each in said if isinstance(each, Event) and each.kind == "migration"]
        assert migrations == sorted(migrations)
        assert "0001-ledger" in migrations
        Publishing(store, ORIGIN, SIGNS).publish()
        assert _told(store) == said, "what was told is not told again"
        assert proving.head_of("location:L2", published) is None


def test_two_that_grow_at_once_grow_one_tree(database: str) -> None:
    with Store(database) as store, Store(database) as other, ThreadPoolExecutor(4) as pool:
        signer = SignsHere()
        stores = (store, other)
        for round_ in range(10):
            store.append(rows("location:L1", round_ * 5 + 1, 5))
            list(pool.map(lambda nth: Growing(stores[nth % 2]).grow(), range(8)))
        published = _published(Publishing(store, ORIGIN, signer))
        assert published.position == 50
        leaves = _trees(store, 50)["location:L1"]
        head = Proving(store).head_of("location:L1", published)
        assert head is not None
        assert head.head.root == root_of(hashed for _, hashed in leaves)


def test_a_checkpoint_that_was_signed_and_not_kept_is_kept_the_next_time(database: str) -> None:
    signer = SignsHere()
    with Store(database) as store:
        store.append(rows("location:L1", 1, 3))
        published = _published(Publishing(store, ORIGIN, signer))
        as_superuser(store, "DELETE FROM evidence.checkpoints")
        assert _published(Publishing(store, ORIGIN, signer)).checkpoint == published.checkpoint
        assert len(signer.notes) == 1


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("UPDATE ledger.entries SET body = body || ' ' WHERE version = 5", "do not make the head"),
        ("UPDATE ledger.entries SET personal = '[]' WHERE version = 5", "do not make the head"),
        ("UPDATE ledger.entries SET location = 'L9' WHERE version = 5", "do not make the head|is in no head|nothing"),
        ("DELETE FROM ledger.entries WHERE version = 5", "not in the ledger any more"),
        ("DELETE FROM ledger.positions WHERE position = 5", "not in the ledger any more"),
        ("UPDATE evidence.heads SET leaf = set_byte(leaf, 60, 98) WHERE index = {last}", "head"),
        ("UPDATE evidence.heads SET edge = edge || edge WHERE index = {last} - 1", "cannot be read any more"),
        ("UPDATE evidence.growths SET edge = set_byte(edge, 0, 7) WHERE size = {last}", "does not begin|not have|head"),
        ("DELETE FROM evidence.heads WHERE index = {last}", "are in no head"),
    ],
)
def test_nothing_is_signed_over_what_was_changed_after_the_trees_grew(database: str, spoil: str, sentence: str) -> None:
    signer = SignsHere()
    with Store(database) as store:
        publishing = Publishing(store, ORIGIN, signer)
        store.append(rows("location:L1", 1, 4))
        _published(publishing)
        store.append(rows("location:L1", 5, 4))
        Growing(store).grow()
        ((last,),) = store.connections.read(b"SELECT max(index) FROM evidence.heads")
        as_superuser(store, spoil.format(last=last))
        with pytest.raises(EvidenceLostError, match=sentence):
            publishing.publish()
        assert len(signer.notes) == 1


def test_what_is_gone_before_the_trees_grew_is_not_signed_away(database: str) -> None:
    with Store(database) as store:
        store.append(rows("location:L1", 1, 4))
        store.sequence()
        as_superuser(store, "DELETE FROM ledger.entries WHERE version = 3")
        with pytest.raises(EvidenceLostError, match="position 3 is not in the ledger"):
            Growing(store).grow()


def test_an_older_copy_of_the_ledger_is_not_signed(server: Server, database: str) -> None:
    signer, copy = SignsHere(), f"older_{uuid4().hex}"
    with Store(database) as store:
        store.append(rows("location:L1", 1, 3))
        _published(Publishing(store, ORIGIN, signer))
        ((name,),) = store.connections.read(b"SELECT current_database()")
    server.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
    with Store(database) as store:
        store.append(rows("location:L1", 4, 3))
        _published(Publishing(store, ORIGIN, signer))
    try:
        with Store(server.url(copy)) as old:
            publishing = Publishing(old, ORIGIN, signer)
            with pytest.raises(EvidenceLostError, match="older copy of the ledger"):
                publishing.publish()
            # It goes on by itself, until it has as many heads as were signed, and then more: others.
            old.append(rows("location:L1", 4, 2))
            with pytest.raises(EvidenceLostError, match=r"another log|does not begin"):
                publishing.publish()
            old.append(rows("location:L1", 6, 1))
            with pytest.raises(EvidenceLostError, match=r"another log|does not begin"):
                publishing.publish()
    finally:
        server.execute(f"DROP DATABASE {copy} WITH (FORCE)")
    assert len(signer.notes) == 2


def _told(store: Store) -> list[Head | Event]:
    with store.connections.take() as connection:
        leaves = connection.execute("SELECT leaf FROM evidence.heads ORDER BY index", binary=True).fetchall()
    return [read_head_leaf(leaf) for (leaf,) in leaves]


def _published(publishing: Publishing) -> Published:
    found = publishing.publish()
    assert found is not None
    return found
