"""Tiles: whoever fetches them all has the whole head log, and finds the root that was signed."""

import pytest

from domain.evidence.leaves import read_head_leaf
from domain.evidence.trees import leaf_hash, node_hash, root_of
from infrastructure.evidence.events import tell
from infrastructure.evidence.proving import Proving
from infrastructure.evidence.publishing import Publishing
from infrastructure.evidence.tiles import WIDTH, Tile, read_tile, tile_bytes, tiles_of
from infrastructure.store import Store
from tests.infrastructure.evidence.signing_here import ORIGIN, SignsHere
from tests.infrastructure.http.serving import Running


def test_all_tiles_together_are_the_log(database: str) -> None:
    with Store(database) as store:
        publishing = Publishing(store, ORIGIN, SignsHere())
        for number in range(600):
            tell(store, "pause", {"number": number})
        published = publishing.publish()
        assert published is not None
        size = published.checkpoint.size
        assert 600 < size < 3 * WIDTH - 40
        found = {each: tile_bytes(store, published, each) for each in tiles_of(size)}
        leaves = [leaf for each in found if each.level is None for leaf in _entries(found[each])]
        assert [read_head_leaf(leaf).written() for leaf in leaves] == leaves
        hashes = [leaf_hash(leaf) for leaf in leaves]
        assert root_of(hashes) == published.checkpoint.root
        assert b"".join(found[each] or b"" for each in found if each.level == 0) == b"".join(hashes)
        whole = [root_of(hashes[at : at + WIDTH]) for at in (0, WIDTH)]
        assert found[Tile(1, 0, 2)] == b"".join(whole)
        assert node_hash(*whole) == root_of(hashes[: 2 * WIDTH])
        for beyond in (
            Tile(0, 2, size - 2 * WIDTH + 1),
            Tile(0, 2, WIDTH),
            Tile(1, 0, 3),
            Tile(None, 3, 1),
            Tile(2, 0, 1),
        ):
            assert tile_bytes(store, published, beyond) is None


def _entries(bundle: bytes | None) -> list[bytes]:
    found, at = [], 0
    assert bundle is not None
    while at < len(bundle):
        size = int.from_bytes(bundle[at : at + 2], "big")
        found.append(bundle[at + 2 : at + 2 + size])
        at += 2 + size
    return found


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("0/000", Tile(0, 0, WIDTH)),
        ("entries/x001/x234/067.p/7", Tile(None, 1_234_067, 7)),
        ("2/x009/001", Tile(2, 9_001, WIDTH)),
        ("0/0", None),
        ("0/x000/001", None),
        ("0/000.p/256", None),
        ("0/000.p/0", None),
        ("0/000.p/999", None),
        ("6/000", None),
        ("0/../000", None),
        ("", None),
    ],
)
def test_a_path_names_one_tile_or_none(path: str, tile: Tile | None) -> None:
    assert read_tile(path) == tile
    assert tile is None or tile.written() == path


def test_the_server_gives_the_checkpoint_and_its_tiles(demo: Running) -> None:
    store = demo.ledger.store
    with demo.client(demo.key("read")) as client:
        assert client.get("/v1/evidence/checkpoint").status_code == 404
        assert client.get("/v1/evidence/tile/0/000.p/1").status_code == 404
        published = Publishing(store, ORIGIN, SignsHere()).publish()
        assert published is not None
        assert Proving(store).latest() == published
        assert client.get("/v1/evidence/checkpoint").text == published.note
        hashes = b""
        for each in tiles_of(published.checkpoint.size):
            found = client.get(f"/v1/evidence/tile/{each.written()}")
            assert found.status_code == 200
            hashes += found.content if each.level == 0 else b""
        assert root_of(hashes[at : at + 32] for at in range(0, len(hashes), 32)) == published.checkpoint.root
        assert client.get("/v1/evidence/tile/0/999").json()["code"] == "no_such_tile"
    with demo.client() as stranger:
        assert stranger.get("/v1/evidence/checkpoint").status_code == 401
