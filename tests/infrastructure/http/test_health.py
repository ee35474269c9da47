"""Whether the server lives and is ready, what it counts, and the line it writes of each request."""

import json
import logging

import psycopg
import pytest

from infrastructure.demo.scenes import scenes
from tests.infrastructure.http.serving import Running
from tests.infrastructure.store.waiting import until


def test_it_lives_and_is_ready(demo: Running) -> None:
    with demo.client() as client:
        assert client.get("/livez").text == "ok\n"
        ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"], ready.json()["migrations_missing"]) == (200, True, [])


def test_a_schema_that_lacks_something_is_not_ready_and_says_what(demo: Running) -> None:
    with psycopg.connect(demo.ledger.store.connections.conninfo) as connection:
        connection.execute("DELETE FROM migrations._yoyo_migration WHERE migration_id = '0020-door'")
    with demo.client() as client:
        ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["migrations_missing"]) == (503, ["0020-door"])


def test_metrics_are_for_neighbours_and_operators(demo: Running) -> None:
    with demo.client(demo.key("read")) as client:
        client.get(f"/v1/locations/{scenes().location}/seats")
        assert client.get("/metrics").json()["code"] == "forbidden"
    with demo.client() as neighbour:
        text = neighbour.get("/metrics").text
        assert neighbour.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    assert 'route="/v1/locations/{location}/seats",status="200"' in text
    assert "accessledger_projections_behind 0.0" in text


def test_every_request_is_one_line_without_its_query(demo: Running, caplog: pytest.LogCaptureFixture) -> None:
    def lines() -> list[str]:
        return [record.getMessage() for record in caplog.records if "request-12345" in record.getMessage()]

    with caplog.at_level(logging.INFO, "accessledger.requests"), demo.client() as client:
        got = client.get("/nothing%0d%0aforged?secret=hunter2", headers={"X-Request-Id": "request-12345"})
        # The line is written when the request is over, which its caller may know a little sooner.
        until(lines)
    assert (got.status_code, got.headers["x-request-id"]) == (404, "request-12345")
    (line,) = lines()
    assert (json.loads(line)["status"], "\n" in line, "hunter2" in line) == (404, False, False)


def test_a_browser_is_told_to_load_nothing_from_elsewhere(demo: Running) -> None:
    with demo.client() as client:
        got = client.get("/static/style.css")
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"
