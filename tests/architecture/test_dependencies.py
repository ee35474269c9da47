"""What the project rests on: pinned with hashes, without an address, and each with its reason in the README."""

import re
import tomllib
from collections.abc import Iterable
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.sources import ROOT

_DIGEST = re.compile(r"--hash=sha256:[0-9a-f]{64}")


class Pin(NamedTuple):
    """One pinned package of requirements.lock."""

    name: str
    version: str
    hashed: bool


def test_everything_asked_for_is_pinned() -> None:
    pins = {pin.name: pin for pin in read_pins(_lock())}
    assert unpinned([*runtime(), *development(), *building()], pins) == [], (
        "write requirements.lock again: uv pip compile pyproject.toml --group dev --universal --python-version 3.11"
        " --generate-hashes --no-emit-index-url --no-header --annotation-style line -o requirements.lock"
    )


def test_every_pin_has_a_hash_and_no_address() -> None:
    pins = read_pins(_lock())
    assert [pin.name for pin in pins if not pin.hashed] == []
    assert len({pin.name for pin in pins}) == len(pins)
    assert addresses(_lock()) == []


def test_whoever_reads_the_readme_learns_why_each_library_is_there() -> None:
    section = dependencies_section((ROOT / "README.md").read_text(encoding="utf-8"))
    assert section, "README.md has no section whose heading says 'dependencies'"
    silent = unexplained([each.name for each in runtime()], section)
    assert silent == [], f"the dependencies section of README.md has no line that names these and says why: {silent}"


def runtime() -> list[Requirement]:
    return [Requirement(each) for each in _project()["project"]["dependencies"]]


def development() -> list[Requirement]:
    return [Requirement(each) for each in _project()["dependency-groups"]["dev"]]


def building() -> list[Requirement]:
    return [Requirement(each) for each in _project()["build-system"]["requires"]]


def read_pins(text: str) -> list[Pin]:
    """The pins of a lock file: `name==version ; marker` and its hashes, over several lines."""
    return [_pin(line) for line in re.sub(r"\\\n", " ", text).splitlines() if re.match(r"\w", line)]


def _pin(line: str) -> Pin:
    stated = Requirement(line.partition(" --hash")[0].strip())
    exact = [each.version for each in stated.specifier if each.operator == "=="]
    return Pin(canonicalize_name(stated.name), exact[0] if exact else "", bool(_DIGEST.search(line)))


def unpinned(asked: Iterable[Requirement], pins: dict[str, Pin]) -> list[str]:
    """What is asked for and not pinned to a version that will do."""
    return [str(each) for each in asked if not _answers(pins.get(canonicalize_name(each.name)), each)]


def _answers(pin: Pin | None, asked: Requirement) -> bool:
    return pin is not None and bool(pin.version) and asked.specifier.contains(Version(pin.version), prereleases=True)


def addresses(text: str) -> list[str]:
    """The lines that say where to find a package."""
    return [line for line in text.splitlines() if "://" in line or re.match(r"\s*(-i|-f|--[a-z-]*(url|links))\b", line)]


def dependencies_section(readme: str) -> str:
    """The text under the first heading that names dependencies, up to the next heading of its rank."""
    heading = re.search(r"^(#+) [^\n]*dependenc[^\n]*$", readme, re.MULTILINE | re.IGNORECASE)
    if heading is None:
        return ""
    rest = readme[heading.end() :]
    end = re.search(rf"^#{{1,{len(heading[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def unexplained(names: Iterable[str], section: str) -> list[str]:
    """The names that no line gives a reason for: the name as a word of its own, and a few more words."""
    lines = section.splitlines()
    return [name for name in names if not any(_explains(line, name) for line in lines)]


def _explains(line: str, name: str) -> bool:
    named = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", line, re.IGNORECASE)
    return named is not None and len(re.findall(r"[a-z]{2,}", line.replace(named[0], ""), re.IGNORECASE)) >= 3


def _project() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _lock() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


A_HASH = f"--hash=sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("lock", "pins"),
    [
        (f"a-b==1.2 \\\n    {A_HASH} \\\n    {A_HASH}\n    # via c\n", [Pin("a-b", "1.2", True)]),
        (f"A_b==1.2 ; sys_platform == 'win32' \\\n    {A_HASH}\n", [Pin("a-b", "1.2", True)]),
        ("a==1.2\n", [Pin("a", "1.2", False)]),
        ("a==1.2 \\\n    --hash=sha256:12\n", [Pin("a", "1.2", False)]),
        (f"a>=1.2 \\\n    {A_HASH}\n", [Pin("a", "", True)]),
    ],
)
def test_pins_are_read(lock: str, pins: list[Pin]) -> None:
    assert read_pins(lock) == pins


@pytest.mark.parametrize("version", [None, "", "0.9", "2.0"])
def test_a_missing_or_unfit_pin_is_seen(version: str | None) -> None:
    pins = {} if version is None else {"a-b": Pin("a-b", version, True)}
    assert unpinned([Requirement("A.b>=1,<2")], pins) == ["A.b<2,>=1"]
    assert unpinned([Requirement("A.b>=1,<2")], {"a-b": Pin("a-b", "1.5", True)}) == []


@pytest.mark.parametrize(
    "line", ["--index-url x", "-i x", "--find-links x", "a @ https://x/a.whl", "--extra-index-url=x"]
)
def test_an_address_is_seen(line: str) -> None:
    assert addresses(f"a==1 \\\n    {A_HASH}\n{line}\n    # via b\n") == [line]


def test_a_library_without_a_reason_is_seen() -> None:
    listed = "- `a-b`: reads the wire format\n- c\n### more\n- d keeps the time\n"
    readme = f"# x\n\n## Dependencies\n\n{listed}## e\n- e is not here\n"
    assert unexplained(["a-b", "a", "c", "d", "e"], dependencies_section(readme)) == ["a", "c", "e"]
    assert dependencies_section("# x\n") == ""
