"""Links for auditors from outside: they open named places, for reading, until they end; opening one is a fact."""

from datetime import timedelta

from domain.entries import Entry
from domain.facts import LogViewed
from infrastructure.demo.scenes import scenes
from infrastructure.door.caller import Places
from infrastructure.mapper import entry_of
from tests.infrastructure.http.serving import AGENT, Running


def test_a_link_reads_its_places_until_it_is_taken_back(demo: Running) -> None:
    location = scenes().location
    made, token = demo.house.door.links.make("an auditor", Places(locations=frozenset({location})), timedelta(days=3))
    with demo.client(**{"User-Agent": AGENT, "Accept": "text/html"}) as client:
        opened = client.get(f"/link/{token}")
        assert (opened.status_code, opened.headers["location"]) == (303, "/")
        assert client.get(f"/locations/{location}/bill").status_code == 200
        assert client.get("/locations/elsewhere/bill").status_code == 404
        assert client.post("/sign-out").status_code in {403, 415}
        assert demo.house.door.links.revoke(made)
        assert client.get(f"/locations/{location}/bill").status_code == 303
        assert client.get(f"/link/{token}").status_code == 410
    looks = [
        entry.fact.data
        for entry in map(entry_of, demo.ledger.store.read_stream(f"observations:{location}", settled=False))
        if isinstance(entry, Entry) and entry.fact.actor.id == f"link-{made}"
    ]
    assert looks == [LogViewed(filter={"question": "seats"})]
    rows = list(demo.ledger.store.read_stream(f"observations:link-{made}", settled=False))
    assert len(rows) == 1


def test_a_link_ends_by_itself(demo: Running) -> None:
    _, token = demo.house.door.links.make("an auditor", Places(), timedelta(0))
    assert demo.house.door.links.caller(token) is None
