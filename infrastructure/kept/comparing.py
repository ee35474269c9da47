"""The kept rows of a location against those that a fresh fold of all its facts gives."""

from typing import Any

import psycopg
from psycopg import ClientCursor

from infrastructure.kept.rows import Rows
from infrastructure.kept.teams import Teams
from infrastructure.postgres.statements import statements

_SQL = statements("kept_write")
TABLES = ("locations", "lines", "strands", "awaited", "parts", "sayings")


def differing(reader: psycopg.Connection[Any], teams: Teams, location: str, position: int) -> list[str]:
    """The tables whose rows of a location are not those of a fresh fold up to a position, each as a sentence."""
    folded = Rows()
    for some in teams.whole(reader, location, position):
        folded.join(some)
    return [
        f"{table} of {location}: {len(surplus)} rows that a fold does not give, {len(missing)} rows missing"
        for table in TABLES
        for surplus, missing in [_compared(reader, table, location, folded)]
        if surplus or missing
    ]


def _compared(reader: psycopg.Connection[Any], table: str, location: str, folded: Rows) -> tuple[list[str], list[str]]:
    expected = sorted(folded.added.get(table, ()))
    with ClientCursor(reader) as cursor, cursor.copy(_SQL[f"written_{table}"], {"location": location}) as copy:
        text = b"".join(bytes(part) for part in copy).decode()
    found = sorted(text.split("\n")[:-1])
    if found == expected:
        return [], []
    return _less(found, expected), _less(expected, found)


def _less(some: list[str], others: list[str]) -> list[str]:
    rest = list(others)
    surplus = []
    for line in some:
        if line in rest:
            rest.remove(line)
        else:
            surplus.append(line)
    return surplus
