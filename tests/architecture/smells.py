"""What no file of the product does: SQL in strings, code from data, swallowed errors, a clock of its own."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import Complaint, Source

_KINDS = "TABLE|INDEX|VIEW|FUNCTION|PROCEDURE|TRIGGER|SEQUENCE|SCHEMA|TYPE|POLICY|ROLE|DATABASE|EXTENSION"
SQL = re.compile(
    r"\bSELECT\b.*\bFROM\b|\bINSERT\s+INTO\b|\bUPDATE\s+\S+\s+SET\b|\bDELETE\s+FROM\b|\bTRUNCATE\s+TABLE\b"
    rf"|\b(CREATE|ALTER|DROP)\s+(OR\s+REPLACE\s+|UNIQUE\s+|TEMP(ORARY)?\s+|UNLOGGED\s+|MATERIALIZED\s+)*({_KINDS})\b",
    re.DOTALL,
)
"""In capitals only: prose about selecting or deleting is welcome."""

CODE_FROM_DATA = {
    **dict.fromkeys(("eval", "exec", "compile", "__import__"), "text is never run"),
    **dict.fromkeys(
        ("import_module", "resolve_topic"), "a stored name is never imported; type names are the contract's"
    ),
    **dict.fromkeys(("pickle", "cPickle", "marshal", "shelve", "dill"), "reading these bytes can run them"),
}
"""Names that turn data into running code, each with the reason why the product does without."""

CLOCKS = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))$")
CLOCK_READERS = {
    "infrastructure/doctoring.py": "compares this machine's clock with the database's: that is the finding",
    "infrastructure/store/migrating.py": "the migration tool's own log of when a step was applied; no answer reads it",
    "infrastructure/witness/clock.py": "a witness has no database: when it saw something it says by its own clock",
}
"""Files that may read this machine's clock. What is recorded, and what is asked, takes the database's."""

UNSEALED = {
    "infrastructure/evidence/process.py": "reads what is stored, sealed as it is, and appends no facts",
}
"""Files that may open a store without the boundary that seals personal fields."""

LIBRARY_SWITCH = "POSTGRES_ENABLE_DB_FUNCTIONS"
"""The recorder of the library loses facts for followers in this mode; ours is the only recorder."""

_BROAD = {"Exception", "BaseException"}


def sql_in_strings(source: Source) -> Iterator[Complaint]:
    """SQL lies in .sql files with named statements; a string of Python holds none, however it is put together."""
    for line, text in _strings(source.tree):
        if SQL.search(text):
            yield Complaint(line, f"SQL in a string ({text.strip()[:50]!r}); give it a name in a .sql file")


def code_from_data(source: Source) -> Iterator[Complaint]:
    """Nothing that was stored, sent or configured is ever executed or imported."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Name(id=name, lineno=line) if name in CODE_FROM_DATA:
                yield Complaint(line, f"`{name}`: {CODE_FROM_DATA[name]}")
            case ast.Attribute(attr=name, lineno=line) if name in CODE_FROM_DATA and name not in {"compile", "exec"}:
                yield Complaint(line, f"`{name}`: {CODE_FROM_DATA[name]}")
            case ast.Import(names=names, lineno=line) | ast.ImportFrom(names=names, lineno=line):
                where = node.module or "" if isinstance(node, ast.ImportFrom) else ""
                for name in {part for each in [where, *(alias.name for alias in names)] for part in each.split(".")}:
                    if name in CODE_FROM_DATA:
                        yield Complaint(line, f"imports `{name}`: {CODE_FROM_DATA[name]}")
            case _:
                pass


def library_switch(source: Source) -> Iterator[Complaint]:
    """The library's own way of storing in PostgreSQL is not turned on."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if LIBRARY_SWITCH in line:
            yield Complaint(number, f"names {LIBRARY_SWITCH}; this mode loses facts for followers")


def swallowed_errors(source: Source) -> Iterator[Complaint]:
    """Whoever catches every error raises again or hands the error on; nobody answers with a default."""
    for node in ast.walk(source.tree):
        match node:
            case ast.ExceptHandler(type=kind, lineno=line) if _broad(kind) and not _hands_on(node):
                yield Complaint(line, "catches every error and goes on; name the errors, or raise again")
            case ast.Call(func=called, args=kinds, lineno=line) if _suppresses(called) and any(map(_broad, kinds)):
                yield Complaint(line, "suppresses every error; name the errors")
            case _:
                pass


def own_clock(source: Source) -> Iterator[Complaint]:
    """The clock is the database's, read at the desk; nobody else asks this machine what time it is."""
    if source.path in CLOCK_READERS:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and CLOCKS.search(ast.unparse(node)):
            yield Complaint(
                node.lineno, f"{ast.unparse(node)} reads this machine's clock; take the time as an argument"
            )


def unsealed_store(source: Source) -> Iterator[Complaint]:
    """Whoever opens a store says what seals its personal fields."""
    if source.path in UNSEALED:
        return
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=called, keywords=given) if ast.unparse(called).rpartition(".")[
                2
            ] == "Store" and "sealing" not in {each.arg for each in given}:
                yield Complaint(node.lineno, "opens a store that seals nothing; give it `sealing`")
            case _:
                pass


def _broad(kind: ast.expr | None) -> bool:
    match kind:
        case None:
            return True
        case ast.Tuple(elts=kinds):
            return any(_broad(each) for each in kinds)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _BROAD
        case _:
            return False


def _suppresses(called: ast.expr) -> bool:
    return ast.unparse(called) in {"suppress", "contextlib.suppress"}


def _hands_on(handler: ast.ExceptHandler) -> bool:
    inside = [node for statement in handler.body for node in ast.walk(statement)]
    return any(isinstance(node, ast.Raise) or _is_name(node, handler.name) for node in inside)


def _is_name(node: ast.AST, name: str | None) -> bool:
    return name is not None and isinstance(node, ast.Name) and node.id == name


def _strings(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string that is not a docstring, with the parts of f-strings and of sums put together."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    text = _text(node)
    if text and isinstance(node, ast.expr):
        yield node.lineno, text
    for child in ast.iter_child_nodes(node):
        if not (text and _text(child)):
            yield from _strings(child)


def _text(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(data)):
            return data.decode(errors="replace")
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) or "{}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right) if (found := (_text(left), _text(right))) != ("", ""):
            return (found[0] or "{}") + (found[1] or "{}")
        case _:
            return ""
