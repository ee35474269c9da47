"""Permalinks: a day of new facts and late corrections later the same address gives the same bytes."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from domain import canonical
from domain.instants import write_instant
from infrastructure.demo.scenes import scenes
from infrastructure.importing import Importer
from tests.infrastructure.http.serving import Running, running

PLACE = f"/v1/locations/{scenes().location}"
LISTED = f"{PLACE}/seats/{scenes().seat}/explanation"
QUESTIONS = [
    f"{PLACE}/seats",
    f"{PLACE}/seats?on=2026-03-03",
    f"{PLACE}/seats?on=2026-03-03&known=2026-03-31",
    f"{LISTED}?on=2026-03-03",
    f"{PLACE}/access",
    f"{PLACE}/access?account={scenes().owner}",
    f"{PLACE}/roster",
    f"{PLACE}/charges",
    f"{PLACE}/diff?on=2026-02-03&on=2026-03-03",
    f"{PLACE}/diff?on=2026-03-03&known=2026-03-31&known=2026-07-01",
    f"{PLACE}/days?from=2026-03-01&to=2026-03-05",
    f"{PLACE}/history",
    f"{PLACE}/history?limit=40",
    f"{PLACE}/log?limit=150",
    f"{PLACE}/log?actor=acc-olga&type=SignedIn&limit=5",
    f"{PLACE}/log?from=2026-03-01&to=2026-03-31&limit=20",
    "/v1/chains/lumen/seats",
    "/v1/chains/lumen/seats?terms=access_rights&on=2026-03-03",
]


def answers(client: httpx.Client, path: str) -> list[tuple[str, bytes]]:
    """The permalink and the bytes of an answer, and of up to three pages before it."""
    found: list[tuple[str, bytes]] = []
    link: str | None = path
    while link is not None and len(found) < 4:
        got = client.get(link)
        assert got.status_code == 200, got.text
        found.append((got.headers["content-location"], got.content))
        link = got.links["next"]["url"] if "next" in got.links else None
    return found


def a_day_of_facts(served: Running, client: httpx.Client) -> int:
    """Commands, looks at the log, corrections of what was long ago, and history that came late; how many facts."""
    before = served.ledger.store.sequence()
    place, seat = scenes().location, scenes().seat
    for number in range(5):
        _given(client, "add_team_member", {"member": f"new-{number}", "name": f"New {number}"})
        _given(client, "add_to_schedule", {"member": f"new-{number}"})
    _given(client, "remove_from_schedule", {"member": "new-1"})
    _given(client, "dismiss", {"member": "new-1", "date": "2026-11-01", "reason": "x", "confirmation": "Dismiss"})
    told = {"type": "RemovedFromSchedule", "effective_at": "2026-02-20T12:00:00Z", "data": {"member": seat}}
    _given(client, "correct", {"kind": "late", "fact": {**told, "location": place}}, reason="she had said so")
    _given(client, "correct", {"kind": "void", "corrects": scenes().corrections[0]}, reason="it was wrong")
    moment = write_instant(served.ledger.store.now())
    late = {
        "id": "00000000-0000-4000-8000-000000000001",
        "type": "SignedIn",
        "location": place,
        "recorded_at": moment,
        "effective_at": moment,
        "actor": {"kind": "person", "id": "acc-olga"},
        "device": {"id": "dev-1"},
        "change": "late",
        "data": {"account": "acc-olga"},
    }
    assert isinstance(served.ledger.importer, Importer)
    got = client.post(
        "/v1/facts", content=canonical.write(late) + b"\n", headers={"Content-Type": "application/x-ndjson"}
    )
    assert got.status_code == 200, got.text
    return served.ledger.store.sequence() - before


def _given(client: httpx.Client, command: str, data: dict[str, Any], **more: str) -> None:
    body = {"command": command, "location": scenes().location, "data": data, **more}
    got = client.post("/v1/commands", json=body)
    assert got.status_code == 200, got.text


def changed(client: httpx.Client, before: Sequence[tuple[str, bytes]]) -> list[str]:
    """The permalinks that do not give the bytes they gave."""
    return [link for link, content in before if client.get(link).content != content]


def test_every_answer_is_the_same_bytes_after_a_day_of_facts_and_by_another_process(told: str) -> None:
    with running(told) as served:
        key = served.key()
        with served.client(key) as client:
            before = [each for path in QUESTIONS for each in answers(client, path)]
            assert len(before) > len(QUESTIONS) + 6
            plain = [(path, client.get(path).content) for path in QUESTIONS]
            assert a_day_of_facts(served, client) >= 15
            assert changed(client, before) == []
            # What is no permalink has changed: the day was one.
            assert len(changed(client, plain)) > len(QUESTIONS) / 2
    with running(told) as another, another.client(key) as client:
        assert changed(client, before) == []
        spared = client.get(before[0][0], headers={"If-None-Match": client.get(before[0][0]).headers["etag"]})
        assert spared.status_code == 304


def test_what_is_answered_without_its_basis_is_caught(demo: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infrastructure.http.answers.permalink", lambda request, _: request.url.path)
    with demo.client(demo.key()) as client:
        before = answers(client, f"{PLACE}/seats")
        a_day_of_facts(demo, client)
        assert changed(client, before) == [f"{PLACE}/seats"]
