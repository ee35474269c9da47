"""Nothing personal lies anywhere in the database's files in plain text: not in tables, WAL, or the server's log."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infrastructure.books import Books
from infrastructure.importing import Importer
from infrastructure.kept.kept import Kept
from infrastructure.kept.projector import Projector
from infrastructure.kept.rebuild import remake
from infrastructure.sealing.sealing import open_sealing
from infrastructure.store import Store, migrate
from infrastructure.store.boundary import UNSEALED, Boundary, Keys
from projections.filters import EVERYTHING
from tests.domain.every_type import CARRIED, FULL
from tests.infrastructure.kept.telling import CATALOGUES, tell
from tests.infrastructure.sealing.test_kept_veiled import NOW
from tests.infrastructure.store.servers import Server

CANARY = "Kanarienvogel"
_MARKED = ("name", "contact", "sentence", "reason", "ip", "user_agent", "note")


@pytest.fixture
def own() -> Iterator[Server]:
    """A server of its own that logs every statement, so that its folder holds this test's bytes alone."""
    server = Server({"fsync": "off", "log_statement": "all", "log_parameter_max_length": "0", "wal_level": "replica"})
    try:
        server.start()
        server.execute("CREATE DATABASE ledger")
        server.execute("CREATE DATABASE keys")
        migrate(server.url("ledger"))
        yield server
    finally:
        server.remove()


def marked(raw: object, *, inside: str = "") -> object:
    """The same with a canary in every personal text."""
    if isinstance(raw, dict):
        return {key: value if key == "details" else marked(value, inside=key) for key, value in raw.items()}
    return f"{CANARY} {raw}"[:100] if isinstance(raw, str) and inside in _MARKED else raw


def told() -> list[dict[str, object]]:
    """Facts of every type, plain and carried, each with an id of its own."""
    found = []
    for number, raw in enumerate([*FULL, *CARRIED]):
        if raw["type"] in {"LocationOpened", "TeamMemberDismissed", "ErasureAsked", "ErasureRefused", "PersonErased"}:
            continue
        text = (
            json.dumps(raw).replace("1111-4111", f"1111-{4200 + number}").replace("2222-4222", f"2222-{4200 + number}")
        )
        fact = json.loads(text)
        inner = fact["data"].get("fact")
        if inner is not None and inner["type"] in {"LocationOpened", "TeamMemberDismissed"}:
            continue
        made = marked(fact)
        assert isinstance(made, dict)
        if inner is not None:
            made["data"]["fact"]["device"] = fact["data"]["fact"].get("device", {"id": "dev-2"})
        found.append(made)
    return found


def files_with(server: Server, text: bytes) -> list[str]:
    """The files below the server's folder that hold some bytes."""
    with psycopg.connect(server.url("ledger"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    return [
        str(path.relative_to(server.home))
        for path in server.home.rglob("*")
        if path.is_file() and text in path.read_bytes()
    ]


def live(server: Server, boundary: Boundary) -> int:
    """Everything that a ledger does with facts; how often an answer had a canary."""
    with Store(server.url("ledger"), patience=60.0, sealing=boundary) as store:
        facts = told()
        opened = {"type": "LocationOpened", "data": {"name": "Salon", "time_zone": "Europe/Berlin"}}
        base = {key: value for key, value in FULL[0].items() if key not in {"reason", "device"}}
        tell(store, [{**base, **opened, "effective_at": base["recorded_at"]}, *facts[: len(facts) // 2]])
        lines = [json.dumps({**fact, "source": "shop"}) for fact in facts[len(facts) // 2 :]]
        lines.append(json.dumps({"id": "no id", "name": CANARY}))
        rejects = io.StringIO()
        report = Importer(store, CATALOGUES, processes=0).run(
            io.BytesIO("\n".join(lines).encode()), name="f", by="ada", rejects=rejects
        )
        assert report.appended
        last = store.sequence()
        Projector(store, CATALOGUES).bring_forward(last)
        seen = 0
        for kept in (None, Kept(store, CATALOGUES)):
            books = Books(store, CATALOGUES, position=last, now=NOW, kept=kept)
            seen += str(books.log("L1", EVERYTHING)).count(CANARY) + str(books.roster("L1")).count(CANARY)
        remake(store, CATALOGUES)
        return seen


def test_no_canary_is_in_any_file(own: Server, tmp_path: Path) -> None:
    keys = Keys(own.url("keys"), str(tmp_path / "wrapping.key"))
    assert live(own, open_sealing(keys, patience=60.0)) > 0
    assert files_with(own, CANARY.encode()) == []
    assert files_with(own, b"acc-olga") != []


def test_without_seals_canaries_are_everywhere(own: Server) -> None:
    """The tooth: the same search finds what is not sealed, in tables and in WAL."""
    live(own, UNSEALED)
    found = files_with(own, CANARY.encode())
    assert any("/base/" in path for path in found)
    assert any("pg_wal" in path for path in found)
