"""What the kept projections were made by: where that is not what this program has, they are not used."""

import hashlib
from collections.abc import Mapping

from domain import canonical
from domain.catalogue import Catalogue
from domain.facts import FACT_TYPES
from domain.upcasts import FORMS

FORM = 3
"""Goes up with every change to what is kept, or to how facts fold."""


def made_with(catalogues: Mapping[int, Catalogue]) -> str:
    """A digest of the form, of the types of facts that can be read and their forms, and of the catalogues."""
    content = {
        "form": FORM,
        "types": {name: FORMS.get(name, 1) for name in FACT_TYPES},
        "catalogues": {str(version): catalogue.sha256 for version, catalogue in catalogues.items()},
    }
    return hashlib.sha256(canonical.write(content)).hexdigest()


def made_in(made: str, epoch: int) -> str:
    """The same in an epoch of the keys of persons: what was kept before a destruction may rest on what is erased."""
    return f"{made} {epoch}"
