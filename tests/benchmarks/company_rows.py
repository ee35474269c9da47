"""The rows of a company's lines: what an import would store, without checking again what the generator made well.

Every so often a row is made the long way too, by the product alone, and must come out the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import UUID

from domain import canonical
from domain.entries import Entry, Imported, Stamp, _take_personal
from domain.facts import OBSERVATIONS, read_fact
from domain.instants import read_instant, write_instant
from domain.upcasts import FORMS
from infrastructure.devices import device_name
from infrastructure.mapper import new_row
from infrastructure.store import NewRow
from tests.benchmarks.company import Timed
from tests.benchmarks.people import Json

IMPORTED = Imported(at=datetime(2026, 1, 2, tzinfo=UTC), by="benchmark")
"""Always the same, so that the same company is the same rows."""

_WRITTEN = {"at": write_instant(IMPORTED.at), "by": IMPORTED.by}
_COMPARED = 500


def new_rows(lines: Iterable[Timed]) -> Iterator[NewRow]:
    """The rows in the same order, with the next version of its stream for each that decides a state."""
    versions: defaultdict[str, int] = defaultdict(int)
    for number, (second, line) in enumerate(lines):
        row = _quick(second, line, versions)
        if number % _COMPARED == 0:
            assert row == by_the_product(line, row.version), line
        yield row


def by_the_product(line: Json, version: int | None) -> NewRow:
    """The row as an import makes it: read as a fact, every field checked, and written again."""
    fact = read_fact(line)
    agent = fact.device.user_agent if fact.device is not None else None
    return new_row(Entry(fact, Stamp(imported=IMPORTED, device_name=device_name(agent) if agent else None)), version)


def _quick(second: int, line: Json, versions: defaultdict[str, int]) -> NewRow:
    kind = line["type"]
    content = {**line}
    inner: tuple[UUID, ...] = ()
    if kind == "Correction" and line["data"]["fact"] is not None:
        content["data"] = {**line["data"], "fact": {**line["data"]["fact"]}}
        inner = (UUID(line["data"]["fact"]["id"]),)
    stamp: Json = {"form": FORMS.get(kind, 1), "imported": _WRITTEN}
    agent = line["device"].get("user_agent") if "device" in line else None
    if agent and (name := device_name(agent)):
        stamp["device_name"] = name
    personal = _take_personal(content)
    content["stamp"] = stamp
    location = line.get("location")
    stream = _stream(kind, location, line["data"])
    version = None
    if kind not in OBSERVATIONS:
        versions[stream] = version = versions[stream] + 1
    recorded = datetime.fromtimestamp(second, UTC)
    same = line["effective_at"] == line["recorded_at"]
    return NewRow(
        fact=UUID(line["id"]),
        stream=stream,
        version=version,
        type=kind,
        location=location,
        recorded_at=recorded,
        effective_at=recorded if same else read_instant(line["effective_at"]),
        inner=inner,
        command=None,
        body=canonical.write(content),
        personal=canonical.write(personal) if personal else None,
    )


def _stream(kind: str, location: str | None, data: Json) -> str:
    if kind in OBSERVATIONS:
        return f"observations:{location or data.get('account', '')}"
    if location is not None:
        return f"location:{location}"
    return f"account:{data['account']}" if "account" in data else "terms"
