"""The API over loopback, asked from another process, beside the bare framework answering the same bytes from memory."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx

from domain.facts import Actor
from infrastructure.door.caller import EVERYWHERE, SCOPES
from infrastructure.door.keys import Keys
from infrastructure.settings import KEYS_WRAP
from infrastructure.wiring import application
from tests.benchmarks.commands import Switch, switches
from tests.benchmarks.companies import cloned
from tests.benchmarks.company import COMPANIES
from tests.benchmarks.databases import keys_of, sealed_store
from tests.benchmarks.measuring import Calls, Line, percentile, tails
from tests.benchmarks.scale import Scale
from tests.infrastructure.http.processes import Process, key_of, serving

AT_ONCE = 8
"""Callers of a load."""

_ROOT = Path(__file__).parents[2]
_WARM = 20
_OF_THE_CREDENTIAL = ("actor", "device")

Took = dict[str, Any]
"""What a client process found: `seconds` of all together, and of each request `first` and `whole`."""

Requests = Sequence[tuple[str, str]]
"""Head and body of each."""


@dataclass(frozen=True)
class Load:
    """So many requests at once, ours and the bare framework's, run by run."""

    name: str
    ours: Sequence[Took] = field(repr=False)
    theirs: Sequence[Took] = field(repr=False)

    @property
    def ratios(self) -> tuple[float, float, float]:
        """Median, smallest and largest of how many times longer the product takes."""
        found = [own["seconds"] / other["seconds"] for own, other in zip(self.ours, self.theirs, strict=True)]
        return median(found), min(found), max(found)

    @property
    def cells(self) -> tuple[str, ...]:
        """As in HEADINGS."""
        middle, least, most = self.ratios
        late = percentile(_singles(self.ours), 99) / percentile(_singles(self.theirs), 99)
        ratio = f"{middle:.3g} x the time ({least:.3g} to {most:.3g}), p99 {late:.3g} x"
        return self.name, "the bare framework", "", ratio, _side(self.ours), _side(self.theirs)


def _singles(runs: Sequence[Took]) -> list[float]:
    return [single for took in runs for single in took["whole"]]


def _side(runs: Sequence[Took]) -> str:
    rate = median(len(took["whole"]) / took["seconds"] for took in runs)
    return f"{rate:,.0f}/s, {tails(_singles(runs))}"


@dataclass(frozen=True)
class Asked:
    """Requests of one kind."""

    name: str
    count: int
    """Requests of a run."""

    requests: Callable[[int], Requests]
    """So many to be sent: a command is another one each time, as the same one again would only be looked up."""


def http(_server: str, scale: Scale, runs: int) -> list[Line]:
    """Over a copy of the smallest of the loaded companies: one caller alone, then several beside a feed and exports."""
    name = scale.companies[0]
    facts = f"{COMPANIES[name].facts:,} facts"
    with ExitStack() as stack:
        database = stack.enter_context(cloned(scale.ledgers[name]))
        key = key_of(database)
        kinds = _kinds(database, key, COMPANIES[name].fifty, scale.points * 2)
        served = stack.enter_context(serving(database, more={KEYS_WRAP: keys_of(database).wrapping}))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        for kind in kinds:
            (folder / kind.name).write_bytes(_answer(served.address, kind.requests(1)[0]))
        bare = stack.enter_context(_bare(folder))
        found = [_alone(served, bare, kind, facts) for kind in kinds]
        stack.enter_context(_busy(served, database, key))
        return [*found, *(_beside(served, bare, kind, runs, facts) for kind in kinds)]


def _alone(served: Process, bare: str, kind: Asked, facts: str) -> Line:
    which, reach = {"seats": ("first", "p95 below 20 ms"), "log": ("whole", "p95 below 50 ms")}.get(
        kind.name, ("whole", "")
    )
    warm, own = kind.requests(min(_WARM, kind.count)), kind.requests(kind.count)
    _asked(served.address, warm, 1)
    ours = _asked(served.address, own, 1)[which]
    _asked(bare, _to_bare(kind, warm), 1)
    theirs = _asked(bare, _to_bare(kind, own), 1)[which]
    title = f"HTTP {kind.name}, one at a time, {'first' if which == 'first' else 'last'} byte, {facts}"
    return Calls(title, "the bare framework", reach, ours, theirs, per_cent=95)


def _beside(served: Process, bare: str, kind: Asked, runs: int, facts: str) -> Line:
    ours, theirs = [], []
    for number in range(runs):
        requests = kind.requests(kind.count)
        if number % 2:
            theirs.append(_asked(bare, _to_bare(kind, requests), AT_ONCE))
        ours.append(_asked(served.address, requests, AT_ONCE))
        if not number % 2:
            theirs.append(_asked(bare, _to_bare(kind, requests), AT_ONCE))
    return Load(f"HTTP {kind.name}, {AT_ONCE} at once, feed and export beside, {facts}", ours, theirs)


def _kinds(database: str, key: str, fifty: int, count: int) -> list[Asked]:
    """Questions about random places and days, and commands that turn something on or off there."""
    lot = Random("http")
    head = f"Host: here\r\nAuthorization: Bearer {key}\r\n"
    places = [f"fifty-{number}" for number in range(fifty)]

    def day() -> str:
        return f"{lot.randrange(2022, 2026)}-{lot.randrange(1, 13):02}-{lot.randrange(1, 29):02}"

    def get(path: str) -> tuple[str, str]:
        return f"GET /v1/locations/{lot.choice(places)}/{path} HTTP/1.1\r\n{head}\r\n", ""

    def post(switch: Switch) -> tuple[str, str]:
        command = {name: part for name, part in switch.turn(lot).items() if name not in _OF_THE_CREDENTIAL}
        body = json.dumps(command)
        said = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"POST /v1/commands HTTP/1.1\r\n{said}\r\n", body

    turned = _turned(database, places)
    return [
        Asked("seats", count, lambda wanted: [get(f"seats?on={day()}&known={day()}") for _ in range(wanted)]),
        Asked("log", count, lambda wanted: [get(f"log?limit=50&known={day()}") for _ in range(wanted)]),
        # Each is turned once in a run: two commands for one, at the same moment, could come in the wrong order.
        Asked(
            "command",
            min(count, len(turned)),
            lambda wanted: [post(switch) for switch in lot.sample(turned, wanted)],
        ),
    ]


def _turned(database: str, places: Sequence[str]) -> list[Switch]:
    """Members who can be put on the schedule or taken off, so not the dismissed. Rights hang together; these do not."""
    with sealed_store(database) as store:
        ledger = application(store)
        return [
            switch
            for switch in switches(store, ledger, places)
            if switch.member is not None
            and ledger.desk.submit(replace(switch).turn(Random(0)), dry_run=True).refusal is None
        ]


def _to_bare(kind: Asked, requests: Requests) -> Requests:
    """The same requests, but for the path."""
    found = []
    for head, body in requests:
        method, _, rest = head.split(" ", 2)
        found.append((f"{method} /{kind.name} {rest}", body))
    return found


def _answer(address: str, request: tuple[str, str]) -> bytes:
    head, body = request
    first, *more = head.split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in more if line)
    got = httpx.request(method, address + path, headers={**headers, "Host": "here"}, content=body.encode())
    return got.raise_for_status().content


def _asked(address: str, requests: Requests, at_once: int) -> Took:
    host, _, port = address.removeprefix("http://").partition(":")
    order = {"host": host, "port": int(port), "at_once": at_once, "requests": requests}
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.http_client"],
        input=json.dumps(order).encode(),
        stdout=subprocess.PIPE,
        check=True,
        cwd=_ROOT,
    )
    found: Took = json.loads(done.stdout)
    return found


@contextmanager
def _bare(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.benchmarks.http_bare", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=_ROOT) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _key_of_another(database: str) -> str:
    """The key of somebody new: one actor takes only so many exports an hour."""
    with sealed_store(database) as store:
        return Keys(store.connections).make(Actor(kind="api_key", id=f"{uuid4()}"), SCOPES, EVERYWHERE)[1]


@contextmanager
def _busy(served: Process, database: str, key: str) -> Iterator[None]:
    """Somebody gets each fact as it comes, and somebody takes all of the largest log away, over and over."""
    ended = threading.Event()
    with sealed_store(database) as store:
        last = store.sequence()

    def follow() -> None:
        with (
            served.client(key, Accept="text/event-stream") as client,
            client.stream("GET", "/v1/facts", params={"after": last}) as stream,
        ):
            stream.raise_for_status()
            for _ in stream.iter_raw():
                if ended.is_set():
                    return

    def export() -> None:
        while not ended.is_set():
            with (
                served.client(_key_of_another(database)) as client,
                client.stream("GET", "/v1/locations/big-0/log/export") as stream,
            ):
                stream.raise_for_status()
                for _ in stream.iter_raw():
                    pass

    def until_ended(work: Callable[[], None]) -> None:
        try:
            work()
        except httpx.TransportError:
            if not ended.is_set():  # at the end the server is killed, whatever it is sending
                raise

    threads = [threading.Thread(target=until_ended, args=(work,), daemon=True) for work in (follow, export)]
    for thread in threads:
        thread.start()
    try:
        yield
        assert all(thread.is_alive() for thread in threads), "the work beside ended by itself"
    finally:
        ended.set()
