"""Commands over HTTP: by whom they are given, where, once, and what is said of those that are refused."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain import canonical
from domain.facts import written
from infrastructure.desk import Bearer
from infrastructure.door.caller import Places
from infrastructure.door.commanding import Commanding
from infrastructure.mapper import read_rows
from tests.infrastructure.http.serving import AGENT, Running

Json = dict[str, Any]
OLGA = {"kind": "person", "id": "acc-olga"}
PHONE = {"id": "dev-9", "ip": "192.0.2.9", "user_agent": AGENT}


def add(member: str, location: str = "berlin", **more: Any) -> Json:
    return {"command": "add_team_member", "location": location, "data": {"member": member, "name": member}, **more}


@pytest.fixture
def pos(demo: Running) -> Iterator[httpx.Client]:
    """A system with a key for commands everywhere."""
    with demo.client(demo.key("command", "read")) as client:
        yield client


def test_a_command_is_given_by_the_key_and_answered_with_its_position(demo: Running, pos: httpx.Client) -> None:
    got = pos.post("/v1/commands", json=add("nia"), headers={"User-Agent": AGENT})
    assert got.status_code == 200, got.text
    answer = got.json()
    fact = answer["appended"][0]
    assert (fact["type"], fact["actor"]) == ("TeamMemberAdded", {"kind": "api_key", "id": "pos"})
    assert fact["device"]["user_agent"] == AGENT
    assert fact["device"]["session"].startswith("key:")
    seats = pos.get("/v1/locations/berlin/seats", params={"at_least": answer["position"]}).json()
    assert "nia" in [seat["member"] for seat in seats["seats"]]
    (entry,) = read_rows(demo.ledger.store.read_all(answer["position"] - 1, answer["position"]))[0]
    assert canonical.write(written(entry.fact)) == canonical.write({k: v for k, v in fact.items() if k != "position"})


def test_actor_and_device_follow_from_the_credential(demo: Running, pos: httpx.Client) -> None:
    for said in ({"actor": OLGA}, {"device": PHONE}, {"actor": OLGA, "device": PHONE}):
        got = pos.post("/v1/commands", json={**add("nia"), **said})
        assert (got.status_code, got.json()["code"]) == (422, "actor_from_credential"), got.text


def test_a_key_that_vouches_passes_people_on_with_their_rights_and_its_mark(demo: Running) -> None:
    with demo.client(demo.key("command", "vouch", "read")) as client:
        got = client.post("/v1/commands", json=add("nia", actor=OLGA, device=PHONE))
        assert got.status_code == 200, got.text
        assert got.json()["appended"][0]["device"] == PHONE
        row = _last_row(client, got.json()["position"])
        assert row["vouched_by"].startswith("key:")
        assert row["actor"]["id"] == "acc-olga"
        without = client.post("/v1/commands", json=add("tim", actor=OLGA))
        assert (without.status_code, without.json()["code"]) == (422, "invalid")
        stranger = client.post("/v1/commands", json=add("tim", actor={"kind": "person", "id": "acc-x"}, device=PHONE))
        assert (stranger.status_code, stranger.json()["code"]) == (403, "forbidden")
        other = client.post("/v1/commands", json=add("tim", actor={"kind": "system", "id": "cron"}))
        assert (other.status_code, other.json()["code"]) == (422, "actor_from_credential")
        nobody = client.post("/v1/commands", json=add("tim", actor={"kind": {"": []}, "id": "acc-olga"}))
        assert (nobody.status_code, nobody.json()["code"]) == (422, "actor_from_credential")
        own = client.post("/v1/commands", json=add("tim"))
        assert "vouched_by" not in _last_row(client, own.json()["position"])


def _last_row(client: httpx.Client, position: int) -> Json:
    got = client.get("/v1/locations/berlin/log", params={"position": position, "limit": 1})
    row: Json = got.json()["log"][-1]
    return row


def test_a_person_commands_by_the_rights_held_there(demo: Running) -> None:
    with demo.person("acc-olga", Accept="application/json") as olga:
        got = olga.post("/v1/commands", json=add("nia"))
        assert got.status_code == 200, got.text
        assert got.json()["appended"][0]["actor"] == OLGA
        seen = olga.post("/v1/commands", json={"command": "observe", "location": "berlin", "data": {}})
        assert seen.status_code in {403, 422}
        abroad = olga.post("/v1/commands", json=add("nia"), headers={"Sec-Fetch-Site": "cross-site"})
        assert abroad.status_code == 403


def test_of_places_that_are_not_theirs_people_and_keys_hear_what_is_said_of_none(demo: Running) -> None:
    bound = demo.key("command", places=Places(locations=frozenset({"lisbon"})))
    with demo.client(bound) as key, demo.person("acc-nobody", Accept="application/json") as person:
        for client in (key, person):
            for command in (add("nia"), {"command": "accept_invitation", "location": "berlin", "data": _BEA}):
                hidden = client.post("/v1/commands", json=command)
                nowhere = client.post("/v1/commands", json={**command, "location": "nowhere"})
                assert (hidden.status_code, nowhere.status_code) == (404, 404)
                own, none = hidden.json(), nowhere.json()
                assert own["detail"].replace("berlin", "nowhere") == none["detail"]
                assert own.keys() == none.keys()


_BEA = {"account": "acc-nobody"}


def test_a_key_commands_only_within_its_scopes(demo: Running) -> None:
    with demo.client(demo.key("read", "feed", "import")) as client:
        assert client.post("/v1/commands", json=add("nia")).status_code == 403
    correct = {
        "command": "correct",
        "location": "berlin",
        "reason": "A test",
        "data": {"kind": "void", "corrects": _ID},
    }
    with demo.client(demo.key("command")) as client:
        assert client.post("/v1/commands", json=correct).json()["detail"].startswith("This key does not have the scope")
    with demo.client(demo.key("command", "correct")) as client:
        assert client.post("/v1/commands", json=correct).json()["code"] == "not_found"
    bound = demo.key("command", places=Places(locations=frozenset({"berlin"})))
    with demo.client(bound) as client:
        terms = {"command": "publish_terms", "data": {"terms": "access_rights", "from": "2027-01-01"}}
        assert client.post("/v1/commands", json=terms).status_code == 403


_ID = str(uuid4())


def test_a_fact_of_another_place_is_corrected_by_no_key_and_is_none_that_it_hears_of(demo: Running) -> None:
    elsewhere = next(str(row.fact) for row in demo.ledger.store.read_all() if row.location == "lisbon")
    key = demo.key("command", "correct", places=Places(locations=frozenset({"berlin"})))
    with demo.client(key) as client:
        hidden, none = (
            client.post(
                "/v1/commands",
                json={
                    "command": "correct",
                    "location": "berlin",
                    "reason": "A test",
                    "data": {"kind": "void", "corrects": fact},
                },
            )
            for fact in (elsewhere, _ID)
        )
    assert (hidden.status_code, none.status_code) == (404, 404)
    assert hidden.json()["detail"].replace(elsewhere, _ID) == none.json()["detail"]
    assert hidden.json()["facts"] == none.json()["facts"] == []


def test_a_refusal_tells_code_sentence_and_facts(demo: Running, pos: httpx.Client) -> None:
    pos.post("/v1/commands", json=add("nia"))
    again = pos.post("/v1/commands", json=add("nia"))
    problem = again.json()
    assert (again.status_code, problem["code"]) == (409, "exists")
    assert again.headers["content-type"] == "application/problem+json"
    assert problem["facts"]
    assert problem["position"]
    unread = pos.post("/v1/commands", json=add("nia", colour="red"))
    assert (unread.status_code, unread.json()["code"]) == (422, "invalid")


def test_the_same_key_with_the_same_body_is_one_command(demo: Running, pos: httpx.Client) -> None:
    headers = {"Idempotency-Key": "save-17"}
    first = pos.post("/v1/commands", json=add("nia"), headers=headers)
    again = pos.post("/v1/commands", json=add("nia"), headers={**headers, "User-Agent": "another"})
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = pos.post("/v1/commands", json=add("tim"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "id_reused")
    with demo.client(demo.key("command")) as somebody:
        assert somebody.post("/v1/commands", json=add("tim"), headers=headers).status_code == 200


def test_a_dry_run_appends_nothing_and_tells_the_effect(demo: Running, pos: httpx.Client) -> None:
    before = demo.ledger.store.sequence()
    pos.post("/v1/commands", json=add("nia"), params={"dry_run": "true"})
    got = pos.post("/v1/commands", json=add("nia"), params={"dry_run": "true"})
    assert got.status_code == 200, got.text
    assert [fact["type"] for fact in got.json()["would_append"]] == ["TeamMemberAdded"]
    assert got.json()["effect"][0]["location"] == "berlin"
    assert demo.ledger.store.sequence() == before


def test_several_are_one_change_each_with_its_outcome(demo: Running, pos: httpx.Client) -> None:
    several = {"commands": [add("nia"), add("nia"), add("tim")]}
    headers = {"Idempotency-Key": '"both"'}
    got = pos.post("/v1/commands", json=several, headers=headers)
    assert got.status_code == 207, got.text
    answer = got.json()
    assert [each["status"] for each in answer["outcomes"]] == [200, 409, 200]
    assert answer["position"] == max(each["position"] for each in answer["outcomes"])
    assert {each["appended"][0]["change"] for each in answer["outcomes"][::2]} == {answer["change"]}
    assert pos.post("/v1/commands", json=several, headers=headers).content == got.content
    more = {"commands": [*several["commands"], add("zoe")]}
    reused = pos.post("/v1/commands", json=more, headers=headers)
    assert (reused.status_code, reused.json()["code"]) == (422, "id_reused")
    unread = pos.post("/v1/commands", json={"commands": [add("zoe"), {"command": "dance"}]})
    assert (unread.status_code, unread.json()["detail"][:14]) == (422, "`commands.1`: ")
    seats = pos.get("/v1/locations/berlin/seats", params={"at_least": answer["position"]}).json()
    assert {"nia", "tim"} <= {seat["member"] for seat in seats["seats"]}
    assert "zoe" not in {seat["member"] for seat in seats["seats"]}


def test_what_is_not_json_or_too_much_of_it_is_refused(pos: httpx.Client) -> None:
    form = pos.post("/v1/commands", data={"command": "dance"})
    assert form.status_code == 415
    large = pos.post("/v1/commands", json=add("nia", reason="x" * 1_100_000))
    assert large.status_code == 413
    many = pos.post("/v1/commands", json={"commands": [add("nia")] * 101})
    assert many.status_code == 422
    assert pos.post("/v1/commands", content=b"{", headers={"Content-Type": "application/json"}).status_code == 422


def test_the_desk_marks_what_it_is_told_to(demo: Running) -> None:
    """The tooth of the mark: without a bearer there is none."""
    raw = {**add("nia"), "id": str(uuid4()), "actor": OLGA, "device": PHONE}
    assert demo.ledger.desk.submit(raw).entries[0].stamp.vouched_by is None
    other = {**add("tim"), "id": str(uuid4()), "actor": OLGA, "device": PHONE}
    marked = demo.ledger.desk.submit(other, bearer=Bearer(vouched_by="key:1"))
    assert marked.entries[0].stamp.vouched_by == "key:1"


def test_a_door_that_tells_which_places_there_are_is_found_out(demo: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tooth of the same 404."""
    monkeypatch.setattr(Commanding, "_veiled", lambda _self, _caller, refusal: refusal)
    with pytest.raises(AssertionError):
        test_of_places_that_are_not_theirs_people_and_keys_hear_what_is_said_of_none(demo)
