"""What checks a bundle knows nothing of what makes one: no database, no trees that grow, no signer, no network."""

import ast
import sys

import pytest

from tests.architecture.sources import ROOT

CHECKING = "infrastructure.bundle.checking"
ALLOWED = {"domain", "projections", "cryptography", "pydantic", "pydantic_core"}
"""Beside the standard library, and the forms of a bundle."""

MAKING = {"bundling", "collecting", "opening", "answering", "proving", "wiring", "exporting"}
"""Modules of the bundle that read a ledger."""

OF_THE_WORLD = {
    "socket",
    "ssl",
    "http",
    "urllib",
    "subprocess",
    "ctypes",
    "asyncio",
    "multiprocessing",
    "os",
    "pathlib",
}


def imports(module: str) -> set[str]:
    """The modules that a module's file imports by name."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    if not path.exists():
        path = ROOT / module.replace(".", "/") / "__init__.py"
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {each for each in below if (ROOT / f"{each.replace('.', '/')}.py").exists()} or {node.module}
    return found


def reached(start: str) -> tuple[set[str], set[str]]:
    """Modules of the bundle that are reached from one, and what these import from elsewhere."""
    inside, outside, waiting = set(), set(), [start]
    while waiting:
        module = waiting.pop()
        if module in inside:
            continue
        inside.add(module)
        for each in imports(module):
            if each.startswith("infrastructure.bundle"):
                waiting.append(each)
            else:
                outside.add(each)
    return inside, outside


def test_the_check_imports_the_domain_the_projections_and_cryptography_alone() -> None:
    _, outside = reached(CHECKING)
    tops = {each.partition(".")[0] for each in outside}
    assert tops - ALLOWED - set(sys.stdlib_module_names) == set()
    assert tops & OF_THE_WORLD == set()


def test_the_check_reaches_nothing_that_makes_a_bundle() -> None:
    inside, _ = reached(CHECKING)
    assert {each.rpartition(".")[2] for each in inside} & MAKING == set()


@pytest.mark.parametrize("module", ["infrastructure.bundle.bundling", "infrastructure.bundle.proving"])
def test_what_makes_a_bundle_would_be_seen(module: str) -> None:
    """The tooth: by the same rule the other side is a stranger."""
    _, outside = reached(module)
    assert "infrastructure" in {each.partition(".")[0] for each in outside}
