"""What lies where in a bundle: a closed list of names, and how large each thing may be."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

FORMAT = 1
"""The version of the format; another one is refused, not guessed at."""

MANIFEST = "manifest.json"
ANSWERS = "answers.json"
OPENED = "opened.json"
CHECKPOINT = "checkpoint"
CONSISTENCY = "proofs/consistency"
EARLIER = "earlier-checkpoint"
EARLIER_HEAD = "earlier-head.json"
EARLIER_INCLUSION = "proofs/earlier-head-inclusion"
PAGE = "index.html"
README = "README.txt"
REPLAYER = "replayer.pyz"
CATALOGUES = "catalogue/"
KIT = "kit/"

_CATALOGUE = re.compile(r"catalogue/rights_v([1-9][0-9]{0,5})\.csv")
_KIT = re.compile(r"kit/[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}")

LARGEST_BUNDLE = 1 << 28
LARGEST_FILE = 1 << 28
LARGEST_CONTENT = 1 << 29
"""Bytes of a bundle, of one file in it, and of all of them together."""

MOST_FILES = 64
MOST_LATER = 50_000
"""Leaves of the head log that a bundle shows behind the head of the terms; the rest of a busy log would be too much."""

MOST_DAYS = 366
"""Days of one bundle."""

FIRST_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class TreeNames:
    """The files of one tree: its head in the head log, that it stands there and is the newest, and all its leaves."""

    folder: str

    @property
    def head(self) -> str:
        """The leaf of the head log."""
        return f"{self.folder}head.json"

    @property
    def inclusion(self) -> str:
        """Its index, and the proof of inclusion."""
        return f"{self.folder}proofs/head-inclusion"

    @property
    def later(self) -> str:
        """Every leaf of the head log behind it: among them no other head of this tree."""
        return f"{self.folder}proofs/later"

    @property
    def leaves(self) -> str:
        """The leaves of the tree, one a line."""
        return f"{self.folder}leaves"

    @property
    def bodies(self) -> str:
        """The canonical bytes of the facts that are disclosed, one a line; an empty line for one that is not."""
        return f"{self.folder}bodies"

    @property
    def personal(self) -> str:
        """Their sealed personal fields, on the same lines."""
        return f"{self.folder}personal"

    def all(self) -> Iterable[str]:
        """Every name."""
        return (self.head, self.inclusion, self.later, self.leaves, self.bodies, self.personal)


PLACE = TreeNames("")
TERMS = TreeNames("terms/")

_NAMES = frozenset(
    (
        MANIFEST,
        ANSWERS,
        OPENED,
        CHECKPOINT,
        CONSISTENCY,
        EARLIER,
        EARLIER_HEAD,
        EARLIER_INCLUSION,
        PAGE,
        README,
        REPLAYER,
        *PLACE.all(),
        *TERMS.all(),
    )
)


def is_known(name: str) -> bool:
    """Whether a bundle may hold a file of that name."""
    return name in _NAMES or _CATALOGUE.fullmatch(name) is not None or _KIT.fullmatch(name) is not None


def catalogue_name(version: int) -> str:
    """Where a version of the rights catalogue lies."""
    return f"{CATALOGUES}rights_v{version}.csv"


def catalogue_version(name: str) -> int | None:
    """Which version of the rights catalogue a name is of; None if of none."""
    found = _CATALOGUE.fullmatch(name)
    return int(found[1]) if found is not None else None
