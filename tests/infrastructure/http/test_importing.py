"""History brought in over HTTP: all or nothing, once, within a limit, and only by whom it may be."""

from dataclasses import replace
from typing import Any

from domain import canonical
from infrastructure.door.caller import Places
from infrastructure.http.settings import ServeSettings
from tests.infrastructure.http.serving import Running, running
from tests.infrastructure.http.told import story_lines

LINES = {"Content-Type": "application/x-ndjson"}


def opened(number: int, **more: Any) -> bytes:
    fact = {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "type": "LocationOpened",
        "location": f"new-{number}",
        "recorded_at": "2026-01-01T10:00:00Z",
        "effective_at": "2026-01-01T10:00:00Z",
        "actor": {"kind": "system", "id": "pos"},
        "change": f"open-{number}",
        "data": {"name": f"New {number}", "time_zone": "Europe/Berlin"},
        **more,
    }
    return canonical.write(fact) + b"\n"


def test_a_file_is_appended_once(demo: Running) -> None:
    lines = b"".join(opened(number) for number in range(3))
    before = demo.ledger.store.sequence()
    with demo.client(demo.key("import"), **LINES) as client:
        first = client.post("/v1/facts", content=lines)
        assert first.status_code == 200, first.text
        assert first.json() == {"appended": 3, "already": 0, "refused": 0, "position": before + 3}
        again = client.post("/v1/facts", content=iter([lines[:100], lines[100:]]))
        assert again.json() == {"appended": 0, "already": 3, "refused": 0, "position": before + 3}
        whole = client.post("/v1/facts", content=story_lines().read())
        assert (whole.json()["appended"], whole.json()["already"] > 1000) == (0, True)


def test_one_bad_line_refuses_all_unless_it_is_to_be_skipped(demo: Running) -> None:
    lines = opened(1) + opened(2, type="Danced") + b"{\n"
    before = demo.ledger.store.sequence()
    with demo.client(demo.key("import"), **LINES) as client:
        got = client.post("/v1/facts", content=lines)
        assert (got.status_code, got.json()["code"], got.json()["refused"]) == (422, "refused_lines", 2)
        assert [bad["line"] for bad in got.json()["bad"]] == [2, 3]
        assert demo.ledger.store.sequence() == before
        skipped = client.post("/v1/facts", content=lines, params={"skip_bad": "true"})
        assert (skipped.json()["appended"], [bad["line"] for bad in skipped.json()["bad"]]) == (1, [2, 3])


def test_who_may_not_import_cannot(demo: Running) -> None:
    for key in (demo.key("command", "feed"), demo.key("import", places=Places(locations=frozenset({"berlin"})))):
        with demo.client(key, **LINES) as client:
            assert client.post("/v1/facts", content=opened(1)).status_code == 403
    with demo.client(demo.key("import")) as client:
        assert client.post("/v1/facts", json={}).status_code == 415


def test_a_file_beyond_the_limit_is_refused_wherever_it_ends(told: str) -> None:
    small = replace(ServeSettings(), import_bytes=500)
    with running(told, small) as served, served.client(served.key("import"), **LINES) as client:
        assert client.post("/v1/facts", content=opened(1)).status_code == 200
        assert client.post("/v1/facts", content=opened(2) * 2).status_code == 413
        assert client.post("/v1/facts", content=iter([opened(2)] * 2)).status_code == 413
