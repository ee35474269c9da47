"""The drill: canaries everywhere, an erasure, and then every byte that there is, also of an old backup."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from domain.facts import Device
from infrastructure.door.veil import Veil
from infrastructure.embedded.options import DEFAULTS
from infrastructure.erasing import beside
from infrastructure.erasing.erasures import Erasures
from infrastructure.sealing.keys import KeyStore
from projections.filters import EVERYTHING
from tests.infrastructure.erasing.canaries import (
    ACCOUNT,
    CLIENT,
    Canaries,
    counted,
    dumped,
    files,
    live,
    lying,
    restored,
    said,
    submit,
)
from tests.infrastructure.erasing.places import Places
from tests.infrastructure.http.serving import Running, served
from tests.infrastructure.store.servers import FAST, Server

BASIS = {"basis": "GDPR 17(1)(a)"}
_LOGGING = {name: value for name, value in DEFAULTS.items() if name.startswith("log_")}


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Places]:
    """A server of its own, whose folder is searched, with its log as the embedded server keeps it."""
    server = Server({**FAST, **_LOGGING, "log_min_messages": "info"})
    server.start()
    try:
        server.execute("CREATE DATABASE ledger")
        server.execute("CREATE DATABASE keys")
        yield Places(server, "ledger", "keys", tmp_path / "home")
    finally:
        server.remove()


def erase(server: Running) -> None:
    """The account with all that belongs to it, and the client."""
    submit(server.ledger, "erase", {"account": ACCOUNT, **BASIS}, None)
    submit(server.ledger, "erase", {"client": CLIENT, **BASIS})
    server.ledger.projector.bring_forward(server.ledger.store.sequence())


def test_after_an_erasure_nobody_finds_a_trace(apart: Places) -> None:
    canaries = Canaries()
    with apart.opened() as ledger, served(ledger) as server:
        live(server, canaries)
        shown = said(server, canaries)
        assert len({where for found in shown.values() for where in found}) > 20, "the search finds what is there"
        assert lying(canaries, files(apart.server, apart.home)) == {}, "what is sealed was never plain"
        position = ledger.store.sequence()
        before = counted(ledger, position)
        old = {name: dumped(apart.server, name) for name in (apart.database, apart.keys)}
        erase(server)
        assert said(server, canaries) == {}
        assert json.dumps(counted(ledger, position), sort_keys=True) == json.dumps(before, sort_keys=True)
        assert ledger.erasures.persons.keys_of([f"account:{ACCOUNT}", "member:L1/cora", "device:dev-cora"]) == {}
        new = {name: dumped(apart.server, name) for name in (apart.database, apart.keys)}
    assert lying(canaries, files(apart.server, apart.home)) == {}
    assert [canaries.found_in(dump) for dump in (*old.values(), *new.values())] == [[], [], [], []]

    for name, dump in old.items():
        restored(apart.server, name, dump)
    with apart.opened() as ledger, served(ledger) as server:
        assert said(server, canaries) == {}
        assert json.dumps(counted(ledger, position), sort_keys=True) == json.dumps(before, sort_keys=True)
        (found, client) = ledger.erasures.every()
        assert found.erasure.done is not None
        assert "said again" in found.erasure.done.basis
        assert client.erasure.done is not None
        last = ledger.store.sequence()
    assert lying(canaries, files(apart.server, apart.home)) == {}
    with apart.opened() as ledger:
        assert ledger.store.sequence() == last, "it is said again once"


def test_without_the_list_an_old_backup_brings_a_person_back(apart: Places) -> None:
    """A tooth: the list beside the databases is what holds."""
    canaries = Canaries()
    with apart.opened() as ledger, served(ledger) as server:
        live(server, canaries)
        old = {name: dumped(apart.server, name) for name in (apart.database, apart.keys)}
        erase(server)
    for name, dump in old.items():
        restored(apart.server, name, dump)
    for listed in apart.home.glob("erasures-*.jsonl"):
        listed.unlink()
    with apart.opened() as ledger, served(ledger) as server:
        assert said(server, canaries) != {}


def broken(apart: Places) -> tuple[Mapping[str, list[str]], Mapping[str, int], Mapping[str, list[str]]]:
    """What is left after an erasure: in answers, beside the facts, and in files."""
    canaries = Canaries()
    with apart.opened() as ledger, served(ledger) as server:
        live(server, canaries)
        erase(server)
        left = ledger.erasures.persons._beside.count(ACCOUNT)
        return said(server, canaries), left, lying(canaries, files(apart.server, apart.home))


def test_a_key_that_is_left_is_found(apart: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Erasures, "_destroy_keys", lambda *_: [])
    answers, _, lies = broken(apart)
    assert answers != {}
    assert lies == {}


def test_a_key_that_is_left_in_a_cache_is_found(apart: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process that does not ask in which epoch of the keys it lives."""
    monkeypatch.setattr(KeyStore, "epoch", lambda self: self._epoch)
    answers, _, _ = broken(apart)
    assert answers != {}


def test_a_table_that_is_forgotten_is_found(apart: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "FORGOTTEN", tuple(name for name in beside.FORGOTTEN if name != "forget_sessions"))
    _, left, _ = broken(apart)
    assert set(left) == {"sessions"}


def test_a_table_that_is_not_veiled_is_found(apart: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    veiled = Veil.over

    def plainly(self: Veil, subject: str, text: str | None) -> str | None:
        return text if subject == f"account:{ACCOUNT}" else veiled(self, subject, text)

    monkeypatch.setattr(Veil, "over", plainly)
    canaries = Canaries()
    with apart.opened() as ledger, served(ledger) as server:
        server.house.sessions.make(ACCOUNT, Device.read(canaries.device("session")))
        assert canaries.found_in(dumped(apart.server, apart.database)) == [
            "session agent",
            "session system",
            "session ip",
        ]
    assert lying(canaries, files(apart.server)) != {}


def test_who_was_erased_and_is_invited_again_has_a_new_key_and_the_old_stays_gone(apart: Places) -> None:
    canaries = Canaries()
    with apart.opened() as ledger, served(ledger) as server:
        live(server, canaries)
        erase(server)
        again = {"account": ACCOUNT, "name": "Cora Again", "contact": "cora@example.org", "role": "viewer"}
        submit(ledger, "delete_user", {"account": ACCOUNT})
        submit(ledger, "invite", {**again, "member": "cora"})
        assert said(server, canaries) == {}
        assert "Cora Again" in json.dumps(ledger.books().history("L1", EVERYTHING))
    with apart.opened() as ledger, served(ledger) as server:
        assert "Cora Again" in json.dumps(ledger.books().history("L1", EVERYTHING)), "the list spares who came again"
        assert said(server, canaries) == {}
        submit(ledger, "erase", {"account": ACCOUNT, **BASIS}, None)
        assert "Cora Again" not in json.dumps(ledger.books().history("L1", EVERYTHING))
