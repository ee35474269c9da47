"""The project's own files as the architecture tests read them: from disk, and as git knows them."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "projections", "infrastructure")


class Complaint(NamedTuple):
    """One place that breaks a rule, and what to do about it."""

    line: int
    says: str


@dataclass(frozen=True)
class Source:
    """One file of the product."""

    path: str
    text: str

    @property
    def package(self) -> str:
        return PurePosixPath(self.path).parts[0]

    @property
    def inner(self) -> bool:
        """Whether it is part of what must stay pure."""
        return self.package in {"domain", "projections"}

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.path)


Checker = Callable[[Source], Iterator[Complaint]]


@cache
def product() -> tuple[Source, ...]:
    """Every Python file of the three packages, committed or not."""
    return tuple(_source(path) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))


@cache
def resources() -> tuple[Source, ...]:
    """What else lies in the three packages and is written by hand."""
    kinds = (".sql", ".html", ".css", ".js")
    found = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*")) if path.suffix in kinds)
    return tuple(_source(path) for path in found)


def _source(path: Path) -> Source:
    return Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


@cache
def committed() -> tuple[str, ...]:
    """Every path that git follows and that is there; where there is no git, every file that it would not ignore."""
    try:
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        return tuple(_not_ignored())
    return tuple(path for path in listed if path and (ROOT / path).is_file())


def _not_ignored() -> Iterator[str]:
    patterns = [".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split())]
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if path.is_file() and not any(fnmatch(part, pattern) for part in parts for pattern in patterns):
            yield path.relative_to(ROOT).as_posix()
