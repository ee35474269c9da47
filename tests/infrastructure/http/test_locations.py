"""The questions about a location over HTTP: the bytes of the command line, tags, permalinks, and who may ask."""

from domain import canonical
from infrastructure.books import read_moment
from infrastructure.demo.scenes import scenes
from infrastructure.door.caller import Places
from tests.infrastructure.http.serving import Running


def test_seats_are_the_bytes_of_the_command_line(demo: Running) -> None:
    scene = scenes()
    with demo.client(demo.key("read")) as client:
        got = client.get(f"/v1/locations/{scene.location}/seats", params={"on": str(scene.on), "known": "2026-01-01"})
    assert got.status_code == 200, got.text
    books = demo.ledger.books(got.json()["position"])
    expected = books.seats(scene.location, scene.on, read_moment("2026-01-01"))
    assert got.content == canonical.write(expected) + b"\n"


def test_a_permalink_gives_the_same_bytes_and_the_tag_spares_them(demo: Running) -> None:
    with demo.client(demo.key("read")) as client:
        first = client.get(f"/v1/locations/{scenes().location}/seats")
        again = client.get(first.headers["content-location"])
        assert again.content == first.content
        spared = client.get(first.headers["content-location"], headers={"If-None-Match": first.headers["etag"]})
    assert (spared.status_code, spared.content) == (304, b"")


def test_who_may_not_know_of_a_location_is_told_what_everybody_is_told_of_none(demo: Running) -> None:
    elsewhere = demo.key("read", places=Places(locations=frozenset({"elsewhere"})))
    with demo.client(elsewhere) as client:
        hidden = client.get(f"/v1/locations/{scenes().location}/seats")
        nowhere = client.get("/v1/locations/nowhere/seats")
    assert (hidden.status_code, nowhere.status_code) == (404, 404)
    own, other = hidden.json(), nowhere.json()
    assert own["detail"].replace(scenes().location, "nowhere") == other["detail"]


def test_nobody_asks_without_a_credential(demo: Running) -> None:
    with demo.client() as client:
        assert client.get(f"/v1/locations/{scenes().location}/seats").json()["code"] == "not_signed_in"
    with demo.client("alk_0_wrong") as client:
        assert client.get(f"/v1/locations/{scenes().location}/seats").json()["code"] == "unknown_key"
