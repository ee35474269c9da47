"""The bundle over HTTP and from the pages: for whoever may see the bill, noted, and only so often."""

from collections.abc import Iterator
from typing import Any

import pytest

from infrastructure.bundle import handing_out
from infrastructure.bundle.archive import unpack
from infrastructure.bundle.handing_out import HandingOut
from infrastructure.door.caller import Places
from infrastructure.door.noting import Noting
from infrastructure.door.room import ReadingRoom
from projections.filters import Filter
from tests.infrastructure.bundle.disputing import SCENES, Dispute, answers_of
from tests.infrastructure.http.serving import Running, served

PATH = f"/v1/locations/{SCENES.location}/bundle"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def demo(dispute: Dispute) -> Iterator[Running]:
    """A server over the dispute, with its signer."""
    ledger = dispute.ledger
    room = ReadingRoom(ledger, Noting(ledger.store))
    with served(ledger, bundles=HandingOut(room, dispute.bundling, ledger.clock)) as found:
        yield found


def exported(demo: Running) -> list[dict[str, Any]]:
    """What the log says of exports of the last days."""
    wanted = Filter(types=frozenset({"DataExported"}))
    rows = demo.ledger.books().log(SCENES.location, wanted)["log"]
    return [row for row in rows if str(row["target"]["id"]).startswith("evidence")]


def test_a_key_takes_the_evidence_and_it_holds(demo: Running, dispute: Dispute) -> None:
    with demo.client(demo.key("read", "export", actor="taking")) as client:
        got = client.post(PATH, json={**MARCH, "seat": SCENES.seat})
    assert got.status_code == 200, got.text
    assert got.headers["content-type"] == "application/zip"
    assert dispute.checked(got.content).holds
    last = answers_of(got.content)["days"][-1]
    assert last["then"]["billable"] == 7
    (row,) = exported(demo)
    assert (row["actor"]["id"], row["id"]) == ("taking", got.headers["export-fact"])


def test_it_goes_on_from_a_checkpoint(demo: Running, dispute: Dispute) -> None:
    with demo.client(demo.key("read", "export")) as client:
        note = unpack(client.post(PATH, json=MARCH).content)["checkpoint"]
        got = client.post(PATH, json={**MARCH, "since": note.decode()})
        assert client.post(PATH, json={**MARCH, "since": "this is no note"}).status_code == 422
    assert dispute.checked(got.content, note).holds


@pytest.mark.parametrize(
    ("scopes", "places", "status"),
    [
        (("read",), Places(everywhere=True), 403),
        (("export",), Places(everywhere=True), 404),
        (("read", "export"), Places(locations=frozenset({"lisbon"})), 404),
    ],
)
def test_who_may_not_see_the_bill_gets_nothing(
    demo: Running, scopes: tuple[Any, ...], places: Places, status: int
) -> None:
    with demo.client(demo.key(*scopes, places=places)) as client:
        assert client.post(PATH, json=MARCH).status_code == status
    with demo.client() as client:
        assert client.post(PATH, json=MARCH).status_code == 401
    assert exported(demo) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"from": "2026-03-01"},
        {**MARCH, "to": "2026-02-01"},
        {**MARCH, "more": 1},
        {**MARCH, "known": "yesterday"},
        [],
    ],
)
def test_what_cannot_be_asked_is_refused(demo: Running, body: Any) -> None:
    with demo.client(demo.key("read", "export")) as client:
        assert client.post(PATH, json=body).status_code == 422
    assert exported(demo) == []


def test_one_may_take_so_many_an_hour(demo: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_out, "BUNDLES_AN_HOUR", 1)
    with demo.client(demo.key("read", "export", actor="often")) as client:
        assert client.post(PATH, json=MARCH).status_code == 200
        assert client.post(PATH, json=MARCH).status_code == 429
    with demo.client(demo.key("read", "export", actor="seldom")) as client:
        assert client.post(PATH, json=MARCH).status_code == 200


def test_without_a_signer_it_says_so(demo: Running, dispute: Dispute) -> None:
    assert demo.house.bundles.signs
    with served(dispute.ledger) as unsigned:
        assert not unsigned.house.bundles.signs
        with unsigned.client(unsigned.key("read", "export")) as client:
            got = client.post(PATH, json=MARCH)
        assert (got.status_code, got.json()["code"]) == (503, "not_signed")
        with unsigned.person(SCENES.owner) as client:
            assert "Download the evidence" not in client.get(f"/locations/{SCENES.location}/bill").text


def test_the_page_of_the_bill_hands_it_out(demo: Running, dispute: Dispute) -> None:
    dispute.publishing.publish()
    page = ""
    with demo.person(SCENES.owner) as client:
        for path in ("bill?on=2026-03-31", "bill/days?from=2026-03-01&to=2026-03-31", "bill/compare?on=2026-03-30"):
            page = client.get(f"/locations/{SCENES.location}/{path}").text
            assert "Download the evidence of these days" in page
            assert "over " in page
        token = page.partition('name="csrf" value="')[2].partition('"')[0]
        fields = {**MARCH, "csrf": token}
        got = client.post(f"/locations/{SCENES.location}/bill/evidence", data=fields)
        assert got.status_code == 200, got.text
        assert dispute.checked(got.content).holds
        stolen = client.post(f"/locations/{SCENES.location}/bill/evidence", data={**fields, "csrf": "0" * 64})
        assert stolen.status_code == 403
        other = client.post(PATH, json=MARCH, headers={"sec-fetch-site": "cross-site"})
        assert other.status_code == 403
    (row,) = exported(demo)
    assert row["actor"]["id"] == SCENES.owner
