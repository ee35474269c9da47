"""What the inner packages may import and name: domain <- projections <- infrastructure, and no world inside."""

import ast
import sys
from collections.abc import Iterator

from tests.architecture.sources import PACKAGES, Complaint, Source

ALLOWED_IMPORTS = {
    "domain": {"domain", "pydantic", "pydantic_core"},
    "projections": {"domain", "projections"},
}
"""Beside the standard library; infrastructure may import anything but the tests."""

_CLOCK = "a clock is an argument"
_CHANCE = "chance is an argument; ids follow from the command's"
_SURROUNDINGS = "settings are arguments; there are no surroundings to read"
_FILES = "files are read and written in infrastructure; bytes are an argument"
_WORLD = "the world is touched in infrastructure only"
_WAITING = "a fold neither waits nor runs beside another"

FORBIDDEN_MODULES = {
    **dict.fromkeys(("time", "sched"), _CLOCK),
    **dict.fromkeys(("random", "secrets"), _CHANCE),
    **dict.fromkeys(("os", "sys", "platform", "getpass", "locale", "argparse", "builtins", "site"), _SURROUNDINGS),
    **dict.fromkeys(("io", "pathlib", "shutil", "tempfile", "glob", "fileinput", "sqlite3", "mmap", "dbm"), _FILES),
    **dict.fromkeys(("socket", "ssl", "http", "urllib", "smtplib", "subprocess", "signal", "ctypes"), _WORLD),
    **dict.fromkeys(("logging", "warnings"), "what is worth saying is part of the answer, not of a log"),
    **dict.fromkeys(("threading", "multiprocessing", "concurrent", "asyncio", "queue", "select"), _WAITING),
    **dict.fromkeys(("contextvars", "atexit", "gc", "weakref"), "nothing is ambient"),
    **dict.fromkeys(("importlib", "pkgutil", "runpy", "inspect"), "the catalogues are closed; nothing is looked up"),
}
"""Modules of the standard library that domain and projections must not import, each with the reason."""

FORBIDDEN_NAMES = {
    **dict.fromkeys(("now", "utcnow", "today", "time_ns", "monotonic", "perf_counter"), _CLOCK),
    **dict.fromkeys(("uuid1", "uuid4", "random", "randint", "urandom", "token_hex"), _CHANCE),
    **dict.fromkeys(("environ", "getenv"), _SURROUNDINGS),
    **dict.fromkeys(("open", "read_text", "read_bytes", "write_text", "write_bytes"), _FILES),
    **dict.fromkeys(("print", "input", "socket", "subprocess"), _WORLD),
    "sleep": _WAITING,
}
"""Names that domain and projections use nowhere, not even for a variable: the reader should not have to look twice."""

FORBIDDEN_CALLS = {
    "hash": "it differs from process to process; use a digest",
    "id": "it differs from run to run",
    "time.time": _CLOCK,
}
"""Calls that domain and projections do not make."""


def direction(source: Source) -> Iterator[Complaint]:
    """Imports go inwards only."""
    allowed = ALLOWED_IMPORTS.get(source.package)
    for line, module in _imports(source.tree):
        top = module.partition(".")[0]
        if not top:
            yield Complaint(line, "a relative import; name the package in full")
        elif top == "tests":
            yield Complaint(line, "the product imports its tests")
        elif allowed is not None and top not in allowed and top not in sys.stdlib_module_names:
            who = "an outer package" if top in PACKAGES else "a library"
            yield Complaint(
                line, f"{source.package} imports {module}, {who}; it may import {', '.join(sorted(allowed))}"
            )


def purity(source: Source) -> Iterator[Complaint]:
    """The inner packages know no clock, no chance, no surroundings, no files and no network."""
    if not source.inner:
        return
    for line, module in _imports(source.tree):
        reason = FORBIDDEN_MODULES.get(module.partition(".")[0])
        if reason is not None:
            yield Complaint(line, f"{source.package} imports {module}: {reason}")
    for node in ast.walk(source.tree):
        for name in _names(node):
            if name in FORBIDDEN_NAMES:
                yield Complaint(_line(node), f"{source.package} names `{name}`: {FORBIDDEN_NAMES[name]}")
        if isinstance(node, ast.Call) and (reason := FORBIDDEN_CALLS.get(ast.unparse(node.func))) is not None:
            yield Complaint(node.lineno, f"{source.package} calls {ast.unparse(node.func)}(): {reason}")


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module if node.module is not None and node.level == 0 else ""


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            yield name
        case ast.alias(name=name, asname=other):
            yield from {name, other or name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case _:
            pass


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 1)
