"""Pages of history and log over HTTP: whole, stable while new facts come, bound to who asked and for what."""

import httpx

from infrastructure.demo.scenes import scenes
from infrastructure.door.caller import Places
from infrastructure.door.permissions import TYPES_SEEN
from projections.filters import EVERYTHING
from tests.infrastructure.http.serving import Running, settled

PLACE = scenes().location


def pages(client: httpx.Client, path: str) -> list[httpx.Response]:
    found = [client.get(path)]
    while "next" in found[-1].links:
        found.append(client.get(found[-1].links["next"]["url"]))
    assert {page.status_code for page in found} == {200}, found[-1].text
    return found


def test_all_pages_together_are_the_log_although_every_look_adds_to_it(demo: Running) -> None:
    with demo.client(demo.key("read")) as client:
        found = pages(client, f"/v1/locations/{PLACE}/log?limit=70")
    assert len(found) > 3
    basis = found[0].json()
    whole = demo.ledger.books(basis["position"]).log(PLACE, EVERYTHING)
    rows = [row["position"] for page in reversed(found) for row in page.json()["log"]]
    assert rows == [row["position"] for row in whole["log"]]
    assert {page.json()["position"] for page in found} == {basis["position"]}


def test_a_cursor_is_good_for_one_question_of_one_caller(demo: Running) -> None:
    path = f"/v1/locations/{PLACE}/log?limit=5"
    with demo.client(demo.key("read", actor="one")) as one, demo.client(demo.key("read", actor="two")) as two:
        link = one.get(path).links["next"]["url"]
        assert one.get(link).status_code == 200
        stolen, turned = two.get(link), one.get(link.replace("/log?", "/history?"))
        narrowed = one.get(f"{link}&actor=acc-olga")
    assert [each.json()["code"] for each in (stolen, turned, narrowed)] == ["cursor"] * 3


def test_a_look_at_the_log_is_on_the_log_once(demo: Running) -> None:
    with demo.client(demo.key("read", actor="auditing")) as client:
        for _ in range(3):
            client.get(f"/v1/locations/{PLACE}/log?actor=acc-olga")
        settled(demo.ledger)
        got = client.get(f"/v1/locations/{PLACE}/log?actor=auditing&type=LogViewed").json()["log"]
    assert len(got) == 1
    assert got[0]["actor"]["id"] == "auditing"


def test_a_person_sees_the_types_that_the_rights_there_open(demo: Running) -> None:
    """Ann, a manager or administrator without security rights, is refused, and that is on the log."""
    books = demo.ledger.books()
    users = books.access(PLACE)["users"]
    blind = [user["account"] for user in users if not any(right["right"] in TYPES_SEEN for right in user["rights"])]
    assert blind
    with demo.person(blind[0], Accept="application/json") as client:
        assert client.get(f"/v1/locations/{PLACE}/log").json()["code"] == "forbidden"
    settled(demo.ledger)
    with demo.person(scenes().owner, Accept="application/json") as client:
        rows = client.get(f"/v1/locations/{PLACE}/log?actor={blind[0]}&type=CommandRefused").json()["log"]
    assert rows[-1]["outcome"] == "refused"
    assert "log" in rows[-1]["action"]


def test_a_chain_shows_what_its_caller_may_see(demo: Running) -> None:
    whole = demo.ledger.books().fleet()
    chain = next(row["chain"] for row in whole["locations"] if row["chain"] is not None)
    members = [row["location"] for row in whole["locations"] if row["chain"] == chain]
    with demo.client(demo.key("read", places=Places(chains=frozenset({chain})))) as client:
        assert [row["location"] for row in client.get(f"/v1/chains/{chain}/seats").json()["locations"]] == members
    with demo.client(demo.key("read", places=Places(locations=frozenset(members[:1])))) as client:
        narrow = client.get(f"/v1/chains/{chain}/seats").json()
        assert [row["location"] for row in narrow["locations"]] == members[:1]
        assert narrow["totals"]["billable"] == narrow["locations"][0]["billable"]
    with demo.client(demo.key("read", places=Places(locations=frozenset({"elsewhere"})))) as client:
        assert client.get(f"/v1/chains/{chain}/seats").status_code == 404
