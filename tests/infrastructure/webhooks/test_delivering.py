"""Webhooks delivered for real: signed, again until heard, dead after so many tries, and told again when asked."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from domain.facts.reading import WITHOUT_LOCATION
from infrastructure.door.caller import EVERYWHERE, Places
from infrastructure.http.house import House, build_house
from infrastructure.http.settings import ServeSettings
from infrastructure.store import Sequencer, Store
from infrastructure.webhooks import deliverer
from infrastructure.webhooks.deliverer import Deliverer
from infrastructure.webhooks.rules import Rules
from infrastructure.wiring import application
from tests.infrastructure.webhooks.receiving import Receiver, receiving

RULES = Rules(plain=True, private=True, tries=3, first_pause=0.01)
Json = dict[str, Any]


@pytest.fixture
def here(told: str) -> Iterator[House]:
    """The parts of a server that may deliver to this machine; nothing of it runs but what gives positions."""
    with Store(told, connections=20) as store, Sequencer(store):
        yield build_house(application(store), replace(ServeSettings(), webhooks=RULES))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def delivering(served: House, rules: Rules = RULES) -> Deliverer:
    return Deliverer(served.ledger.store, served.feed, rules, tick=0.01)


def subscribe(served: House, receiver: Receiver, places: Places = EVERYWHERE, **more: Any) -> str:
    name, receiver.secret = served.webhooks.add(receiver.url, places, **more)
    return name


def add_member(served: House, member: str) -> int:
    command = {
        "command": "add_team_member",
        "id": str(uuid4()),
        "location": "berlin",
        "actor": {"kind": "system", "id": "pos"},
        "data": {"member": member, "name": member},
    }
    outcome = served.ledger.desk.submit(command)
    assert outcome.appended is not None
    return served.ledger.store.wait_for(outcome.appended)[0]


def until(found: Callable[[], bool]) -> None:
    while not found():
        time.sleep(0.01)


def states(served: House, name: str) -> list[str]:
    return [each["state"] for each in served.webhooks.deliveries(name, limit=1000)]


def test_new_facts_are_heard_signed_and_in_order(here: House, receiver: Receiver) -> None:
    subscribe(here, receiver, types=["TeamMemberAdded"])
    with delivering(here):
        first, second = add_member(here, "nia"), add_member(here, "tim")
        heard = [receiver.heard.get(timeout=60) for _ in range(2)]
    assert [content["data"]["position"] for _, content in heard] == [first, second]
    assert {content["type"] for _, content in heard} == {"TeamMemberAdded"}
    assert heard[0][1]["data"]["fact"]["data"]["member"] == "nia"
    assert heard[0][0]["webhook-id"].endswith(f"_{first}")
    assert receiver.forged == 0


def test_another_secret_is_found_out(here: House, receiver: Receiver) -> None:
    """The tooth of the receiver: a message that is signed by something else is not heard."""
    name = subscribe(here, receiver)
    receiver.secret = "whsec_" + "AAAA" * 10
    with delivering(here):
        add_member(here, "nia")
        until(lambda: "dead" in states(here, name))
    assert receiver.forged >= RULES.tries
    assert receiver.heard.empty()


def test_it_is_tried_again_under_the_same_id_until_it_is_heard(here: House, receiver: Receiver) -> None:
    name = subscribe(here, receiver, types=["TeamMemberAdded"])
    for status in (500, 302):
        receiver.answers.put(status)
    with delivering(here):
        add_member(here, "nia")
        receiver.heard.get(timeout=60)
        until(lambda: states(here, name) == ["delivered"])
    (delivery,) = here.webhooks.deliveries(name)
    assert [each["status"] for each in delivery["tries"]] == [500, 302, 204]
    assert [each["number"] for each in delivery["tries"]] == [1, 2, 3]


def test_what_is_never_heard_is_dead_and_a_replay_tells_it_again(here: House, receiver: Receiver) -> None:
    name = subscribe(here, receiver, types=["TeamMemberAdded"])
    for _ in range(RULES.tries):
        receiver.answers.put(503)
    with delivering(here):
        position = add_member(here, "nia")
        until(lambda: states(here, name) == ["dead"])
        assert here.webhooks.replay(name, position - 1)
        headers, content = receiver.heard.get(timeout=60)
        until(lambda: states(here, name) == ["delivered"])
    assert (headers["webhook-id"], content["data"]["position"]) == (f"msg_{name}_{position}", position)


def test_a_subscription_for_some_places_hears_of_these_alone(here: House, receiver: Receiver) -> None:
    subscribe(here, receiver, Places(locations=frozenset({"lisbon"})), after=0)
    expected = {row.position for row in here.ledger.store.read_all() if row.location == "lisbon"}
    for_all = {row.position for row in here.ledger.store.read_all() if row.type in WITHOUT_LOCATION}
    with delivering(here):
        heard = {receiver.heard.get(timeout=60)[1]["data"]["position"] for _ in range(len(expected | for_all))}
    assert heard == expected | for_all


def test_what_a_killed_worker_had_claimed_is_tried_again(here: House, receiver: Receiver) -> None:
    name = subscribe(here, receiver, types=["TeamMemberAdded"])
    position = add_member(here, "nia")
    store = here.ledger.store
    laid = delivering(here)
    laid._lay(here.webhooks.listed(name=name)[0])
    assert [each.position for each in laid._deliveries.claim()] == [position]
    assert laid._deliveries.claim() == [], "nobody else gets it"
    with store.connections.take() as connection:
        connection.execute("UPDATE webhooks.deliveries SET claimed_until = now()")
    with delivering(here):
        receiver.heard.get(timeout=60)


def test_two_workers_lay_each_fact_down_once(here: House, receiver: Receiver) -> None:
    name = subscribe(here, receiver, after=0)
    (before,) = here.webhooks.listed(name=name)
    for worker in (delivering(here), delivering(here)):
        worker._lay(before)
    (after,) = here.webhooks.listed(name=name)
    assert after.position == deliverer._PAGE
    assert after.waiting == deliverer._PAGE


def test_nothing_goes_to_private_addresses_or_plain_ones_unless_allowed(here: House, receiver: Receiver) -> None:
    name = subscribe(here, receiver, types=["TeamMemberAdded"])
    with delivering(here, Rules(plain=True, tries=1)):
        add_member(here, "nia")
        until(lambda: states(here, name) == ["dead"])
    assert receiver.heard.empty()
    (delivery,) = here.webhooks.deliveries(name)
    assert "private address" in delivery["tries"][0]["error"]
