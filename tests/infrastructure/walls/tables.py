"""Actions on a ledger as SQL, and who may do which: what is not said to be allowed is refused."""

APPEND = (
    "SELECT ledger.{name}(ARRAY[gen_random_uuid()], ARRAY['{stream}'], ARRAY[{version}::bigint], ARRAY['T'],"
    " ARRAY['{location}'], ARRAY[now()], ARRAY[now()], ARRAY[NULL::text], ARRAY[NULL::uuid],"
    " ARRAY['{{}}'::bytea], ARRAY[NULL::bytea], false, true)"
)


def append(location: str = "L1", *, stream: str | None = None, name: str = "append", version: str = "NULL") -> str:
    """The call that appends an observation of a location, or a version of another stream."""
    return APPEND.format(name=name, stream=stream or f"observations:{location}", location=location, version=version)


def here(location: str, statement: str) -> str:
    """A statement in a transaction of its own under a location."""
    return f"BEGIN; SELECT set_config('app.location', '{location}', true); {statement}; COMMIT"


FACTS = ("entries", "decisions", "observations", "observations_other", "retired", "facts", "positions", "generations")
EVIDENCE = ("logs", "runs", "tiles", "heads", "growths", "checkpoints", "cosignatures", "events", "events_told")

CHANGES = tuple(
    statement
    for table in (*(f"ledger.{name}" for name in FACTS), *(f"evidence.{name}" for name in EVIDENCE))
    for statement in (
        f"UPDATE {table} SET {'entry = 1' if table in ('ledger.facts', 'ledger.positions') else 'id = 1'}"
        if table in ("ledger.entries", "ledger.facts", "ledger.positions")
        else f"DELETE FROM {table} WHERE false",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
    )
)
"""What nobody may do who is not the owner: SQLSTATE 42501, whatever rights a role has."""

LIFTING = (
    "ALTER TABLE ledger.decisions DISABLE TRIGGER USER",
    "ALTER TABLE ledger.decisions DISABLE ROW LEVEL SECURITY",
    "DROP TRIGGER guard ON ledger.decisions",
    "DROP TABLE ledger.decisions",
    "DROP SCHEMA ledger CASCADE",
    "DROP POLICY of_location ON ledger.decisions",
    "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT'",
    "CREATE TRIGGER mine BEFORE INSERT ON ledger.decisions EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE TABLE ledger.mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE TEMPORARY TABLE pg_class (a int)",
    "SET session_replication_role = replica",
    "SET ROLE ledger_owner",
    "SET ROLE ledger_migrator",
    "ALTER ROLE ledger_app SUPERUSER",
    "SELECT ledger.retire_partition(now() - interval '2 years')",
    "SELECT ledger.take_from_others('observations_2001', 2001)",
    "SELECT ledger.guard('ledger.decisions')",
    "SELECT ledger.wall_entries('ledger.decisions')",
    "COPY ledger.entries TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.conf')",
)
"""What would lift a wall: refused to every role but, where it is the owner's, to who deploys."""

READS = {
    "SELECT FROM ledger.entries": {"ledger_app", "ledger_reader", "ledger_projector"},
    "SELECT FROM ledger.decisions": {"ledger_app", "ledger_reader", "ledger_projector"},
    "SELECT FROM ledger.observations": {"ledger_app", "ledger_reader", "ledger_projector"},
    "SELECT FROM ledger.positions": {"ledger_app", "ledger_reader", "ledger_projector"},
    "SELECT FROM ledger.rows": {"ledger_app", "ledger_reader", "ledger_projector"},
    "SELECT FROM ledger.observations_other": set(),
    "SELECT FROM ledger.retired": {"ledger_app", "ledger_reader", "ledger_projector"},
    "SELECT FROM ledger.ever_stored": {"ledger_app", "ledger_reader", "ledger_projector"},
    "SELECT FROM ledger.facts": {"ledger_app", "ledger_projector"},
    "SELECT FROM ledger.imports": {"ledger_app"},
    "SELECT FROM kept.parts": {"ledger_app", "ledger_projector"},
    "SELECT FROM kept.log_lines": {"ledger_app", "ledger_projector"},
    "SELECT FROM kept.parts_here": {"ledger_app", "ledger_reader", "ledger_projector"},
    "SELECT FROM door.keys": {"ledger_app"},
    "SELECT FROM webhooks.subscriptions": {"ledger_app"},
    "SELECT FROM views.saved": {"ledger_app"},
    "SELECT FROM evidence.heads": {"ledger_app"},
    "SELECT FROM migrations._yoyo_migration": {"ledger_app"},
}

WRITES = {
    append(): {"ledger_app"},
    here("L1", append(name="append_here")): {"ledger_writer", "ledger_app"},
    "SELECT ledger.renew_generation()": {"ledger_writer", "ledger_app"},
    "SELECT ledger.sequence(100)": {"ledger_sequencer", "ledger_app"},
    "SELECT ledger.make_partitions(ARRAY['2003-01-01'::timestamptz])": {"ledger_app"},
    "SELECT ledger.forget_killed_imports(0)": {"ledger_app"},
    "INSERT INTO ledger.imports (file_name, imported_by) VALUES ('f', 'b')": {"ledger_app"},
    "INSERT INTO ledger.facts VALUES (gen_random_uuid(), 1)": set(),
    "INSERT INTO ledger.positions VALUES (99, 99)": set(),
    "UPDATE ledger.sequencer SET position = 0": set(),
    "UPDATE ledger.imports SET facts = 0": set(),
    "UPDATE ledger.retirements SET facts = 0": set(),
    "INSERT INTO evidence.events (leaf) VALUES ('a')": {"ledger_app"},
    "INSERT INTO kept.lines VALUES ('L1', 99, 99, NULL)": {"ledger_app", "ledger_projector"},
    "UPDATE kept.lines SET strand = strand": {"ledger_app", "ledger_projector"},
    "DELETE FROM kept.lines": {"ledger_app", "ledger_projector"},
    "ALTER TABLE kept.lines ADD COLUMN more int": {"ledger_projector"},
    "CREATE TRIGGER mine BEFORE INSERT ON kept.state EXECUTE FUNCTION suppress_redundant_updates_trigger()": {
        "ledger_projector"
    },
    "UPDATE door.keys SET revoked_at = now()": {"ledger_app"},
    "DELETE FROM migrations._yoyo_migration": set(),
}
"""Who may; the deploying role is looked at by itself, for it may all that the owner may."""
