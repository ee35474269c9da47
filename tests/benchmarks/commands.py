"""Durable single commands through the desk, against plain inserts of the very rows that the desk appended."""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from domain.evolution import team_of
from domain.ledger import AsOf, Ledger
from infrastructure.mapper import read_rows
from infrastructure.store import Appended, Store
from infrastructure.wiring import Application, application
from tests.benchmarks.databases import checkpoint, fill, fresh_database, sealed_store
from tests.benchmarks.generate import Json, chain
from tests.benchmarks.measuring import Result, Run
from tests.benchmarks.scale import Scale

_RECORDED = """
SELECT id, generation, fact, stream, version, type, location, recorded_at, effective_at, carries, command,
    body, personal
FROM ledger.entries WHERE id > %s ORDER BY id
"""
_ENTRY = """
INSERT INTO bare.entries (
    generation, fact, stream, version, type, location, recorded_at, effective_at, carries, command, body, personal
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_FACT = "INSERT INTO bare.facts (fact, entry) VALUES (%s, %s)"
_TOGGLED = "records_create_access"
_DEVICE = {
    "id": "dev-desk",
    "ip": "198.51.100.7",
    "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
    "Safari/537.36",
    "session": "ses-desk",
}


@dataclass
class Switch:
    """Something that can be turned on and off by commands: a place on the schedule, or a right."""

    location: str
    owner: str
    member: str | None
    account: str | None
    on: bool

    def turn(self, lot: Random) -> Json:
        """The command that turns it."""
        self.on = not self.on
        command: Json = {
            "location": self.location,
            "actor": {"kind": "person", "id": self.owner},
            "device": _DEVICE,
            "id": str(UUID(int=lot.getrandbits(128), version=4)),
        }
        if self.member is not None:
            name = "add_to_schedule" if self.on else "remove_from_schedule"
            return {**command, "command": name, "data": {"member": self.member}}
        change = {"granted" if self.on else "revoked": [_TOGGLED]}
        return {**command, "command": "edit_rights", "data": {"account": self.account, **change}}


def commands(server: str, scale: Scale, runs: int) -> list[Result]:
    """One line for each number of writers."""
    with fresh_database(server) as database:
        with sealed_store(database) as store:
            fill(store, chain(scale.command_facts, locations=scale.command_locations, corrected=0.1))
        return [_measured(database, threads, count, runs) for threads, count in scale.commands.items()]


def _measured(database: str, threads: int, count: int, runs: int) -> Result:
    lot = Random(threads)
    found: list[Run] = []
    ours: list[float] = []
    raw: list[float] = []
    each = count // threads
    with sealed_store(database, connections=threads + 1) as store, _connections(database, threads) as connections:
        ledger = application(store)
        store.sequence()
        turned = switches(store, ledger, store.locations())
        lot.shuffle(turned)
        own = [turned[thread::threads] for thread in range(threads)]
        _submitted(ledger, [[switch.turn(lot) for switch in _one_a_location(turned)]])
        for number in range(runs + 1):
            orders = [[lot.choice(mine).turn(lot) for _ in range(each)] for mine in own]
            (before,) = store.connections.read(b"SELECT coalesce(max(id), 0) FROM ledger.entries")[0]
            checkpoint(database)
            submitted = _submitted(ledger, orders)
            rows = {row[0]: row[1:] for row in store.connections.read(_RECORDED.encode(), (before,))}
            recorded = [[[rows[entry] for entry in done.entries] for done in mine] for mine in submitted.done]
            checkpoint(database)
            inserted = _inserted(connections, recorded)
            if number > 0:  # the first run warms the shelf, the connections and their plans
                found.append(Run(submitted.seconds, inserted.seconds))
                ours += submitted.singles
                raw += inserted.singles
    writers = "1 writer" if threads == 1 else f"{threads} writers"
    return Result(f"{each * threads} commands, {writers}", "plain INSERTs", each * threads, found, ours, raw)


@contextmanager
def _connections(database: str, count: int) -> Iterator[list[psycopg.Connection[Any]]]:
    with ExitStack() as stack:
        yield [stack.enter_context(psycopg.connect(database, autocommit=True)) for _ in range(count)]


def switches(store: Store, ledger: Application, locations: Iterable[str]) -> list[Switch]:
    """Everything that commands can turn in these locations, as the ledger has it now."""
    now = store.now()
    found: list[Switch] = []
    for location in locations:
        entries, _ = read_rows(store.read_streams(["terms", f"location:{location}"]))
        cut = Ledger(entries, ledger.catalogues).as_of(AsOf(now, now))
        team = team_of(line.fact for line in cut.lines)
        owner = next(user.account for user in team.owners())
        members = team.members.values()
        others = (user for user in team.users.values() if user.account != owner)
        found += [Switch(location, owner, member.id, None, member.schedule is not None) for member in members]
        found += [Switch(location, owner, None, user.account, _TOGGLED in user.rights) for user in others]
    return found


def _one_a_location(turned: Sequence[Switch]) -> list[Switch]:
    return list({switch.location: switch for switch in turned}.values())


@dataclass(frozen=True)
class _Done:
    """What some threads did, how long it took together, and how long each item took."""

    done: Sequence[Sequence[Any]]
    seconds: float
    singles: Sequence[float]


def _submitted(ledger: Application, orders: Sequence[Sequence[Json]]) -> _Done:
    """Send each thread's commands, one after the other; nothing may be refused."""

    def send(order: Json) -> Appended:
        outcome = ledger.desk.submit(order)
        assert outcome.refusal is None, outcome.refusal
        assert outcome.appended is not None
        return outcome.appended

    return _threads([[partial(send, order) for order in mine] for mine in orders])


def _inserted(connections: Sequence[psycopg.Connection[Any]], recorded: Sequence[Sequence[Sequence[Any]]]) -> _Done:
    """Insert what the desk appended, a transaction for each command, a connection for each thread."""

    def insert(connection: psycopg.Connection[Any], rows: Sequence[Any]) -> None:
        with connection.transaction():
            for row in rows:
                entry = connection.execute(_ENTRY, row).fetchone()
                assert entry is not None
                connection.execute(_FACT, (row[1], entry[0]))

    return _threads(
        [
            [partial(insert, connection, rows) for rows in mine]
            for connection, mine in zip(connections, recorded, strict=True)
        ]
    )


def _threads(work: Sequence[Sequence[Callable[[], Any]]]) -> _Done:
    """Do each list in a thread of its own, all at once."""
    singles: list[float] = []

    def one(mine: Sequence[Callable[[], Any]]) -> list[Any]:
        done = []
        for item in mine:
            begun = time.perf_counter()
            done.append(item())
            singles.append(time.perf_counter() - begun)
        return done

    gc.collect()
    with ThreadPoolExecutor(len(work)) as pool:
        begun = time.perf_counter()
        done = list(pool.map(one, work))
        return _Done(done, time.perf_counter() - begun, singles)
