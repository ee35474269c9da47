"""What checks the evidence shares nothing with what makes it: one mistake cannot hide the other."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import Complaint, Source, product, resources

_ALLOWED = ("domain.", "infrastructure.verification", "infrastructure.postgres.statements")
_REMEMBERS = "infrastructure/verification/remembered.py"
"""It judges nothing: it writes down what came of it, and may use the store for that."""

_MAKES = "infrastructure.evidence"


def independent(source: Source) -> Iterator[Complaint]:
    """Verification imports the domain, libraries and its own statements; nothing of what makes evidence."""
    if not source.path.startswith("infrastructure/verification/") or source.path == _REMEMBERS:
        return
    for node in ast.walk(source.tree):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            modules.append(node.module)
        for module in modules:
            own = module.startswith(("domain", "projections", "infrastructure"))
            if own and not module.startswith(_ALLOWED):
                yield Complaint(getattr(node, "lineno", 1), f"imports {module}; verification stands by itself")
    if "statements(" in source.text and '"verification"' not in source.text:
        yield Complaint(1, "reads by statements that are not its own")


def test_verification_stands_by_itself() -> None:
    found = [f"{each.path}:{said.line}: {said.says}" for each in product() for said in independent(each)]
    assert found == []


def test_what_makes_evidence_does_not_use_it() -> None:
    found = [
        each.path
        for each in product()
        if each.path.startswith("infrastructure/evidence/") and "infrastructure.verification" in each.text
    ]
    assert found == []


def test_its_statements_are_read_by_nobody_else() -> None:
    assert any(each.path == "infrastructure/postgres/verification.sql" for each in resources())
    users = {each.path for each in product() if 'statements("verification")' in each.text}
    assert {path for path in users if not path.startswith("infrastructure/verification/")} == {
        "infrastructure/daily/process.py"
    }, "the daily run takes the lock by one of them"


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("from infrastructure.evidence.merkle import root\n", "from domain.evidence.trees import root_of\n"),
        ("import infrastructure.evidence.growing\n", "import psycopg\n"),
        (
            "def f():\n    from infrastructure.store import Store\n",
            "from infrastructure.verification.faults import Faults\n",
        ),
        ('_SQL = statements("evidence")\n', '_SQL = statements("verification")\n'),
    ],
)
def test_the_rule_bites(broken: str, whole: str) -> None:
    path = "infrastructure/verification/trees.py"
    assert list(independent(Source(path, broken)))
    assert not list(independent(Source(path, whole)))
    assert not list(independent(Source("infrastructure/evidence/growing.py", broken)))
