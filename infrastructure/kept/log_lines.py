"""Keeps the lists of log lines: what comes to the ledger is written down under every key by which it is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from struct import Struct
from typing import Any, TypeAlias

import psycopg

from domain.entries import Entry
from domain.facts import OBSERVATIONS, Actor, Correction, Data, DismissalCancelled, Fact
from domain.ledger import Line, lines_of
from domain.rows import Observed
from infrastructure.kept import log_keys as keys
from infrastructure.kept.about import accounts_and_members, corrected_ids, find, told_about
from infrastructure.kept.entries import read_stored
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import LedgerConnection

_SQL = statements("kept_log")

BLOCK_BITS = 13
"""Positions of a block: 8,192."""

FAR_APART = keys.place_of(128)
"""Lines of a change that lie further apart are a straggler's."""

_COLUMNS = 9
_NOBODY: Sequence[int | None] = (None,)
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_BEGINNING = "h" + 4 * "iq" + "ih"
_ROWS = {
    (device, about, change, late): Struct(
        ">" + _BEGINNING + "".join("iq" if given else "i" for given in (device, about, change, late))
    ).pack
    for device in (False, True)
    for about in (False, True)
    for change in (False, True)
    for late in (False, True)
}

_SEEN = _ROWS[True, True, False, False]

Span: TypeAlias = tuple[int, datetime, datetime]


@dataclass
class Prepared:
    """What is to be written of some entries."""

    rows: list[bytes] = field(default_factory=list)
    """Lines, as COPY takes them."""

    undoing: list[tuple[str, int]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    changes: set[int] = field(default_factory=set)


class LogKeeper:
    """Prepares from the ledger alone, and writes into tables that nobody else writes."""

    def prepare(self, reader: LedgerConnection, lines: Sequence[Entry | tuple[int, Observed]]) -> Prepared:
        """All rows of entries, and of observations with their positions, at consecutive positions."""
        prepared = Prepared(spans=_spans(lines))
        corrections = [each for each in lines if isinstance(each, Entry) and isinstance(each.fact.data, Correction)]
        targets = _targets(reader, corrections) if corrections else {}
        for each in lines:
            if not isinstance(each, Entry):
                _add_observed(prepared, *each)
            elif isinstance(each.fact.data, Correction):
                for depth, line in enumerate(lines_of(each, 0)):
                    _add(prepared, line, depth, find(targets, line))
            else:
                _add_plain(prepared, each)
        return prepared

    def write(self, connection: psycopg.Connection[Any], prepared: Prepared) -> None:
        """Write what was prepared, in the caller's transaction."""
        with connection.cursor() as cursor:
            if prepared.rows:
                with cursor.copy(_SQL["copy_lines"]) as copy:
                    copy.write(b"".join([_SIGNATURE, *prepared.rows, _END]))
            if prepared.undoing:
                with cursor.copy(_SQL["copy_undoing"]) as copy:
                    copy.write("".join(f"{fact}\t{position}\n" for fact, position in prepared.undoing))
            for block, known_from, known_to in prepared.spans:
                span = {"block": block, "known_from": known_from, "known_to": known_to}
                if cursor.execute(_SQL["widen_span"], span).rowcount == 0:
                    cursor.execute(_SQL["add_span"], span)
            if prepared.changes:
                changes = {"changes": list(prepared.changes), "far": FAR_APART}
                cursor.execute(_SQL["forget_stragglers"], changes)
                cursor.execute(_SQL["add_stragglers"], changes)

    def finish(self, connection: psycopg.Connection[Any]) -> None:
        """After tables were filled in parts, without indexes: what can only be told from all parts together."""
        connection.execute(_SQL["find_stragglers"], {"far": FAR_APART})


def _position(entry: Entry) -> int:
    assert entry.position is not None, "only what is settled is kept"
    return entry.position


def _targets(reader: LedgerConnection, corrections: Sequence[Entry]) -> dict[str, Line]:
    """The lines that corrections correct, by their ids: of each other, or of the ledger up to the last of them."""
    every = [line for entry in corrections for line in lines_of(entry, 0)]
    wanted = corrected_ids(every)
    found = {line.fact.id: line for line in every if line.fact.id in wanted}
    missing = list(wanted - found.keys())
    if missing:
        asked = {"facts": missing, "before": _position(corrections[-1])}
        with reader.cursor(binary=True) as cursor:
            rows = cursor.execute(_SQL["told_before"], asked).fetchall()
        for entry in read_stored(rows, reader.boundary):
            found.update((line.fact.id, line) for line in lines_of(entry, 0))
    return found


def _add_observed(prepared: Prepared, position: int, seen: Observed) -> None:
    """The rows of an observation that was read for its lists alone. Nothing was seen before it happened."""
    kind = keys.KINDS[seen.type]
    mask = keys.MASKS[kind]
    known = keys.microseconds(seen.recorded_at)
    held = None if seen.effective_at == seen.recorded_at else keys.microseconds(seen.effective_at)
    device = None if seen.device is None else keys.device_key(seen.device) ^ mask
    actors = (seen.actor,) if seen.on_behalf_of is None else (seen.actor, seen.on_behalf_of)
    about = _about(seen.data, seen.location, kind, mask)
    location = keys.location_key(seen.location) ^ mask
    place = keys.place_of(position)
    for who in actors:
        actor = keys.actor_key(who) ^ mask
        for whom in about:
            if device is not None and whom is not None and held is None:
                row = _SEEN(_COLUMNS, 8, place, 8, known, 8, location, 8, actor, 2, kind, 8, device, 8, whom, -1, -1)
            else:
                begins = (_COLUMNS, 8, place, 8, known, 8, location, 8, actor, 2, kind)
                pack = _ROWS[device is not None, whom is not None, False, held is not None]
                row = pack(*begins, *_cells(device), *_cells(whom), -1, *_cells(held))
            prepared.rows.append(row)


def _about(data: Data, location: str | None, kind: int, mask: int) -> Sequence[int | None]:
    """The keys of whom a fact that carries nothing is about."""
    account, member = accounts_and_members(data)
    if account is None and member is None:
        return _NOBODY
    about = [] if account is None else [keys.account_key(account) ^ mask]
    if member is not None:
        about.append(keys.member_key(member, location, kind))
    return about


def _add_plain(prepared: Prepared, entry: Entry) -> None:
    """The rows of a fact that carries nothing."""
    fact = entry.fact
    kind = _kind(fact, fact.recorded_at)
    about = _about(fact.data, fact.location, kind, keys.MASKS[kind])
    _add_undoing(prepared, fact, _position(entry))
    _pack(prepared, Line(fact, _position(entry), fact.recorded_at, entry), kind, about)


def _add(prepared: Prepared, line: Line, depth: int, corrected: Line | None) -> None:
    """The rows of a correction, or of what it carries."""
    fact = line.fact
    kind = _kind(fact, line.known_at)
    mask = keys.MASKS[kind]
    accounts, members = told_about(line, corrected)
    about: list[int | None] = [keys.account_key(account) ^ mask for account in sorted(accounts)]
    about += [keys.member_key(member, fact.location, kind) for member in sorted(members)]
    if corrected is None and isinstance(fact.data, Correction) and fact.data.corrects is not None:
        about.append(keys.UNHEARD ^ mask)
    _add_undoing(prepared, fact, line.position)
    _pack(prepared, line, kind, about or _NOBODY, depth)


def _add_undoing(prepared: Prepared, fact: Fact, position: int) -> None:
    data = fact.data
    if isinstance(data, DismissalCancelled):
        prepared.undoing.append((data.cancels, position))
    elif isinstance(data, Correction) and data.corrects is not None:
        prepared.undoing.append((data.corrects, position))


def _kind(fact: Fact, known_at: datetime) -> int:
    kind = keys.KINDS[fact.type]
    return kind | keys.LATE if fact.effective_at < known_at else kind


def _pack(prepared: Prepared, line: Line, kind: int, about: Iterable[int | None], depth: int = 0) -> None:
    """One row for each who acted and each whom it is about."""
    fact, known_at, mask = line.fact, line.known_at, keys.MASKS[kind]
    device = change = held = None
    if fact.device is not None and fact.device.id is not None:
        device = keys.device_key(fact.device.id) ^ mask
    if fact.type not in OBSERVATIONS:
        change = _change(line.entry.fact)
        prepared.changes.add(change)
    if fact.effective_at != known_at:
        held = keys.microseconds(fact.effective_at)
    place, known = keys.place_of(line.position, depth), keys.microseconds(known_at)
    location = keys.location_key(fact.location) ^ mask
    device_cells, last_cells = _cells(device), (*_cells(change), *_cells(held))
    for who in actors_of(fact.actor):
        begins = (_COLUMNS, 8, place, 8, known, 8, location, 8, keys.actor_key(who) ^ mask, 2, kind, *device_cells)
        for whom in about:
            pack = _ROWS[device is not None, whom is not None, change is not None, held is not None]
            prepared.rows.append(pack(*begins, *_cells(whom), *last_cells))


def actors_of(actor: Actor) -> tuple[str, ...]:
    """Who acted, and on whose behalf."""
    return (actor.id,) if actor.on_behalf_of is None else (actor.id, actor.on_behalf_of)


def _change(fact: Fact) -> int:
    return keys.change_key(fact.location, fact.change, fact.actor.kind, fact.actor.id, fact.recorded_at)


def _cells(value: int | None) -> tuple[int, ...]:
    """The length of a cell and its value; a length of -1 is null."""
    return (-1,) if value is None else (8, value)


def _spans(lines: Sequence[Entry | tuple[int, Observed]]) -> list[Span]:
    """Of each block of positions, when its entries became known."""
    found: dict[int, list[datetime]] = {}
    for each in lines:
        if isinstance(each, Entry):
            found.setdefault(_position(each) >> BLOCK_BITS, []).append(each.fact.recorded_at)
        else:
            found.setdefault(each[0] >> BLOCK_BITS, []).append(each[1].recorded_at)
    return [(block, min(known), max(known)) for block, known in found.items()]
