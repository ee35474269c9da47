"""Exports of the log: exactly what is shown, on the log before they leave, and harmless wherever they are opened."""

import csv
import hashlib
import io
import json
import zipfile

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import canonical
from infrastructure.demo.scenes import scenes
from infrastructure.exports import csv as as_csv
from infrastructure.exports import export
from infrastructure.exports.columns import COLUMNS, flat
from infrastructure.exports.csv import quoted, unquoted
from projections.filters import Filter
from tests.infrastructure.http.serving import Running, settled

PLACE = scenes().location
PATH = f"/v1/locations/{PLACE}/log"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "'=1", "＝1")  # noqa: RUF001


@pytest.mark.parametrize("query", ["", "type=SignedIn&type=RightsEdited&not_actor=acc-olga", "outcome=refused"])
def test_an_export_is_all_pages_of_the_log(demo: Running, query: str) -> None:
    with demo.client(demo.key("read", "export")) as client:
        page = client.get(f"{PATH}?{query}").json()
        at = f"position={page['position']}&known={page['known']}"
        whole = demo.ledger.books(page["position"])
        got = client.get(f"{PATH}/export?format=jsonl&{at}&{query}")
        rows = [json.loads(line) for line in got.text.splitlines()]
        assert rows[: len(page["log"])] == list(reversed(page["log"]))
        assert rows == _asked(client, f"{PATH}?limit=90&{at}&{query}")
        assert got.content == b"".join(canonical.write(row) + b"\n" for row in rows)
        assert int(got.headers["rows"]) == len(rows) <= len(whole.log(PLACE, Filter())["log"])
        assert got.headers["export-sha256"] == hashlib.sha256(got.content).hexdigest()
        table = list(csv.reader(io.StringIO(client.get(f"{PATH}/export?format=csv&{at}&{query}").text, newline="")))
        said = [tuple("" if cell is None else str(cell) for cell in flat(row)) for row in rows]
        assert tuple(table[0]) == COLUMNS
        assert [tuple(map(unquoted, line)) for line in table[1:]] == said
        parquet = pq.read_table(io.BytesIO(client.get(f"{PATH}/export?format=parquet&{at}&{query}").content))
        assert [tuple(row[name] for name in COLUMNS) for row in parquet.to_pylist()] == [flat(row) for row in rows]


def _asked(client: object, path: str) -> list[object]:
    rows: list[object] = []
    link: str | None = path
    while link is not None:
        got = client.get(link)  # type: ignore[attr-defined]
        rows += reversed(got.json()["log"])
        link = got.links["next"]["url"] if "next" in got.links else None
    return rows


def test_that_it_was_exported_is_on_the_log_before_the_first_byte(demo: Running) -> None:
    with demo.client(demo.key("read", "export", actor="taking")) as client:
        with client.stream("GET", f"{PATH}/export?format=csv&actor=acc-olga&not_type=SignedIn&manifest=true") as got:
            assert got.status_code == 200
            fact = got.headers["export-fact"]
            settled(demo.ledger)
            row = demo.ledger.books().log(PLACE, Filter(actor="taking", types=frozenset({"DataExported"})))
            told = row["log"][-1]
            content = got.read()
        assert told["id"] == fact
        archive = zipfile.ZipFile(io.BytesIO(content))
        manifest = json.loads(archive.read("manifest.json"))
        inside = archive.read("log.csv")
    assert manifest["sha256"] == hashlib.sha256(inside).hexdigest() == json.loads(told["reason"])["sha256"]
    assert manifest["filter"] == {"actor": "acc-olga", "without_types": "SignedIn"}
    assert manifest["rows"] == inside.count(b"\r\n") - 1
    assert manifest["fact"] == fact
    assert manifest["exported_by"] == {"kind": "api_key", "id": "taking"}
    assert "exported" in told["action"]


def test_no_key_without_the_scope_no_actor_without_end(demo: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with demo.client(demo.key("read")) as client:
        assert client.get(f"{PATH}/export").status_code == 403
    monkeypatch.setattr(export, "EXPORTS_AN_HOUR", 2)
    with demo.client(demo.key("read", "export")) as client:
        got = [client.get(f"{PATH}/export?outcome=refused").status_code for _ in range(3)]
        assert got == [200, 200, 429]
    monkeypatch.setattr(export, "MOST_ROWS", 10)
    with demo.client(demo.key("read", "export", actor="another")) as client:
        assert client.get(f"{PATH}/export").json()["code"] == "too_much"


def test_a_person_exports_the_types_that_the_rights_there_open(demo: Running) -> None:
    with demo.person(scenes().owner, Accept="application/json") as client:
        assert client.get(f"{PATH}/export").status_code == 200
        assert client.get("/v1/locations/elsewhere/log/export").status_code == 404
        led_here = client.get(f"{PATH}/export", headers={"Sec-Fetch-Site": "cross-site"})
        assert led_here.json()["code"] == "not_meant"
    users = demo.ledger.books().access(PLACE)["users"]
    blind = next(user for user in users if not any(right["right"].startswith("security_") for right in user["rights"]))
    with demo.person(blind["account"], Accept="application/json") as client:
        assert client.get(f"{PATH}/export").status_code == 403


@given(st.text() | st.sampled_from(FORMULAS) | st.tuples(st.sampled_from(FORMULAS), st.text()).map("".join))
def test_a_cell_is_one_line_no_formula_and_read_back_the_same(text: str) -> None:
    assert _fault(text) is None


@pytest.mark.parametrize("broken", ["starts", "hidden"])
def test_a_broken_quoting_is_found_out(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if broken == "starts":
        monkeypatch.setattr(as_csv, "_STARTS", frozenset())
    else:
        monkeypatch.setattr(as_csv, "_HIDDEN", as_csv._WRITTEN)
    assert any(_fault(text) for text in (*FORMULAS, "a\nb", "a\u202eb"))


def _fault(text: str) -> str | None:
    """What is wrong with a cell; None when nothing is."""
    cell = f'"{quoted(text)}"\r\n'
    lines = list(csv.reader(io.StringIO(cell, newline="")))
    if len(cell.splitlines()) != 1 or lines != [[lines[0][0]]]:
        return "more than one line or cell"
    shown = lines[0][0]
    if shown[:1] in set("=+-@\t\r\n\0＝＋－＠") and shown:  # noqa: RUF001
        return "a formula"
    if any(ord(sign) < 32 or sign in "\u202a\u202b\u202d\u202e\u2066\u2067\u2069\x7f\x9b" for sign in shown):
        return "hidden signs"
    return None if unquoted(shown) == text else "another text"
