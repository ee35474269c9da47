"""The feed: every fact once in its order, from any position on, and no more than a credential may follow."""

import json
import threading
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from domain.facts.reading import WITHOUT_LOCATION
from infrastructure.door.caller import Places
from infrastructure.http.feed_pages import FeedPages
from infrastructure.http.streams import Streams
from infrastructure.mapper import read_rows
from projections.followed import followed
from tests.infrastructure.http.serving import Running, running

Json = dict[str, Any]
ADD = {"command": "add_team_member", "location": "berlin", "data": {"member": "nia", "name": "Nia"}}


def follow(client: httpx.Client, limit: int, **query: Any) -> list[Json]:
    """Everything there is to follow, page by page."""
    found: list[Json] = []
    after = 0
    while True:
        got = client.get("/v1/facts", params={"after": after, "limit": limit, **query})
        assert got.status_code == 200, got.text
        page = got.json()
        assert len(page["facts"]) <= limit
        assert got.headers["ledger-next"] == str(page["next"])
        found.extend(page["facts"])
        if page["next"] >= page["position"]:
            return found
        assert page["next"] > after
        after = page["next"]


def test_the_feed_is_every_fact_once_and_in_order(demo: Running) -> None:
    with demo.client(demo.key("feed")) as client:
        found = follow(client, 700)
    entries, _ = read_rows(demo.ledger.store.read_all(0, found[-1]["position"]))
    assert found == [followed(entry) for entry in entries]


def test_who_follows_and_who_may_not_is_itself_on_the_feed_once(demo: Running) -> None:
    last = demo.ledger.store.sequence()
    with demo.client(demo.key("command", actor="nosy")) as client:
        assert client.get("/v1/facts").status_code == 403
    with demo.client(demo.key("feed")) as client:
        for _ in range(3):
            client.get("/v1/facts")
    demo.ledger.store.sequence()
    told = [(row.type, row.location) for row in demo.ledger.store.read_all(last)]
    assert told == [("CommandRefused", None), ("LogViewed", None)]


def test_a_key_for_some_places_follows_these_and_what_holds_for_all(demo: Running) -> None:
    entries, _ = read_rows(demo.ledger.store.read_all())
    by_name = Places(locations=frozenset({"berlin"}))
    by_chain = Places(chains=frozenset({"lumen"}))
    nowhere = Places(chains=frozenset({"another"}))
    for places, locations in ((by_name, {"berlin"}), (by_chain, {"berlin", "lisbon", "new-york"}), (nowhere, set())):
        expected = [
            entry.position
            for entry in entries
            if entry.fact.location in locations or entry.fact.type in WITHOUT_LOCATION
        ]
        with demo.client(demo.key("feed", places=places)) as client:
            assert [row["position"] for row in follow(client, 400)] == expected
    assert any(entry.fact.location is None and entry.fact.type not in WITHOUT_LOCATION for entry in entries), "no tooth"


def test_only_keys_with_the_scope_follow(demo: Running) -> None:
    with demo.client(demo.key("read", "command")) as client:
        assert client.get("/v1/facts").status_code == 403
    with demo.person("acc-olga", Accept="application/json") as olga:
        assert olga.get("/v1/facts").status_code == 403


def test_cloud_events_come_by_format_and_by_what_is_accepted(demo: Running) -> None:
    with demo.client(demo.key("feed")) as client:
        rows = client.get("/v1/facts", params={"limit": 5}).json()["facts"]
        named = client.get("/v1/facts", params={"limit": 5, "format": "cloudevents"})
        accepted = client.get("/v1/facts?limit=5", headers={"Accept": "application/cloudevents-batch+json"})
    assert named.headers["content-type"].startswith("application/cloudevents-batch+json")
    assert accepted.json() == named.json()
    assert [event["data"] for event in named.json()] == rows
    for event, row in zip(named.json(), rows, strict=True):
        assert event["specversion"] == "1.0"
        assert event["id"] == row["fact"]["id"]
        assert event["type"] == f"accessledger.{row['fact']['type']}"
        assert int(event["sequence"]) == row["position"]
    assert named.headers["ledger-next"] == str(rows[-1]["position"])


def test_a_long_poll_ends_with_what_it_waited_for(demo: Running) -> None:
    got: list[httpx.Response] = []
    with demo.client(demo.key("feed", "command")) as client:
        client.get("/v1/facts")
        last = demo.ledger.store.sequence()
        assert client.get("/v1/facts", params={"after": last}).json()["facts"] == []

        def poll() -> None:
            got.append(client.get("/v1/facts", params={"after": last, "wait": 30}))

        waiting = threading.Thread(target=poll)
        waiting.start()
        client.post("/v1/commands", json=ADD)
        waiting.join()
    assert [row["fact"]["type"] for row in got[0].json()["facts"]] == ["TeamMemberAdded"]


def events(stream: httpx.Response, count: int) -> list[tuple[int, Json]]:
    """The first so many facts of a stream, each with its id."""
    found: list[tuple[int, Json]] = []
    number = 0
    for line in stream.iter_lines():
        if line.startswith("id: "):
            number = int(line[4:])
        elif line.startswith("data: "):
            found.append((number, json.loads(line[6:])))
            if len(found) == count:
                return found
    return found


def test_a_stream_goes_on_after_the_last_id_and_tells_what_comes(demo: Running) -> None:
    with demo.client(demo.key("feed", "command"), Accept="text/event-stream") as client:
        with client.stream("GET", "/v1/facts", params={"after": 10}) as stream:
            first = events(stream, 5)
        assert [number for number, _ in first] == [11, 12, 13, 14, 15]
        last = demo.ledger.store.sequence()
        resumed = {"Last-Event-ID": str(last - 1)}
        with client.stream("GET", "/v1/facts", headers=resumed) as stream:
            lines = stream.iter_lines()
            assert next(line for line in lines if line.startswith("id: ")) == f"id: {last}"
            client.post("/v1/commands", json=ADD)
            told = (json.loads(line[6:])["fact"] for line in lines if line.startswith("data: "))
            assert next(fact for fact in told if fact["type"] == "TeamMemberAdded")["data"]["member"] == "nia"


def test_what_may_not_be_shown_moves_a_stream_on(demo: Running) -> None:
    last = demo.ledger.store.sequence()
    key = demo.key("feed", places=Places(locations=frozenset({"nowhere"})))
    with demo.client(key, Accept="text/event-stream") as client, client.stream("GET", "/v1/facts") as stream:
        moved = (int(line[4:]) for line in stream.iter_lines() if line.startswith("id: "))
        assert next(position for position in moved if position >= last)


def test_streams_are_bounded_and_end_with_the_server(told: str) -> None:
    with ExitStack() as afterwards:
        with running(told, streams=Streams(1)) as served:
            client = afterwards.enter_context(served.client(served.key("feed"), Accept="text/event-stream"))
            request = client.build_request("GET", "/v1/facts", params={"after": served.ledger.store.sequence()})
            lines = client.send(request, stream=True).iter_lines()
            assert next(lines).startswith("retry: ")
            assert client.get("/v1/facts").json()["code"] == "busy"
        # The server has stopped, and waited for nobody's stream.
        assert list(lines)[:1] == [""]
    assert served.house.streams.open == 0


def test_the_feed_comes_as_ocsf_too(demo: Running) -> None:
    with demo.client(demo.key("feed")) as client:
        rows = client.get("/v1/facts", params={"limit": 1000}).json()["facts"]
        events_of = client.get("/v1/facts", params={"limit": 1000, "format": "ocsf"}).json()["events"]
    assert {event["class_uid"] for event in events_of} >= {3001, 3002, 3005, 6003}
    assert {event["metadata"]["uid"] for event in events_of} >= {row["fact"]["id"] for row in rows}


def test_a_feed_that_shows_everything_is_found_out(demo: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tooth of the walls between places."""
    monkeypatch.setattr(FeedPages, "_may_follow", lambda *_: True)
    with pytest.raises(AssertionError):
        test_a_key_for_some_places_follows_these_and_what_holds_for_all(demo)
