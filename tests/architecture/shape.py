"""How a file of the product looks: what it says first, how long it is, what it is called, what its reports ask for."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.architecture.sources import Complaint, Source

LONGEST = 300

SAYS_NOTHING = frozenset({"base", "common", "helper", "helpers", "manager", "managers", "misc", "service", "services"})
SAYS_NOTHING |= {"tool", "tools", "util", "utils"}

DATE_NAMES = frozenset({"on", "known", "date", "at", "when", "now", "as_of", "today", "until", "since"})
DATE_TYPES = re.compile(r"\b(datetime|date|AsOf)\b")
DATED = {
    ("projections/effect.py", "effect"): "a rehearsal builds its own two cuts: it is asked before there is one to read",
    ("projections/moments.py", "day"): "words a date that a fact carries",
    ("projections/moments.py", "moment"): "words an instant that a fact carries",
    ("projections/timeline.py", "spans"): "no report: what a late fact changed begins with an instant that facts carry",
    ("projections/sentences/telling.py", "when"): "words an instant that a fact carries",
    ("projections/sentences/telling.py", "day"): "words a date that a fact carries",
}
"""Public functions of projections that take a date, each with the reason. A report is given a cut and asks for none."""

_SENTENCE = re.compile(r"[A-Za-z].*[.?!][)\"`]?$")


def opening(source: Source) -> Iterator[Complaint]:
    """A file says first, in a line of whole sentences, what it is."""
    lines = (ast.get_docstring(source.tree) or "").splitlines()
    if not lines:
        yield Complaint(1, "does not say what it is; begin with a docstring")
    elif not _SENTENCE.fullmatch(lines[0].strip()):
        yield Complaint(1, "the docstring's first line is not a whole sentence")
    elif len(lines) > 1 and lines[1].strip():
        yield Complaint(2, "the docstring's first sentence runs on; leave a line empty below it")


def length(source: Source) -> Iterator[Complaint]:
    """One idea a file."""
    lines = len(source.text.splitlines())
    if lines > LONGEST:
        yield Complaint(lines, f"{lines} lines, more than {LONGEST}; split it by idea")


def naming(source: Source) -> Iterator[Complaint]:
    """A file's or a folder's name says what is in it."""
    path = PurePosixPath(source.path)
    for part in [*path.parts[:-1], path.stem]:
        if SAYS_NOTHING & set(part.lower().split("_")):
            yield Complaint(1, f"`{part}` says nothing; name the idea")


def undated(source: Source) -> Iterator[Complaint]:
    """Reports know no date: the ledger was cut before they read it."""
    if source.package != "projections":
        return
    for function in _public(source.tree):
        if (source.path, function.name) in DATED:
            continue
        arguments = function.args
        for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            kind = ast.unparse(each.annotation) if each.annotation else ""
            if each.arg in DATE_NAMES or DATE_TYPES.search(kind):
                yield Complaint(each.lineno, f"{function.name}() asks for a date (`{each.arg}`); give it a cut")


def _public(body: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in body.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_public(node.name):
            yield node


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name in {"__init__", "__call__"}
