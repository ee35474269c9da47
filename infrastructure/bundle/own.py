"""What this very program puts into a bundle beside facts: catalogues, the kit, the replayer; a check compares them."""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

from domain.catalogue import Catalogue, read_catalogue
from infrastructure.bundle.layout import FIRST_DATE, catalogue_name, catalogue_version

_PACKAGES = ("domain", "projections")
_KINDS = (".py", ".csv")
_FIRST_LINE = b"#!/usr/bin/env python3\n"


@dataclass(frozen=True)
class Own:
    """What is the same in every bundle of this version of the program."""

    program: str
    catalogues: Mapping[int, Catalogue]
    catalogue_files: Mapping[int, bytes]
    terms: str
    """SHA-256 of the three generations of terms, as they are written here."""

    kit: Mapping[str, bytes]
    replayer: bytes


@lru_cache(maxsize=1)
def own() -> Own:
    """Read once; nothing of it changes while a program runs."""
    tables = dict(_catalogues())
    return Own(
        program=version("accessledger"),
        catalogues={number: read_catalogue(number, content) for number, content in tables.items()},
        catalogue_files=tables,
        terms=sha256((files("domain") / "terms.py").read_bytes()).hexdigest(),
        kit=dict(_kit()),
        replayer=_replayer(),
    )


def _catalogues() -> Iterator[tuple[int, bytes]]:
    for found in (files("domain") / "catalogue").iterdir():
        number = catalogue_version(f"catalogue/{found.name}")
        if number is not None:
            assert catalogue_name(number).endswith(found.name)
            yield number, found.read_bytes()


def _kit() -> Iterator[tuple[str, bytes]]:
    folder = files("infrastructure") / "evidence" / "kit"
    if folder.is_dir():
        for found in folder.iterdir():
            if found.is_file() and not found.name.startswith(("_", ".")):
                yield f"kit/{found.name}", found.read_bytes()


def _replayer() -> bytes:
    """The inner two packages as they are here, and a small program over them; not packed, so the same everywhere."""
    out = BytesIO()
    out.write(_FIRST_LINE)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as archive:
        for name, content in _sources():
            entry = zipfile.ZipInfo(name, FIRST_DATE)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def _sources() -> Iterator[tuple[str, bytes]]:
    outer = files("infrastructure")
    yield "__main__.py", (outer / "bundle" / "replayer.py").read_bytes()
    for name in ("__init__.py", "bundle/__init__.py", "bundle/sealed.py"):
        yield f"infrastructure/{name}", outer.joinpath(*name.split("/")).read_bytes()
    for package in _PACKAGES:
        yield from sorted(_below(files(package), f"{package}/"))


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for found in folder.iterdir():
        if found.is_dir():
            if not found.name.startswith(("_", ".")):
                yield from _below(found, f"{prefix}{found.name}/")
        elif found.name.endswith(_KINDS):
            yield f"{prefix}{found.name}", found.read_bytes()
