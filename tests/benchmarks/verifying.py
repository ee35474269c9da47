"""How long it takes to verify from nothing: every stored row against its tree, every head, every root, every tile."""

import time

import psycopg

from infrastructure.evidence.growing import Growing
from infrastructure.verification.evidence import Trusted, verify_evidence
from tests.benchmarks.databases import checkpoint, fresh_database, sealed_store
from tests.benchmarks.measuring import Line, Result, Run
from tests.benchmarks.scale import Scale

LOCATIONS = 2_000
_FACTS = """
SELECT ledger.make_partitions(ARRAY(SELECT make_timestamptz(y, 6, 1, 0, 0, 0) FROM generate_series(2021, 2025) AS y));
INSERT INTO ledger.entries (
    generation, fact, stream, version, type, location, recorded_at, effective_at, body, personal
)
SELECT 1, gen_random_uuid(), CASE WHEN n % 5 = 0 THEN 'location:L' ELSE 'observations:L' END || n % {locations},
    CASE WHEN n % 5 = 0 THEN n END, CASE WHEN n % 5 = 0 THEN 'RightsEdited' ELSE 'SignedIn' END, 'L' || n % {locations},
    '2021-01-01 UTC'::timestamptz + n * interval '5 years' / {facts}, '2021-01-01 UTC',
    convert_to(repeat('x', 430) || n, 'UTF8'),
    CASE WHEN n % 2 = 0 THEN convert_to(repeat('y', 150) || n, 'UTF8') END
FROM generate_series(1, {facts}) AS n ORDER BY n;
"""
"""Rows of the size that facts have, a fifth of them deciding; what they say is nobody's business here."""

_COPY = b"COPY (SELECT body, personal FROM ledger.entries) TO STDOUT (FORMAT binary)"


def verifying(server: str, scale: Scale, runs: int) -> list[Line]:
    """Verify the trees of a ledger's facts from nothing, beside reading their bytes once with COPY."""
    facts = scale.imported
    with fresh_database(server) as database, sealed_store(database) as store:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(_FACTS.format(facts=facts, locations=LOCATIONS).encode())
            assert store.sequence() == facts
            Growing(store).grow()
            connection.execute(b"VACUUM ANALYZE ledger.entries, ledger.positions")
        checkpoint(database)
        found = [_both(store.connections.conninfo, facts) for _ in range(runs)]
    name = f"verify {facts:,} facts from nothing, {LOCATIONS:,} trees"
    return [Result(name, "COPY out of their bytes", facts, found, reach="30 s for a million")]


def _both(conninfo: str, facts: int) -> Run:
    begun = time.perf_counter()
    verified = verify_evidence(conninfo, Trusted())
    took = time.perf_counter() - begun
    assert (verified.position, verified.faults) == (facts, ())
    begun = time.perf_counter()
    with psycopg.connect(conninfo) as connection, connection.cursor().copy(_COPY) as copy:
        read = sum(len(part) for part in copy)
    assert read > facts
    return Run(took, time.perf_counter() - begun)
