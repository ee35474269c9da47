"""What a superuser can do who means to leave no trace: guards off, a change, guards on."""

import psycopg

from infrastructure.store import Store


def as_superuser(store: Store, statement: str) -> None:
    """Run a statement with every trigger of the ledger and of the evidence switched off, and on again."""
    with psycopg.connect(store.connections.conninfo, autocommit=True) as connection, connection.transaction():
        guarded = connection.execute(
            "SELECT c.oid::regclass::text, t.tgname, t.tgenabled FROM pg_trigger AS t"
            " JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND n.nspname IN ('ledger', 'evidence')"
        ).fetchall()
        for table, trigger, _ in guarded:
            connection.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{trigger}"')
        connection.execute(statement)
        for table, trigger, enabled in guarded:
            how = "ENABLE ALWAYS" if enabled == "A" else "ENABLE"
            connection.execute(f'ALTER TABLE {table} {how} TRIGGER "{trigger}"')
