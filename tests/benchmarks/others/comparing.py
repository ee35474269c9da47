"""The same changes told to the ledger and to other tools, and the same questions asked of all, on one server."""

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from random import Random
from typing import TypeAlias
from zlib import crc32

from tests.benchmarks.databases import fresh_database
from tests.benchmarks.measuring import Calls, Line, Result, Run, in_turns, seconds, single
from tests.benchmarks.others.changes import Change, changes
from tests.benchmarks.others.ours import Appended, Commanded
from tests.benchmarks.others.tool import Tool
from tests.benchmarks.scale import Scale

OURS, COMMANDED, LIBRARY = "append", "command", "eventsourcing's projection runner"
WRITERS = 8
_ALL = range(WRITERS)
MODULES = ("django", "pghistory", "pgtrigger", "sqlalchemy", "sqlalchemy_continuum")
_AHEAD = "ahead: below 1"

Toolbox: TypeAlias = dict[str, Tool]


def missing() -> list[str]:
    """What of the other tools is not installed here; the dependency group `benchmarks` has it."""
    return [module for module in MODULES if find_spec(module) is None]


def others(server: str, scale: Scale, runs: int) -> list[Line]:
    """What a change costs, who could do what at a moment, who changed what from a device: us beside each other tool."""
    told = changes(scale.told)
    half = len(told) // 2
    with ExitStack() as stack:
        tools = _opened(server, stack)
        noted = _Noted(told, half, max(2, scale.points // 10))
        found = _written(tools, _batches(told[:half], runs), noted, "1 writer")
        found += _written_by_many(tools, _batches(told[half:], runs))
        found += _states(tools, noted, told[:half], scale.points)
        found += _devices(tools, told, scale.points)
    return found


def _opened(server: str, stack: ExitStack) -> Toolbox:
    """Every tool in a database of its own, on the same server."""
    # What is not installed is not imported.
    from tests.benchmarks.others.continuum_tool import Continuum
    from tests.benchmarks.others.library_tool import Library
    from tests.benchmarks.others.pghistory_tool import PgHistory

    makers: Mapping[str, Callable[[str], Tool]] = {
        OURS: lambda database: Appended(database, WRITERS),
        COMMANDED: lambda database: Commanded(database, WRITERS),
        "django-pghistory": PgHistory,
        "SQLAlchemy-Continuum": lambda database: Continuum(database, WRITERS),
        LIBRARY: Library,
    }
    tools: Toolbox = {}
    for name, make in makers.items():
        tools[name] = make(stack.enter_context(fresh_database(server)))
        stack.callback(tools[name].close)
    return tools


class _Noted:
    """Moments of the story, as each tool knows them: between two changes that were not recorded in the same instant."""

    def __init__(self, told: Sequence[Change], upto: int, count: int) -> None:
        fit = [place for place in range(upto - 1) if told[place].recorded_at < told[place + 1].recorded_at]
        chosen = sorted(Random("moments").sample(fit, min(count, len(fit))))
        self.after = {told[place].line["id"]: place for place in chosen}
        self.moments: dict[str, dict[int, object]] = {}

    def look(self, name: str, tool: Tool, change: Change) -> None:
        """Take note of the moment, if this change is one after which it is wanted."""
        place = self.after.get(change.line["id"])
        if place is not None:
            self.moments.setdefault(name, {})[place] = tool.moment()


def _written(tools: Toolbox, batches: Sequence[Sequence[Change]], noted: _Noted, writers: str) -> list[Line]:
    """Batch by batch, each written by every tool in turn, and then brought into the projections of those with any."""
    took: dict[str, list[float]] = {name: [] for name in tools}
    settled: dict[str, list[float]] = {name: [] for name in tools}
    singles: dict[str, list[float]] = {name: [] for name in tools}
    for number, batch in enumerate(batches):
        for name in _turn(tools, number):
            gc.collect()
            for change in batch:
                singles[name].append(single(partial(tools[name].write, change)))
                if name != COMMANDED:
                    noted.look(name, tools[name], change)
            took[name].append(sum(singles[name][-len(batch) :]))
            settled[name].append(seconds(tools[name].settle))
    items = len(batches[0])
    brought = list(map(Run, settled[OURS], settled[LIBRARY]))
    title = f"{items:,} changes brought into the projections"
    return [*_lines(took, items, writers, singles), Result(title, LIBRARY, items, brought, reach=_AHEAD)]


def _written_by_many(tools: Toolbox, batches: Sequence[Sequence[Change]]) -> list[Line]:
    """The same by several writers at once, each with locations of its own."""
    took: dict[str, list[float]] = {name: [] for name in tools}
    with ThreadPoolExecutor(WRITERS) as pool:
        for number, batch in enumerate(batches):
            shares = [[change for change in batch if crc32(change.location.encode()) % WRITERS == own] for own in _ALL]
            for name in _turn(tools, number):
                took[name].append(seconds(partial(_write_at_once, pool, tools[name], shares)))
    for tool in tools.values():
        tool.settle()
    return _lines(took, len(batches[0]), f"{WRITERS} writers", {})


def _write_at_once(pool: ThreadPoolExecutor, tool: Tool, shares: Sequence[Sequence[Change]]) -> None:
    for _ in pool.map(partial(_write_all, tool), shares):
        pass


def _write_all(tool: Tool, share: Sequence[Change]) -> None:
    for change in share:
        tool.write(change)
    tool.leave()


def _lines(
    took: Mapping[str, Sequence[float]], items: int, writers: str, singles: Mapping[str, Sequence[float]]
) -> list[Line]:
    return [
        Result(
            f"a change written, {writers}, {own}",
            name,
            items,
            [Run(ours, theirs) for ours, theirs in zip(took[own], took[name], strict=True)],
            singles.get(own, ()),
            singles.get(name, ()),
            _AHEAD,
        )
        for name in took
        if name not in {OURS, COMMANDED}
        for own in (OURS, COMMANDED)
    ]


def _states(tools: Toolbox, noted: _Noted, told: Sequence[Change], count: int) -> list[Line]:
    """The state of a location at a date: the same answers, then single calls in turns."""
    lot = Random("states")
    asked = []
    for _ in range(count):
        place = lot.choice(list(noted.after.values()))
        asked.append((told[lot.randrange(place + 1)].location, place))
    return compared(
        tools,
        "role and rights of everybody of a location at a date",
        [
            {
                name: partial(tool.state, location, noted.moments[name][place])
                for name, tool in tools.items()
                if name != COMMANDED
            }
            for location, place in asked
        ],
    )


def _devices(tools: Toolbox, told: Sequence[Change], count: int) -> list[Line]:
    """Who changed what from a device."""
    known = sorted({change.device["id"] for change in told})
    asked = Random("devices").sample(known, min(count, len(known)))
    return compared(
        tools,
        "who changed what from a device",
        [
            {name: partial(tool.from_device, device) for name, tool in tools.items() if name != COMMANDED}
            for device in asked
        ],
    )


def compared(tools: Iterable[str], title: str, asked: Sequence[Mapping[str, Callable[[], object]]]) -> list[Line]:
    """The same answers first, and then single calls in turns."""
    for question in asked[:20]:  # also to warm up
        answers = {name: _plain(ask()) for name, ask in question.items()}
        assert all(answer == answers[OURS] for answer in answers.values()), answers
    found: list[Line] = []
    for name in tools:
        if name not in {OURS, COMMANDED}:
            own, other = in_turns([(question[OURS], question[name]) for question in asked])
            found.append(Calls(title, name, _AHEAD, own, other, per_cent=50))
    return found


def _plain(answer: object) -> object:
    return sorted(answer) if isinstance(answer, Sequence) else answer


def _batches(told: Sequence[Change], runs: int) -> list[Sequence[Change]]:
    size = len(told) // runs
    return [told[number * size : (number + 1) * size] for number in range(runs)]


def _turn(tools: Toolbox, number: int) -> list[str]:
    """Every tool goes first at times."""
    names = list(tools)
    shift = number % len(names)
    return names[shift:] + names[:shift]
