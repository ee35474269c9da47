"""The versions of the rights catalogue that ship with the program."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from domain.catalogue import Catalogue, read_catalogue

_SHIPPED = {1: "rights_v1.csv"}


@lru_cache(maxsize=1)
def shipped_catalogues() -> Mapping[int, Catalogue]:
    """Every version by number; the content never changes once a version has shipped."""
    folder = files("domain") / "catalogue"
    return {version: read_catalogue(version, (folder / name).read_bytes()) for version, name in _SHIPPED.items()}
