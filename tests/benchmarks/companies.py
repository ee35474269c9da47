"""The loaded companies that questions are asked of: kept in a folder between runs, or made for one run."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from infrastructure.kept.rebuild import remake
from infrastructure.wiring import application
from tests.benchmarks.company import COMPANIES
from tests.benchmarks.databases import fresh_database, sealed_store
from tests.benchmarks.loading import company_ledger, load


@contextmanager
def companies(server: str, names: Sequence[str], keep: Path | None = None) -> Iterator[Mapping[str, str]]:
    """The address of a ledger with each of the companies, by its name; loaded for a while unless kept in a folder."""
    with ExitStack() as stack:
        found = {}
        for name in names:
            if keep is not None:
                found[name] = stack.enter_context(company_ledger(keep / name, COMPANIES[name]))
            else:
                found[name] = stack.enter_context(fresh_database(server))
                load(found[name], COMPANIES[name], processes=1 if COMPANIES[name].facts < 100_000 else 2)
            keep_up(found[name])
        yield found


def keep_up(database: str) -> None:
    """Have the projections kept up to the last fact: made anew, unless they are."""
    with sealed_store(database) as store:
        ledger = application(store)
        if ledger.kept.position() < store.sequence():
            remake(store, ledger.catalogues)


@contextmanager
def cloned(database: str) -> Iterator[str]:
    """A copy of a ledger to write into, on the same server; it is dropped at the end."""
    name, copy = conninfo_to_dict(database)["dbname"], "accessledger_benchmark_copy"
    with psycopg.connect(make_conninfo(database, dbname="postgres"), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(copy)))
        make = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        connection.execute(make.format(Identifier(copy), Identifier(str(name))))
        try:
            yield make_conninfo(database, dbname=copy)
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(copy)))
