"""The same changes told to the ledger and to other tools, and the same questions asked of all, on one server."""

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from itertools import cycle, islice
from random import Random
from typing import Any, TypeAlias
from zlib import crc32

from tests.benchmarks.databases import fresh_database, vacuum
from tests.benchmarks.measuring import Calls, Line, Result, Run, in_turns, seconds, single
from tests.benchmarks.others.changes import Change, changes
from tests.benchmarks.others.ours import Appended, Commanded
from tests.benchmarks.others.tool import Tool
from tests.benchmarks.scale import Scale

OURS, COMMANDED, LIBRARY = "append", "command", "eventsourcing's projection runner"
WRITERS = 8
_ALL = range(WRITERS)
MODULES = ("django", "pghistory", "pgtrigger", "sqlalchemy", "sqlalchemy_continuum")
WRITTEN = 2_000
"""Changes written one by one, and as many by several writers at once; the others are a history of before."""

_WARM = 30
"""Questions asked of all beforehand: answers are compared, and connections come to prepare their statements."""

_AHEAD = "ahead: below 1"

Toolbox: TypeAlias = dict[str, Tool]


def missing() -> list[str]:
    """What of the other tools is not installed here; the dependency group `benchmarks` has it."""
    return [module for module in MODULES if find_spec(module) is None]


def others(server: str, scale: Scale, runs: int) -> list[Line]:
    """What a change costs, who could do what at a date, who changed what from a device: us beside each other tool.

    The history is loaded as quickly as each tool lets one; what is measured by single writes is its last part.
    """
    told = changes(scale.told)
    written = min(scale.told // 4, WRITTEN)
    loaded, singly, at_once = told[: -2 * written], told[-2 * written : -written], told[-written:]
    with ExitStack() as stack:
        tools, databases = _opened(server, stack)
        for tool in tools.values():
            tool.load(loaded)
            tool.settle()
        found = _written(tools, _batches(singly, runs), "1 writer")
        found.append(_settled(tools, written))
        found += _written_by_many(tools, _batches(at_once, runs))
        for database in databases:
            vacuum(database)
        found += _states(tools, loaded, scale.points)
        found += _devices(tools, told, scale.points)
    return found


def _opened(server: str, stack: ExitStack) -> tuple[Toolbox, list[str]]:
    """Every tool in a database of its own, on the same server; and where these are."""
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
    databases = [stack.enter_context(fresh_database(server)) for _ in makers]
    for (name, make), database in zip(makers.items(), databases, strict=True):
        tools[name] = make(database)
        stack.callback(tools[name].close)
    return tools, databases


def _written(tools: Toolbox, batches: Sequence[Sequence[Change]], writers: str) -> list[Line]:
    """Batch by batch, each written by every tool in turn, one change after the other."""
    took: dict[str, list[float]] = {name: [] for name in tools}
    singles: dict[str, list[float]] = {name: [] for name in tools}
    for number, batch in enumerate(batches):
        for name in _turn(tools, number):
            gc.collect()
            one = [single(partial(tools[name].write, change)) for change in batch]
            took[name].append(sum(one))
            singles[name] += one
    return _lines(took, len(batches[0]), writers, singles)


def _settled(tools: Toolbox, count: int) -> Line:
    """What was written, brought into the projections of those with any; at first these know all that was before."""
    run = Run(*(seconds(tools[name].settle) for name in (OURS, LIBRARY)))
    return Result(f"{count:,} changes brought into the projections", LIBRARY, count, [run], reach=_AHEAD)


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


def _states(tools: Toolbox, told: Sequence[Change], count: int) -> list[Line]:
    """The state of a location at a date: role and rights alone, and all that a page shows."""
    lot = Random("states")
    asked = []
    for _ in range(count):
        place = lot.randrange(len(told))
        asked.append((told[lot.randrange(place + 1)].location, told[place].at))
    bare = [{name: partial(tools[name].state, *each) for name in _asked(tools)} for each in asked]
    shown = [{name: partial(tools[name].shown, *each) for name in _asked(tools)} for each in asked]
    return [
        *compared(tools, "role and rights of everybody of a location at a date", bare),
        *compared(tools, "the same with names, since when, and each right by name and section", shown, _users),
    ]


def _devices(tools: Toolbox, told: Sequence[Change], count: int) -> list[Line]:
    """Who changed what from a device."""
    known = sorted({change.device["id"] for change in told})
    chosen = Random("devices").sample(known, min(count, len(known)))
    asked = [{name: partial(tools[name].from_device, device) for name in _asked(tools)} for device in chosen]
    return compared(tools, "who changed what from a device, the newest 50", asked, _changed)


def _asked(tools: Toolbox) -> list[str]:
    return [name for name in tools if name != COMMANDED]


def _users(answer: Any) -> object:
    """What every tool says of the users of a location."""
    return sorted(
        (user["account"], user["name"], user["role"], [(right["right"], right["section"]) for right in user["rights"]])
        for user in answer
    )


def _changed(answer: Any) -> object:
    """What every tool says of the changes of a page."""
    return sorted((row["actor"]["id"], row["location"], row["target"]["id"], row["target"]["name"]) for row in answer)


def compared(
    tools: Iterable[str],
    title: str,
    asked: Sequence[Mapping[str, Callable[[], object]]],
    said: Callable[[Any], object] = lambda answer: answer,
) -> list[Line]:
    """The same answers first, by what they all say, and then single calls in turns."""
    for question in islice(cycle(asked), _WARM):
        answers = {name: said(ask()) for name, ask in question.items()}
        assert all(answer == answers[OURS] for answer in answers.values()), answers
    found: list[Line] = []
    for name in tools:
        if name not in {OURS, COMMANDED}:
            own, other = in_turns([(question[OURS], question[name]) for question in asked])
            found.append(Calls(title, name, _AHEAD, own, other, per_cent=50))
    return found


def _batches(told: Sequence[Change], runs: int) -> list[Sequence[Change]]:
    size = len(told) // runs
    return [told[number * size : (number + 1) * size] for number in range(runs)]


def _turn(tools: Toolbox, number: int) -> list[str]:
    """Every tool goes first at times."""
    names = list(tools)
    shift = number % len(names)
    return names[shift:] + names[:shift]
