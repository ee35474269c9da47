"""The house stands as it was drawn: layers, purity, no smells, files that say what they are."""

from collections.abc import Iterable

import pytest

from tests.architecture import layers, shape, smells
from tests.architecture.sources import Checker, Source, product, resources

CHECKERS: tuple[Checker, ...] = (
    layers.direction,
    layers.purity,
    smells.sql_in_strings,
    smells.code_from_data,
    smells.library_switch,
    smells.swallowed_errors,
    smells.own_clock,
    smells.unsealed_store,
    shape.opening,
    shape.length,
    shape.naming,
    shape.undated,
)
OF_ANY_TEXT: tuple[Checker, ...] = (smells.library_switch, shape.length, shape.naming)


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda checker: checker.__name__)
def test_the_product_keeps_the_rule(checker: Checker) -> None:
    _expect_none(checker, _complaints(checker, product()))


@pytest.mark.parametrize("checker", OF_ANY_TEXT, ids=lambda checker: checker.__name__)
def test_what_lies_beside_the_code_keeps_the_rule(checker: Checker) -> None:
    _expect_none(checker, _complaints(checker, resources()))


def test_there_is_something_to_check() -> None:
    assert {source.package for source in product()} == {"domain", "projections", "infrastructure"}
    assert any(source.path.endswith(".sql") for source in resources())


def test_no_exception_is_kept_that_nobody_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An allow-list is data with reasons; an entry whose file went or was mended goes too."""
    kept: list[tuple[Checker, str]] = [(shape.undated, path) for path, _ in shape.DATED]
    kept += [(smells.own_clock, path) for path in smells.CLOCK_READERS]
    kept += [(smells.unsealed_store, path) for path in smells.UNSEALED]
    monkeypatch.setattr(shape, "DATED", {})
    monkeypatch.setattr(smells, "CLOCK_READERS", {})
    monkeypatch.setattr(smells, "UNSEALED", {})
    found = {key: len(_complaints(key[0], [each for each in product() if each.path == key[1]])) for key in kept}
    assert [path for checker, path in kept if found[checker, path] < kept.count((checker, path))] == []


def _complaints(checker: Checker, sources: Iterable[Source]) -> list[str]:
    return [f"{source.path}:{found.line}: {found.says}" for source in sources for found in checker(source)]


def _expect_none(checker: Checker, found: list[str]) -> None:
    if found:
        pytest.fail("\n".join([f"{checker.__doc__}", *found]), pytrace=False)
