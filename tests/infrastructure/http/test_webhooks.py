"""Webhooks over HTTP: made, listed, replayed and ended by whom they belong to."""

from infrastructure.door.caller import Places
from tests.infrastructure.http.serving import Running

HOOK = {"url": "https://example.com/hooks"}


def test_a_subscription_is_made_listed_replayed_and_ended(demo: Running) -> None:
    with demo.client(demo.key("operate")) as client:
        made = client.post("/v1/webhooks", json={**HOOK, "types": ["UserInvited"]})
        assert made.status_code == 201, made.text
        assert made.json()["secret"].startswith("whsec_")
        (listed,) = client.get("/v1/webhooks").json()["webhooks"]
        assert listed == {key: value for key, value in made.json().items() if key != "secret"}
        path = f"/v1/webhooks/{listed['id']}"
        assert client.post(f"{path}/replay", params={"after": 3}).json()["position"] == 3
        assert client.get(f"{path}/deliveries").json() == {"deliveries": []}
        assert client.delete(path).status_code == 204
        assert client.delete(path).status_code == 404
        assert client.get("/v1/webhooks").json() == {"webhooks": []}


def test_what_cannot_be_is_refused(demo: Running) -> None:
    with demo.client(demo.key("operate")) as client:
        wrongs: list[object] = [
            {},
            {"url": "https://127.0.0.1/"},
            {**HOOK, "types": ["Danced"]},
            {**HOOK, "after": -1},
            [],
        ]
        for wrong in wrongs:
            assert client.post("/v1/webhooks", json=wrong).status_code == 422
    with demo.client(demo.key("read", "command", "feed")) as client:
        assert client.post("/v1/webhooks", json=HOOK).status_code == 403
        assert client.get("/v1/webhooks").status_code == 403


def test_a_key_for_some_places_subscribes_to_these_and_sees_its_own(demo: Running) -> None:
    berlin = demo.key("operate", places=Places(locations=frozenset({"berlin"})), actor="berlin")
    lisbon = demo.key("operate", places=Places(locations=frozenset({"lisbon"})), actor="lisbon")
    with demo.client(berlin) as one, demo.client(lisbon) as other:
        made = one.post("/v1/webhooks", json=HOOK).json()
        assert (made["everywhere"], made["locations"]) == (False, ["berlin"])
        assert one.post("/v1/webhooks", json={**HOOK, "locations": ["lisbon"]}).status_code == 403
        assert other.get("/v1/webhooks").json() == {"webhooks": []}
        path = f"/v1/webhooks/{made['id']}"
        for answer in (other.delete(path), other.post(f"{path}/replay?after=0"), other.get(f"{path}/deliveries")):
            assert answer.status_code == 404
