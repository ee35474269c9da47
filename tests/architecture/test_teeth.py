"""Every checker bites: given a small broken file it complains, given the mended one it does not."""

from dataclasses import dataclass

import pytest

from tests.architecture import layers, shape, smells
from tests.architecture.sources import Checker, Source

TEAM, SEATS, DESK = "domain/team.py", "projections/seats.py", "infrastructure/desk.py"


@dataclass(frozen=True)
class Bite:
    """A rule, a file that breaks it, and one that does not."""

    checker: Checker
    path: str
    broken: str
    whole: str = "x = 1\n"
    path_of_whole: str = ""


BITES = (
    Bite(layers.direction, TEAM, "import psycopg\n", "import re\nimport pydantic\nfrom domain import facts\n"),
    Bite(layers.direction, TEAM, "from projections.seats import seats\n", "from domain.team import Team\n"),
    Bite(layers.direction, TEAM, "def f():\n    import eventsourcing.domain\n"),
    Bite(layers.direction, TEAM, "from . import team\n"),
    Bite(layers.direction, TEAM, "from ..infrastructure import desk\n"),
    Bite(layers.direction, SEATS, "import pydantic\n", "from domain import team\nfrom projections import seats\n"),
    Bite(layers.direction, SEATS, "from infrastructure.store import Store\n"),
    Bite(layers.direction, SEATS, "if True:\n    from infrastructure import desk\n"),
    Bite(layers.direction, DESK, "from tests.naive import reading\n", "import psycopg\nimport yoyo\n"),
    *(Bite(layers.purity, TEAM, f"import {module}\n") for module in layers.FORBIDDEN_MODULES),
    Bite(layers.purity, SEATS, "from time import time\n", "from datetime import timedelta\n"),
    Bite(layers.purity, SEATS, "from os.path import join\n", "from operator import attrgetter\n"),
    Bite(layers.purity, SEATS, "def f():\n    import urllib.request as web\n"),
    Bite(layers.purity, TEAM, "import datetime\nat = datetime.datetime.now()\n", "def f(at): return at\n"),
    Bite(layers.purity, TEAM, "from uuid import uuid4\n", "from uuid import uuid5\n"),
    Bite(layers.purity, TEAM, "from uuid import uuid4 as fresh\n"),
    Bite(layers.purity, TEAM, "def f(clock): return clock.now\n"),
    Bite(layers.purity, TEAM, "def f(now): return 1\n", "def f(nowhere): return 1\n"),
    *(Bite(layers.purity, TEAM, f"def f(a): return a.{name}\n") for name in layers.FORBIDDEN_NAMES),
    *(Bite(layers.purity, SEATS, f"{name}('x')\n") for name in layers.FORBIDDEN_NAMES),
    *(Bite(layers.purity, SEATS, f"x = {name}('x')\n", "x = a.id\n") for name in layers.FORBIDDEN_CALLS),
    Bite(layers.purity, SEATS, "print('x')\n", "print('x')\n", path_of_whole=DESK),
    Bite(smells.sql_in_strings, DESK, "q = 'SELECT a FROM b'\n", '"""SELECT a FROM b."""\n'),
    Bite(smells.sql_in_strings, DESK, "q = b'SELECT a FROM b'\n", "q = 'select a row from the list'\n"),
    Bite(smells.sql_in_strings, DESK, 'q = """\n  SELECT a\n  FROM b"""\n', 'x = 1\n"""SELECT a FROM b."""\n'),
    Bite(smells.sql_in_strings, DESK, "q = f'SELECT {a} FROM {b}'\n", "q = f'SELECTED {a} FROM {b}'\n"),
    Bite(smells.sql_in_strings, DESK, "q = 'SELECT ' + a + ' FROM b'\n", "q = 'SELECT ' + a\nr = ' FROM b'\n"),
    Bite(smells.sql_in_strings, DESK, "q = 'SELECT a ' 'FROM b'\n"),
    Bite(smells.sql_in_strings, DESK, "q = f'x{run(\"SELECT a FROM b\")}'\n"),
    Bite(smells.sql_in_strings, DESK, "q = 'x' + run('SELECT a FROM b')\n"),
    Bite(smells.sql_in_strings, SEATS, "run(q='INSERT INTO a VALUES (1)')\n", "run(q='to insert into a')\n"),
    Bite(smells.sql_in_strings, TEAM, "Q = ['UPDATE facts SET a = 1']\n", "Q = ['UPDATE the list, then SET it']\n"),
    Bite(smells.sql_in_strings, TEAM, "def f():\n    return 'DELETE FROM facts'\n"),
    Bite(smells.sql_in_strings, DESK, "q = 'CREATE TABLE a (b int)'\n"),
    Bite(smells.sql_in_strings, DESK, "q = 'CREATE UNIQUE INDEX a ON b (c)'\n"),
    Bite(smells.sql_in_strings, DESK, "q = f'DROP DATABASE {a}'\n"),
    Bite(smells.code_from_data, DESK, "eval('1')\n", "import re\nre.compile('a')\n"),
    Bite(smells.code_from_data, DESK, "run = exec\n", "cursor.exec('a')\n"),
    Bite(smells.code_from_data, DESK, "compile(a, 'b', 'eval')\n"),
    Bite(smells.code_from_data, DESK, "__import__('os')\n"),
    Bite(smells.code_from_data, DESK, "import pickle\n"),
    Bite(smells.code_from_data, DESK, "from pickle import loads\n"),
    Bite(
        smells.code_from_data,
        DESK,
        "import importlib\nimportlib.import_module(a)\n",
        "from importlib import resources\n",
    ),
    Bite(smells.code_from_data, DESK, "from importlib import import_module as bring\n"),
    Bite(smells.code_from_data, DESK, "from eventsourcing.utils import resolve_topic\n"),
    Bite(smells.code_from_data, DESK, "import eventsourcing.utils as u\nu.resolve_topic(a)\n"),
    Bite(smells.library_switch, DESK, "env = {'POSTGRES_ENABLE_DB_FUNCTIONS': 'y'}\n"),
    Bite(smells.library_switch, TEAM, "# POSTGRES_ENABLE_DB_FUNCTIONS\n"),
    Bite(smells.swallowed_errors, DESK, "try: f()\nexcept Exception: pass\n", "try: f()\nexcept ValueError: pass\n"),
    Bite(smells.swallowed_errors, DESK, "def g():\n    try: f()\n    except Exception: return None\n"),
    Bite(smells.swallowed_errors, DESK, "try: f()\nexcept: x = 0\n", "try: f()\nexcept: undo(); raise\n"),
    Bite(
        smells.swallowed_errors,
        DESK,
        "try: f()\nexcept (OSError, BaseException) as error: log('failed')\n",
        "try: f()\nexcept Exception as error: waiting.set_exception(error)\n",
    ),
    Bite(smells.swallowed_errors, DESK, "with suppress(Exception): f()\n", "with suppress(OSError): f()\n"),
    Bite(smells.own_clock, DESK, "from datetime import datetime\nat = datetime.now(UTC)\n", "at = store.now()\n"),
    Bite(smells.own_clock, DESK, "import datetime\nat = datetime.datetime.utcnow()\n"),
    Bite(smells.own_clock, DESK, "import time\nat = time.time()\n", "import time\nleft = time.monotonic()\n"),
    Bite(smells.own_clock, DESK, "from datetime import date\nclock = date.today\n"),
    Bite(
        smells.unsealed_store,
        DESK,
        "with Store(url) as store: pass\n",
        "with Store(url, sealing=keys) as store: pass\n",
    ),
    Bite(smells.unsealed_store, DESK, "s = store.Store(url, connections=3)\n", "s = KeyStore(url)\n"),
    Bite(shape.opening, TEAM, "x = 1\n", '"""What a team is."""\n'),
    Bite(shape.opening, TEAM, '"""The team"""\n', '"""Whose turn is it?"""\n'),
    Bite(shape.opening, TEAM, '"""\n"""\n', '"""The team (rules.md)."""\n'),
    Bite(shape.opening, TEAM, '"""The team and\nits people."""\n', '"""The team.\n\nAnd its people.\n"""\n'),
    Bite(shape.opening, TEAM, '"""The team.\nAnd its people."""\n', '"""The team."""\n'),
    Bite(shape.length, TEAM, "x = 1\n" * 301, "x = 1\n" * 300),
    *(Bite(shape.naming, f"infrastructure/{name}.py", "", path_of_whole=DESK) for name in sorted(shape.SAYS_NOTHING)),
    Bite(shape.naming, "infrastructure/utils/time.py", "", path_of_whole="infrastructure/database.py"),
    Bite(shape.naming, "domain/team_helpers.py", "", path_of_whole=TEAM),
    Bite(shape.undated, SEATS, "def seats(cut, on): return on\n", "def seats(cut): return cut\n"),
    Bite(shape.undated, SEATS, "def seats(cut, *, known=None): return cut\n", "def _at(cut, known): return cut\n"),
    Bite(
        shape.undated, SEATS, "def seats(cut, x: datetime | None): return x\n", "def seats(cut, x: Update): return x\n"
    ),
    Bite(shape.undated, SEATS, "def seats(cut, x: 'datetime.date'): return x\n"),
    Bite(shape.undated, SEATS, "def seats(ledger, x: AsOf): return x\n"),
    Bite(
        shape.undated,
        SEATS,
        "class Seats:\n    def __init__(self, day: date): ...\n",
        "class _Seats:\n    def f(self, on): ...\n",
    ),
    Bite(shape.undated, SEATS, "async def seats(now): ...\n", "def seats(at): ...\n", path_of_whole=DESK),
    Bite(shape.undated, SEATS, "def effect(known): ...\n", path_of_whole="projections/effect.py"),
)


@pytest.mark.parametrize("bite", BITES, ids=lambda bite: f"{bite.checker.__name__}: {bite.broken[:60]!r}")
def test_a_broken_file_is_complained_about_and_a_whole_one_is_not(bite: Bite) -> None:
    assert list(bite.checker(Source(bite.path, bite.broken)))
    assert not list(bite.checker(Source(bite.path_of_whole or bite.path, bite.whole)))
