"""The doctor: looks at what a ledger lives on, and says in a sentence what is well and what to do about the rest."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infrastructure.findings import Finding
from infrastructure.postgres.statements import statements
from infrastructure.store.migrating import missing_migrations
from infrastructure.store.watcher import THRESHOLD
from infrastructure.verification.remembered import last, overdue
from infrastructure.walls.examining import examine_signer, examine_walls
from infrastructure.wiring import Application

_SQL = statements("doctor")
SKEW = timedelta(seconds=5)
"""How far the clocks of this machine and of the database may be apart (R34 asks to flag more)."""

FAR_BEHIND = 10_000
OLDEST, NEWEST = 150_000, 190_000


def examine(ledger: Application, *, here: datetime | None = None, signer: Path | None = None) -> Iterator[Finding]:
    """Look at the database, its clock, its settings, the positions, what is kept, and the walls; finding by finding.

    `here` is the clock of this machine; looked at unless given. `signer` is the socket of the signer, if there is one.
    LedgerUnavailable when the database is away.
    """
    store = ledger.store
    version, fsync, full_pages, synchronous, checksums, most, connected, there = store.connections.read(
        _SQL["settings"]
    )[0]
    yield _version(version)
    yield _durable(fsync=fsync and full_pages and synchronous)
    yield (
        Finding("checksums", "well", "Pages carry checksums: damage on the disk is noticed.")
        if checksums
        else Finding("checksums", "look", "Pages carry no checksums; switch them on with pg_checksums --enable.")
    )
    yield _connections(connected, most)
    yield _clocks((here if here is not None else datetime.now(UTC)) - there)
    missing = missing_migrations(store.connections)
    yield (
        Finding("schema", "ill", f"Migrations are missing: {', '.join(missing)}; start the program to apply them.")
        if missing
        else Finding("schema", "well", "The schema is that of this program.")
    )
    yield from _progress(ledger)
    if not missing:
        yield _verified(ledger)
        with store.connections.take() as connection:
            yield from examine_walls(connection)
    if signer is not None:
        yield examine_signer(signer)


def _verified(ledger: Application) -> Finding:
    found, wrong = last(ledger.store), overdue(ledger.store)
    if wrong is not None:
        return Finding("verification", "ill" if found is not None and found.broken else "look", wrong)
    said = "Nothing was verified yet; the ledger is new." if found is None else found.sentence()
    return Finding("verification", "well", said)


def _version(number: int) -> Finding:
    said = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if OLDEST <= number < NEWEST:
        return Finding("database", "well", f"{said} answers.")
    return Finding("database", "look", f"{said} answers; tried are 15 to 18.")


def _durable(*, fsync: bool) -> Finding:
    if fsync:
        return Finding("durability", "well", "What is confirmed survives a power cut.")
    return Finding(
        "durability", "ill", "What is confirmed can be lost: set fsync, full_page_writes and synchronous_commit to on."
    )


def _connections(connected: int, most: int) -> Finding:
    if connected * 5 < most * 4:
        return Finding("connections", "well", f"{connected} of {most} connections are taken.")
    return Finding("connections", "look", f"{connected} of {most} connections are taken; raise max_connections.")


def _clocks(apart: timedelta) -> Finding:
    seconds = apart.total_seconds()
    if abs(apart) <= SKEW:
        return Finding("clocks", "well", f"This machine and the database agree on the time ({seconds:+.1f} s).")
    return Finding(
        "clocks", "look", f"This machine's clock is {seconds:+.1f} s off the database's; set both by a time server."
    )


def _progress(ledger: Application) -> Iterator[Finding]:
    store = ledger.store
    position, kept = store.sequence(), ledger.kept.position()
    complaint = store.lag().complaint(THRESHOLD)
    yield (
        Finding("positions", "ill", complaint)
        if complaint is not None
        else Finding("positions", "well", f"All that is committed has its position, up to {position:,}.")
    )
    behind = position - kept
    if behind <= FAR_BEHIND:
        yield Finding("kept", "well", f"What is kept stands at position {kept:,}, {behind:,} behind.")
    else:
        yield Finding(
            "kept", "look", f"What is kept is {behind:,} positions behind and questions are slow: run `rebuild`."
        )
