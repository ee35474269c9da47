"""The repository as it is handed over: what lies at the top, what is nowhere to be found."""

import pytest

from tests.architecture.sources import ROOT, committed

TOP = {"pyproject.toml", "README.md", "domain", "projections", "infrastructure", "tests", "requirements.lock"}
REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("registry", "npmjs", "org"),
    ("registry", "yarnpkg", "com"),
    ("deb", "debian", "org"),
    ("security", "debian", "org"),
    ("crates", "io"),
    ("proxy", "golang", "org"),
    ("rubygems", "org"),
)
"""Their names in parts, so that this file names none. Where packages come from is up to who installs them."""


def test_the_top_level_holds_what_the_readme_says() -> None:
    assert strangers(committed()) == set()
    assert {path.partition("/")[0] for path in committed()} >= TOP


def test_no_committed_file_names_a_registry() -> None:
    assert [path for path in committed() if hosts((ROOT / path).read_text(encoding="utf-8", errors="replace"))] == []


def test_there_is_no_package_among_the_tests() -> None:
    assert packages_among_tests(committed()) == []


def strangers(paths: tuple[str, ...]) -> set[str]:
    return {top for path in paths if not (top := path.partition("/")[0]).startswith(".")} - TOP


def hosts(text: str) -> list[str]:
    lowered = text.lower()
    return [host for host in map(".".join, REGISTRIES) if host in lowered]


def packages_among_tests(paths: tuple[str, ...]) -> list[str]:
    return [path for path in paths if path.startswith("tests/") and path.endswith("/__init__.py")]


def test_a_stranger_at_the_top_is_seen() -> None:
    assert strangers(("README.md", ".ci/run", "domain/team.py", "docs/design.md", "uv.lock")) == {"docs", "uv.lock"}


@pytest.mark.parametrize("parts", REGISTRIES)
def test_an_address_of_a_registry_is_seen(parts: tuple[str, ...]) -> None:
    host = ".".join(parts)
    assert hosts(f"from https://{host}/simple") == [host]
    assert hosts(f"{host.upper()}") == [host]
    assert hosts(" ".join(parts)) == []


def test_a_package_among_the_tests_is_seen() -> None:
    paths = ("tests/store/__init__.py", "domain/__init__.py", "tests/store/test_read.py")
    assert packages_among_tests(paths) == ["tests/store/__init__.py"]
