"""Erasures over HTTP: which key may, where, and what stands in the list."""

import io
import json
import zipfile
from collections.abc import Mapping

import httpx

from infrastructure.door.caller import Places as Where
from tests.infrastructure.http.serving import Running
from tests.infrastructure.web.posting import last, types_since

BASIS = {"basis": "GDPR 17(1)(a)"}
BERLIN = Where(locations=frozenset({"berlin"}))
MEMBER = {"command": "erase", "location": "berlin", "data": {"member": "ann", **BASIS}}
ACCOUNT = {"command": "erase", "data": {"account": "acc-ann", **BASIS}}


def command(client: httpx.Client, body: Mapping[str, object]) -> int:
    return client.post("/v1/commands", json=body).status_code


def test_a_key_needs_the_scope_and_for_an_account_to_be_good_everywhere(demo: Running) -> None:
    with demo.client(demo.key("command")) as client:
        assert command(client, ACCOUNT) == 403
        assert client.get("/v1/erasures").status_code == 403
    with demo.client(demo.key("command", "erase", places=BERLIN)) as client:
        assert command(client, ACCOUNT) == 403
        assert command(client, {**MEMBER, "location": "lisbon"}) == 404
        assert command(client, MEMBER) == 200
        assert command(client, MEMBER) == 409
        (found,) = client.get("/v1/erasures").json()["erasures"]
        assert (found["location"], found["member"], found["erased"]["basis"]) == ("berlin", "ann", BASIS["basis"])
    with demo.client(demo.key("command", "erase")) as client:
        assert command(client, ACCOUNT) == 200
        assert len(client.get("/v1/erasures").json()["erasures"]) == 2
        assert "Ann Schuster" not in client.get("/v1/facts?after=0&limit=1000").text
    with demo.client(demo.key("command", "erase", places=Where(locations=frozenset({"lisbon"})))) as client:
        assert client.get("/v1/erasures").json()["erasures"] == []


def test_what_is_held_is_given_to_a_key_with_both_scopes_and_noted_first(demo: Running) -> None:
    whom = {"account": "acc-ann"}
    with demo.client(demo.key("export", "command")) as client:
        assert client.post("/v1/persons/export", json=whom).status_code == 403
    before = last(demo)
    with demo.client(demo.key("export", "command", "erase")) as client:
        assert client.post("/v1/persons/export", json={"account": "acc-nobody"}).status_code == 404
        assert client.post("/v1/persons/export", json={"member": "ann"}).status_code == 422
        assert client.post("/v1/persons/export", json={}).status_code == 422
        assert client.post("/v1/persons/export", json=[]).status_code == 422
        got = client.post("/v1/persons/export", json=whom)
        assert got.status_code == 200
        member = client.post("/v1/persons/export", json={"location": "berlin", "member": "ann"})
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert b"Ann Schuster" in archive.read("facts.jsonl")
    with zipfile.ZipFile(io.BytesIO(member.content)) as archive:
        assert json.loads(archive.read("person.json"))["keys"].keys() == {"member:berlin/ann"}
    assert types_since(demo, before).count("DataExported") == 2


def test_a_person_hears_nothing_of_places_that_are_not_theirs(demo: Running) -> None:
    with demo.client(demo.key()) as client:
        opened = {"command": "open_location", "location": "secret-place", "data": {"name": "S", "time_zone": "UTC"}}
        assert command(client, opened) == 200
        granted = {"command": "grant_access", "location": "secret-place"}
        assert command(client, {**granted, "data": {"account": "acc-ann", "role": "viewer"}}) == 200
    with demo.person("acc-olga", Accept="application/json") as client:
        got = client.post("/v1/commands", json=ACCOUNT)
    assert got.status_code == 403
    assert "secret-place" not in got.text
