"""Erasures as they are carried out: by whom, when they fall due, once, after a crash, in several places at once."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest

from domain.erasures import Whom
from domain.instants import write_instant
from domain.refusals import Code
from infrastructure.desk import Outcome
from infrastructure.erasing.erasures import Erasures
from infrastructure.erasing.falling_due import Attendant, carry_out_due
from infrastructure.wiring import Application
from projections.filters import EVERYTHING
from tests.infrastructure.erasing.canaries import submit
from tests.infrastructure.erasing.places import Places
from tests.infrastructure.store.waiting import until

BASIS = {"basis": "GDPR 17(1)(a)"}
OLGA = {"kind": "person", "id": "acc-olga"}
PAVEL = {"kind": "person", "id": "acc-pavel"}


def team(ledger: Application, *places: str) -> None:
    """Locations of Olga's, in each of which Cora works."""
    for place in places:
        submit(ledger, "open_location", {"name": "Studio", "time_zone": "UTC"}, place)
        submit(ledger, "grant_access", {"account": "acc-olga", "role": "owner", "name": "Olga"}, place)
        submit(ledger, "add_team_member", {"member": "cora", "name": "Cora Lind"}, place)
        given = {"account": "acc-cora", "role": "viewer", "name": "Cora Lind", "member": "cora"}
        submit(ledger, "grant_access", given, place)


def give(ledger: Application, name: str, data: dict[str, Any], location: str | None = None, **more: Any) -> Outcome:
    raw = {"command": name, "id": str(uuid4()), "actor": OLGA, "device": {"id": "dev-1"}, "data": data, **more}
    return ledger.desk.submit(raw if location is None else {**raw, "location": location})


def code(outcome: Outcome) -> Code | None:
    return outcome.refusal.code if outcome.refusal is not None else None


def names(ledger: Application, *places: str) -> str:
    return json.dumps([ledger.books().history(place, EVERYTHING) for place in places])


def test_somebody_in_several_places_is_erased_in_all_of_them(ledger: Application) -> None:
    team(ledger, "L1", "L2")
    outcome = give(ledger, "erase", {"account": "acc-cora", **BASIS})
    assert [(entry.fact.type, entry.fact.location) for entry in outcome.entries] == [
        ("PersonErased", None),
        ("PersonErased", "L1"),
        ("PersonErased", "L2"),
    ]
    assert "Cora Lind" not in names(ledger, "L1", "L2")
    assert "Olga" in names(ledger, "L1")


def test_who_may_not_in_one_place_may_not_at_all_and_hears_nothing_of_it(ledger: Application) -> None:
    team(ledger, "L1", "L2")
    submit(ledger, "grant_access", {"account": "acc-pavel", "role": "owner", "name": "Pavel"}, "L2")
    outcome = give(ledger, "erase", {"account": "acc-cora", **BASIS}, actor=PAVEL)
    assert code(outcome) is Code.FORBIDDEN
    assert [entry.fact.location for entry in outcome.entries] == ["L1"]
    assert "Cora Lind" in names(ledger, "L1", "L2")
    stranger = {"kind": "person", "id": "acc-eve"}
    assert code(give(ledger, "erase", {"account": "acc-cora", **BASIS}, actor=stranger)) is Code.FORBIDDEN
    assert code(give(ledger, "erase", {"member": "cora", **BASIS}, "L2", actor=PAVEL)) is None
    assert "Cora Lind" in names(ledger, "L1")


def test_a_dry_run_destroys_nothing(ledger: Application) -> None:
    team(ledger, "L1")
    before = ledger.store.sequence()
    raw = {"command": "erase", "id": str(uuid4()), "actor": OLGA, "device": {"id": "d"}}
    outcome = ledger.desk.submit({**raw, "data": {"account": "acc-cora", **BASIS}}, dry_run=True)
    assert len(outcome.entries) == 2
    assert ledger.store.sequence() == before
    assert "Cora Lind" in names(ledger, "L1")


def test_nobody_is_erased_twice_and_nobody_who_is_not_there(ledger: Application) -> None:
    team(ledger, "L1")
    raw = {"command": "erase", "id": str(uuid4()), "actor": OLGA, "device": {"id": "d"}}
    raw["data"] = {"account": "acc-cora", **BASIS}
    assert ledger.desk.submit(raw).refusal is None
    assert ledger.desk.submit(raw).repeated
    second = give(ledger, "erase", {"account": "acc-cora", **BASIS})
    assert code(second) is Code.NO_CHANGE
    assert second.refusal is not None
    assert "was erased on" in second.refusal.sentence
    assert code(give(ledger, "erase", {"account": "acc-cora", **BASIS})) is Code.NO_CHANGE, "a refusal makes no key"
    assert code(give(ledger, "erase", {"account": "acc-nobody", **BASIS}, actor={"kind": "support", "id": "s"})) is (
        Code.NOT_FOUND
    )
    assert code(give(ledger, "erase", {"member": "nobody", **BASIS}, "L1")) is Code.NOT_FOUND


def test_a_hold_ends_by_itself_and_whoever_looks_next_erases(ledger: Application) -> None:
    team(ledger, "L1")
    term = ledger.clock() + timedelta(days=30)
    held = {"account": "acc-cora", "until": write_instant(term), "ground": "A case", **BASIS}
    assert code(give(ledger, "refuse_erasure", held)) is None
    assert code(give(ledger, "erase", {"account": "acc-cora", **BASIS})) is Code.ON_HOLD
    assert list(ledger.erasures.due(term - timedelta(seconds=1))) == []
    assert [found.whom.name for found in ledger.erasures.due(term)] == ["acc-cora"]
    # The desk's own clock has not come to the term: nothing is done, and nothing is said of it.
    before = ledger.store.sequence()
    assert carry_out_due(ledger.desk, ledger.erasures, term) == []
    assert ledger.store.sequence() == before
    longer = {**held, "until": write_instant(term + timedelta(days=30))}
    assert code(give(ledger, "refuse_erasure", longer)) is None
    assert list(ledger.erasures.due(term)) == []
    assert code(give(ledger, "allow_erasure", {"account": "acc-cora", "ground": "Settled"})) is None
    done = carry_out_due(ledger.desk, ledger.erasures, ledger.clock())
    assert [found.whom.name for found, _ in done] == ["acc-cora"]
    assert done[0][1].entries[0].fact.actor.id == "erasures"
    assert "Cora Lind" not in names(ledger, "L1")
    assert carry_out_due(ledger.desk, ledger.erasures, ledger.clock()) == []
    assert ledger.erasures.of(None, Whom(account="acc-cora")).done is not None


def test_a_server_carries_out_what_falls_due(ledger: Application) -> None:
    team(ledger, "L1")
    assert code(give(ledger, "ask_erasure", {"member": "cora", **BASIS}, "L1")) is None
    with Attendant(ledger.desk, ledger.erasures, ledger.clock, pause=0.05):
        until(lambda: ledger.erasures.of("L1", Whom(member="cora")).done is not None)
    assert "Cora Lind" in names(ledger, "L1"), "the account was not asked for"


def test_a_wish_that_support_takes_back_is_not_carried_out(ledger: Application) -> None:
    team(ledger, "L1")
    asked = give(ledger, "ask_erasure", {"member": "cora", **BASIS}, "L1")
    void = {"kind": "void", "corrects": asked.entries[0].fact.id}
    support = {"kind": "support", "id": "sup-1"}
    assert code(give(ledger, "correct", void, "L1", actor=support, reason="asked by mistake")) is None
    assert list(ledger.erasures.due(ledger.clock())) == []


def test_killed_between_the_fact_and_the_key_it_is_finished_at_the_next_start(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):  # noqa: N818
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with places.opened() as ledger:
        team(ledger, "L1")
        ledger.store.sequence()
        with monkeypatch.context() as patched:
            patched.setattr(Erasures, "carry_out", killed)
            with pytest.raises(Killed):
                give(ledger, "erase", {"account": "acc-cora", **BASIS})
        assert "Cora Lind" in names(ledger, "L1"), "it was killed in between"
    with places.opened() as ledger:
        assert "Cora Lind" not in names(ledger, "L1")
        assert len(next(iter(places.home.glob("erasures-*.jsonl"))).read_bytes().splitlines()) == 2


def test_an_import_that_tells_of_an_erasure_elsewhere_destroys_nothing(places: Places) -> None:
    with places.opened() as ledger:
        team(ledger, "L1")
        subject = "account:acc-cora"
        key = ledger.erasures.persons.keys_of([subject])[subject]
        at = write_instant(ledger.store.now())
        fact: dict[str, Any] = {"id": str(uuid4()), "type": "PersonErased", "recorded_at": at, "effective_at": at}
        fact |= {"actor": {"kind": "system", "id": "old"}, "source": "old", "change": "c"}
        fact |= {"data": {"account": "acc-cora", **BASIS, "subjects": [subject], "keys": [key]}}
        report = ledger.importer.run(BytesIO(json.dumps(fact).encode()), name="old", by="tests")
        assert report.appended == 1
    with places.opened() as ledger:
        assert "Cora Lind" in names(ledger, "L1")


def test_a_list_that_a_crash_cut_short_is_read_and_goes_on(places: Places) -> None:
    with places.opened() as ledger:
        team(ledger, "L1")
        assert code(give(ledger, "erase", {"member": "cora", **BASIS}, "L1")) is None
    (listed,) = places.home.glob("erasures-*.jsonl")
    listed.write_bytes(listed.read_bytes() + b'{"account":"acc-')
    with places.opened() as ledger:
        assert code(give(ledger, "erase", {"account": "acc-cora", **BASIS})) is None
        assert len(ledger.erasures._listed.read()) == 3  # type: ignore[union-attr]
