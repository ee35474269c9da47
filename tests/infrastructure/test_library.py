"""The eventsourcing library's seams over the ledger: facts come out of its event store and its subscriptions."""

import io
import json
from dataclasses import replace
from pathlib import Path

from eventsourcing.persistence import EventStore, StoredEvent

from domain.entries import Entry, Quarantined
from domain.facts import Correction
from infrastructure.library import EntryMapper, LedgerEvent, ledger_event_store, ledger_recorder
from infrastructure.store import Store
from infrastructure.wiring import application

CASE = json.loads((Path(__file__).parents[1] / "acceptance" / "cases" / "G9.json").read_text())


def _import(store: Store) -> None:
    lines = "\n".join(json.dumps(fact) for fact in CASE["facts"]).encode()
    application(store).importer.run(io.BytesIO(lines), name="G9", by="test")
    store.sequence()


def test_an_event_store_of_the_library_reads_a_location(store: Store) -> None:
    _import(store)
    events: EventStore[str] = ledger_event_store(store)
    read = [event for event in events.get("location:L1") if isinstance(event, LedgerEvent)]
    assert [event.entry.fact.type for event in read if isinstance(event.entry, Entry)] == [
        fact["type"] for fact in CASE["facts"] if fact.get("location") == "L1"
    ]
    agents = {
        event.entry.fact.device.user_agent
        for event in read
        if isinstance(event.entry, Entry) and event.entry.fact.device
    }
    assert agents == {"HeadOfficeSync/2.1"}, "personal fields come with the fact"


def test_a_subscription_of_the_library_gives_every_fact_in_final_order(store: Store) -> None:
    _import(store)
    mapper, found = EntryMapper(), []
    with ledger_recorder(store).subscribe() as subscription:
        for notification in subscription:
            found.append((notification.id, mapper.to_domain_event(notification).entry))
            if len(found) == len(CASE["facts"]):
                break
    assert [position for position, _ in found] == list(range(1, len(CASE["facts"]) + 1))
    assert [entry.fact.id for _, entry in found if isinstance(entry, Entry)] == [fact["id"] for fact in CASE["facts"]]


def test_what_the_library_puts_is_a_fact_like_any_other(store: Store) -> None:
    _import(store)
    events = ledger_event_store(store)
    last = [event for event in events.get("location:L1") if isinstance(event, LedgerEvent)][-1]
    assert isinstance(last.entry, Entry)
    void = Correction(kind="void", corrects=CASE["facts"][5]["id"], fact=None)
    fact = replace(last.entry.fact, id="5b0c4a54-6ac1-4f2a-8a51-0f4b0d9f1f10", data=void)
    put = LedgerEvent("location:L1", last.originator_version + 1, Entry(fact, last.entry.stamp))
    recordings = events.put([put])
    assert recordings[0].notification.id == len(CASE["facts"]) + 1
    assert application(store).books().seats("L1", on=None)["seats"] == []


def test_a_topic_that_names_code_is_quarantined_and_nothing_runs() -> None:
    hostile = StoredEvent("location:L1", 1, "this:s", b'{"type":"this:s","data":{}}')
    found = EntryMapper().to_domain_event(hostile)
    assert isinstance(found.entry, Quarantined)
    assert "'this:s' is not a type of fact" in found.entry.reason or "stamp" in found.entry.reason
