"""What is due: for each year the types whose term is over, and what of them stays because it is held or named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from domain.retention import CLASSES, TYPES, ObservationClass, due_from, due_types
from infrastructure.postgres.statements import statements

_SQL = statements("retention")


@dataclass(frozen=True, slots=True)
class DueYear:
    """A year of observations of which something is due."""

    year: int
    types: tuple[str, ...] | None
    """What is due; None for everything."""

    facts: int
    """Rows that are retired."""

    held: int
    """Rows that would be due and are held."""

    named: int
    """Rows that would be due, and that a fact which decides names: they stay with it."""

    named_entries: tuple[int, ...]
    whole: bool
    """Whether nothing of the year stays: its table is detached as it is."""


def plan(
    connection: psycopg.Connection[Any], terms: Mapping[ObservationClass, int | None], moment: datetime
) -> Iterator[DueYear]:
    """The years of which something is due by a moment, the oldest first; looks at each year when it is asked for."""
    for (year,) in connection.execute(_SQL["years"]).fetchall():
        types = due_types(year, terms, moment)
        if types == ():
            continue
        ((named,),) = connection.execute(_SQL["named"], {"year": year}).fetchall()
        counted = connection.execute(_SQL["counted"], {"year": year, "named": named}).fetchall()
        due = [row for row in counted if types is None or row[0] in types]
        held, kept = sum(row[2] for row in due), sum(row[3] for row in due)
        facts = sum(row[1] for row in due) - held - kept
        if facts or held:
            whole = facts == sum(row[1] for row in counted)
            yield DueYear(year, types, facts, held, kept, tuple(named), whole)


def next_due(years: list[int], terms: Mapping[ObservationClass, int | None], moment: datetime) -> datetime | None:
    """When something falls due next, of years that observations lie in; None when nothing ever does."""
    coming = [
        due_from(year, months)
        for year in years
        for name in CLASSES
        if TYPES[name] and (months := terms.get(name)) is not None and due_from(year, months) > moment
    ]
    return min(coming, default=None)
