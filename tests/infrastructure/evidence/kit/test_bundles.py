"""The kit on bundles in the product's own form: honest ones, and those of an operator who lies with the true keys."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infrastructure.bundle.archive import unpack
from tests.infrastructure.bundle.operating import Files, Operator
from tests.infrastructure.evidence.kit.checking import spoilt_item
from tests.infrastructure.evidence.kit.folders import unpacked
from tests.infrastructure.evidence.kit.opinions import Program


@pytest.mark.parametrize("seed", range(4))
def test_the_kit_takes_an_honest_operator_s_bundle(seed: int, go: Program, shell: Program, tmp_path: Path) -> None:
    operator = Operator(seed)
    where = unpacked(unpack(operator.bundle()), tmp_path / "bundle")
    witnesses = [operator.witness.key.written()]
    said = go(where, operator.vkey, witnesses)
    assert said.item is None
    assert shell(where, operator.vkey, witnesses) == said
    assert "cosigned" in said.said
    assert "It has grown" in said.said


def _without_a_fact(files: Files) -> Files:
    return files | {name: _without_line(files[name], 3) for name in ("leaves", "bodies", "personal")}


def _without_line(content: bytes, number: int) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(lines[:number] + lines[number + 1 :])


def _another_place(files: Files) -> Files:
    """Another location's facts, with the proofs of this one."""
    other = Operator(77).files()
    return files | {name: other[name] for name in ("leaves", "bodies", "personal")}


def _another_ledger(files: Files) -> Files:
    return Operator(77).files()


LIES: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a relevant fact is left out": (_without_a_fact, "leaves"),
    "another location's facts": (_another_place, "leaves"),
    "another ledger's bundle": (_another_ledger, "checkpoint"),
}


@pytest.mark.parametrize("lie", LIES)
def test_the_kit_finds_the_lie(lie: str, go: Program, shell: Program, tmp_path: Path) -> None:
    operator = Operator(1)
    tell, item = LIES[lie]
    files = tell(operator.files())
    where = unpacked(files, tmp_path / "bundle")
    assert go(where, operator.vkey).item == shell(where, operator.vkey).item == item
    assert spoilt_item(files, operator.vkey) == item


def test_the_kit_sees_that_a_head_is_not_the_newest(go: Program, shell: Program, tmp_path: Path) -> None:
    operator = Operator(1)
    files = operator.files(older=frozenset({f"location:{operator.location}"}))
    where = unpacked(files, tmp_path / "bundle")
    item = spoilt_item(files, operator.vkey)
    assert item is not None
    assert item.startswith("proofs/later, line ")
    assert go(where, operator.vkey).item == shell(where, operator.vkey).item == item
