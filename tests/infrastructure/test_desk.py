"""The desk over the real store: once, or not at all, whatever happens on the way."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.commands import COMMANDS
from domain.facts import InvalidFactError
from domain.refusals import Code
from infrastructure.catalogues import shipped_catalogues
from infrastructure.desk import ConflictError, Desk, Outcome
from infrastructure.store import LedgerUnavailable, NewRow, OutcomeUnknown, Store
from projections.filters import EVERYTHING
from tests.infrastructure.at_the_desk import (
    OLGA,
    Raw,
    a_desk,
    books,
    command,
    done,
    opened,
    stored,
    types,
)
from tests.infrastructure.store.waiting import ENOUGH


def told(outcome: Outcome) -> tuple[object, ...]:
    """What an outcome says, less whether it was said before and where it was stored."""
    return (
        [entry.fact for entry in outcome.entries if entry.fact.type != "CommandRefused"],
        outcome.refusal,
        outcome.left_out,
        outcome.at,
    )


# --- Once ---


def test_a_command_sent_again_gets_its_first_outcome_and_one_change(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1")
    raw = command("add_to_schedule", member="ann")
    first = desk.submit(raw)
    before = stored(store)
    for again in (desk, a_desk(store), Desk(store, shipped_catalogues())):
        repeated = again.submit(raw)
        assert repeated.repeated
        assert repeated.appended is None
        assert told(repeated) == told(first)
    assert stored(store) == before


def test_a_refused_command_sent_again_is_refused_as_before(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1")
    raw = command("remove_from_schedule", member="ann")
    first = desk.submit(raw)
    assert first.refusal is not None
    assert first.refusal.code is Code.NO_CHANGE
    done(desk, "add_to_schedule", member="ann")
    before = stored(store)
    assert told(desk.submit(raw)) == told(first)
    assert stored(store) == before


def test_another_command_under_the_same_id_is_refused(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1")
    raw = command("add_to_schedule", member="ann")
    desk.submit(raw)
    before = stored(store)
    changes: list[Raw] = [
        {"data": {"member": "bob"}},
        {"command": "remove_from_schedule"},
        {"reason": "x"},
        {"actor": OLGA},
        {"device": {"id": "another"}},
    ]
    for change in changes:
        outcome = desk.submit({**raw, **change})
        assert outcome.refusal is not None
        assert outcome.refusal.code is Code.ID_REUSED
        assert not outcome.entries
    assert stored(store) == before


def test_two_desks_with_one_command_at_once_store_it_once(database: str) -> None:
    with Store(database) as one, Store(database) as other:
        opened(a_desk(one), "L1")
        for number in range(10):
            raw = command("add_team_member", member=f"m{number}", name="M")
            first, second = at_once(partial(a_desk(one).submit, raw), partial(a_desk(other).submit, raw))
            assert first.refusal is None
            assert [entry.fact.id for entry in first.entries] == [entry.fact.id for entry in second.entries]
        assert types(stored(one, "L1")).count("TeamMemberAdded") == 11


def test_a_dry_run_tells_and_stores_nothing(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1")
    before = stored(store)
    raw = command("add_to_schedule", member="ann")
    outcome = desk.submit(raw, dry_run=True)
    assert [entry.fact.type for entry in outcome.entries] == ["AddedToSchedule"]
    (effect,) = outcome.effects
    assert (effect.before["billable"], effect.after["billable"]) == (0, 1)
    assert [(seat["member"], seat["before"]["billable"], seat["after"]["billable"]) for seat in effect.seats] == [
        ("ann", False, True)
    ]
    refused = desk.submit(command("remove_from_schedule", member="ann"), dry_run=True)
    assert refused.refusal is not None
    assert stored(store) == before
    assert not desk.submit(raw).repeated


def test_every_command_can_be_read_and_is_refused_where_nothing_is(store: Store) -> None:
    with pytest.raises(InvalidFactError, match="'fly' is not a command"):
        a_desk(store).submit(command("fly"))
    for name in COMMANDS:
        with pytest.raises(InvalidFactError):
            a_desk(store).submit(command(name, hat="red"))
    assert stored(store) == []


# --- The security log ---


def test_a_refusal_stands_in_the_log_with_actor_device_and_code(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1")
    raw = command("delete_user", None, actor=OLGA, account="acc-olga", locations=["L1"])
    outcome = desk.submit(raw)
    assert outcome.refusal is not None
    (fact,) = [fact for fact in stored(store) if fact["type"] == "CommandRefused"]
    assert fact["location"] == "L1"
    assert fact["actor"] == OLGA
    assert fact["device"] == raw["device"]
    assert fact["data"]["command"] == "delete_user"
    assert fact["data"]["code"] == "last_owner"
    assert fact["data"]["target"] == "acc-olga"
    assert fact["data"]["sentence"] == outcome.refusal.sentence
    assert fact["data"]["standing"] == list(outcome.refusal.standing)


def test_a_refusal_about_a_location_that_is_not_there_belongs_to_none(store: Store) -> None:
    outcome = a_desk(store).submit(command("add_to_schedule", "L9", member="ann"))
    assert outcome.refusal is not None
    assert outcome.refusal.code is Code.NOT_FOUND
    (fact,) = stored(store)
    assert fact["type"] == "CommandRefused"
    assert "location" not in fact
    assert store.locations() == []


# --- Several locations ---


def test_delete_user_leaves_out_and_names_what_may_not_be_managed(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1", "L2")
    for location in ("L1", "L2"):
        done(desk, "grant_access", location, account="acc-vic", role="viewer")
    done(desk, "grant_access", "L1", account="acc-max", role="system_manager")
    done(desk, "grant_access", "L2", account="acc-max", role="viewer")
    actor = {"kind": "person", "id": "acc-max"}
    done(desk, "edit_rights", "L1", account="acc-max", granted=["settings_users_delete_access"])
    raw = command("delete_user", None, actor=actor, account="acc-vic", locations=["L1", "L2", "L9"])
    outcome = desk.submit(raw)
    assert outcome.refusal is None
    assert [(one.location, one.code) for one in outcome.left_out] == [("L2", Code.FORBIDDEN), ("L9", Code.NOT_FOUND)]
    revoked = [fact for fact in stored(store) if fact["type"] == "AccessRevoked"]
    assert [fact["location"] for fact in revoked] == ["L1"]
    assert "acc-vic" in {seat["account"] for seat in books(store).seats("L2")["seats"]}
    assert "acc-vic" not in {seat["account"] for seat in books(store).seats("L1")["seats"]}
    assert told(desk.submit(raw)) == told(outcome)


def test_rights_are_copied_to_locations_and_one_without_access_is_named(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1", "L2")
    done(desk, "open_location", "L3", name="Closed to Olga", time_zone="UTC")
    done(desk, "grant_access", "L1", account="acc-vic", role="viewer", rights=["clients_access"])
    done(desk, "grant_access", "L2", account="acc-vic", role="viewer", rights=["billing_access"])
    source = {"location": "L1", "account": "acc-vic"}
    raw = command("copy_rights", None, actor=OLGA, account="acc-vic", copied_from=source, locations=["L2", "L3", "L2"])
    outcome = desk.submit(raw)
    assert [(one.location, one.code) for one in outcome.left_out] == [("L3", Code.FORBIDDEN)]
    (fact,) = [entry.fact for entry in outcome.entries if entry.fact.type != "CommandRefused"]
    assert (fact.type, fact.location) == ("RightsEdited", "L2")
    other = done(desk, "copy_rights", None, actor=OLGA, account="acc-new", copied_from=source, locations=["L1", "L2"])
    assert [(entry.fact.type, entry.fact.location) for entry in other.entries] == [
        ("AccessGranted", "L1"),
        ("AccessGranted", "L2"),
    ]
    assert len({entry.fact.change for entry in other.entries}) == 1


# --- Others at the same time ---


def test_a_command_stands_on_what_is_committed_and_not_settled_yet(database: str, store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1")
    settled = store.sequence()
    with psycopg.connect(database) as open_transaction:
        open_transaction.execute("SELECT pg_current_xact_id()")
        done(desk, "add_team_member", member="bob", name="Bob")
        done(a_desk(store), "add_to_schedule", member="bob")
        assert store.sequence() == settled
        assert books(store).seats("L1")["billable"] == 0
    assert store.sequence() == settled + 2
    assert books(store).seats("L1")["billable"] == 1


def test_of_two_owners_who_remove_each_other_at_once_one_stays(database: str) -> None:
    with Store(database) as one, Store(database) as other:
        desks = [a_desk(one), a_desk(other)]
        for number in range(20):
            location = f"L{number}"
            opened(desks[0], location)
            done(desks[0], "grant_access", location, account="acc-ann", role="owner")
            ann = {"kind": "person", "id": "acc-ann"}
            removed = command("delete_user", None, actor=OLGA, account="acc-ann", locations=[location])
            demoted = command("change_role", location, actor=ann, account="acc-olga", role="viewer")
            outcomes = at_once(partial(desks[0].submit, removed), partial(desks[1].submit, demoted))
            accepted = [outcome for outcome in outcomes if outcome.refusal is None]
            assert len(accepted) == 1
            users = books(one).access(location)["users"]
            assert [user["role"] for user in users].count("owner") == 1


def test_many_who_put_one_member_on_and_off_the_schedule_take_turns(database: str) -> None:
    with Store(database) as store:
        opened(a_desk(store), "L1")

    def work(_: int) -> list[Outcome]:
        found = []
        with Store(database, connections=2) as own:
            desk = Desk(own, shipped_catalogues())
            for number in range(6):
                name = "remove_from_schedule" if number % 2 else "add_to_schedule"
                found.append(desk.submit(command(name, member="ann")))
        return found

    with ThreadPoolExecutor(8) as pool:
        outcomes = [outcome for some in pool.map(work, range(8)) for outcome in some]
    with Store(database) as store:
        turns = [kind for kind in types(stored(store, "L1")) if kind.endswith("Schedule")]
        assert turns == [("AddedToSchedule", "RemovedFromSchedule")[turn % 2] for turn in range(len(turns))]
        accepted = sum(outcome.refusal is None for outcome in outcomes)
        assert accepted == len(turns) > 0
        assert all(outcome.refusal.code is Code.NO_CHANGE for outcome in outcomes if outcome.refusal is not None)
        refused = [fact for fact in stored(store) if fact["type"] == "CommandRefused"]
        assert len(refused) == len(outcomes) - accepted


def test_connections_that_are_killed_lose_nothing_and_double_nothing(database: str) -> None:
    with Store(database, patience=5.0) as store:
        desk = Desk(store, shipped_catalogues())
        opened(desk, "L1")
        commands = [command("add_team_member", member=f"m{number}", name="M") for number in range(40)]
        clear = 0
        with killing(database):
            for raw in commands:
                try:
                    desk.submit(raw)
                except (LedgerUnavailable, OutcomeUnknown, ConflictError):
                    clear += 1
        for raw in commands:
            assert desk.submit(raw).refusal is None
        assert types(stored(store, "L1")).count("TeamMemberAdded") == 41
        assert clear < len(commands)


def test_the_ledgers_own_clock_never_goes_back_within_a_location(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1")
    early = Desk(store, shipped_catalogues(), clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    outcome = done(early, "add_to_schedule", member="ann")
    facts = stored(store, "L1")
    assert [fact["recorded_at"] for fact in facts] == sorted(fact["recorded_at"] for fact in facts)
    assert outcome.at > datetime(2026, 3, 2, tzinfo=UTC)


# --- What cannot be read ---


def test_rows_that_cannot_be_read_are_reported_and_stop_nothing_else(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1", "L2")
    bad = [
        unreadable(store, "L1", b'{"type":"AddedToAgenda"}', "AddedToAgenda"),
        unreadable(store, "L1", spoilt(desk, store), "AddedToSchedule"),
    ]
    done(desk, "add_to_schedule", member="ann")
    done(a_desk(store), "add_team_member", member="bob", name="Bob")
    answer = books(store).seats("L1")
    assert answer["billable"] == 1
    positions = [row.position for row in store.find(bad)]
    assert {"code": "quarantined", "positions": positions} in answer["notes"]
    assert books(store).seats("L2")["notes"] == []
    assert sorted(books(store).locations()) == ["L1", "L2"]
    log = books(store).history("L1", EVERYTHING)
    assert [row["position"] for row in log["quarantined"]] == positions


def test_commands_go_on_after_a_row_that_cannot_be_read_and_is_ahead_of_the_clock(store: Store) -> None:
    desk = a_desk(store)
    opened(desk, "L1")
    unreadable(store, "L1", b"{}", "AddedToAgenda", later=timedelta(hours=1))
    assert done(desk, "add_to_schedule", member="ann").at > datetime(2026, 3, 2, 10, tzinfo=UTC)


def unreadable(store: Store, location: str, body: bytes, kind: str, *, later: timedelta = timedelta()) -> UUID:
    head = store.head(f"location:{location}")
    assert head is not None
    version, recorded = head
    recorded += later
    fact = uuid4()
    row = NewRow(fact, f"location:{location}", version + 1, kind, location, recorded, recorded, (), None, body, None)
    store.append([row])
    return fact


def spoilt(desk: Desk, store: Store) -> bytes:
    """The body of a stored fact with a field more."""
    outcome = done(desk, "add_team_member", member="cleo", name="Cleo")
    (row,) = store.find([UUID(outcome.entries[0].fact.id)])
    return row.body.replace(b'"member":"cleo"', b'"hat":"red","member":"cleo"')


# --- Helpers ---


def at_once(*calls: Callable[[], Outcome]) -> list[Outcome]:
    """Makes calls at the same moment, each in a thread of its own."""
    barrier = threading.Barrier(len(calls))

    def call(one: Callable[[], Outcome]) -> Outcome:
        barrier.wait(timeout=ENOUGH)
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


@contextmanager
def killing(database: str) -> Iterator[None]:
    """Ends every other connection to the database, again and again, ever less often: some get through in the end."""
    stop = threading.Event()

    def kill() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            for times in count():
                if stop.wait(0.03 * 1.1**times):
                    return
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
