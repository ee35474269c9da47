"""One folder made by hand: which keys are pinned, and which item does not hold."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.infrastructure.evidence.kit.folders import Folder, Signed, folder

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass(frozen=True)
class Case:
    """A folder, the keys that are pinned, and the item that does not hold; None where all does."""

    name: str
    files: Folder
    key: str
    witnesses: Sequence[str]
    item: str | None


def spare_bits(text: str) -> str:
    """Base64 that is not the one form of its bytes: a bit is set that stands for nothing."""
    stem = text.rstrip("=")
    assert stem != text
    return stem[:-1] + _ALPHABET[_ALPHABET.index(stem[-1]) + 1] + text[len(stem) :]


def case(name: str, signed: Signed, files: Folder, item: str | None) -> Case:
    """The case with all of a signer's keys pinned."""
    return Case(name, files, signed.key.written(), [key.written() for key in signed.witness_keys], item)


def signer(seed: int = 11) -> Signed:
    """The same signer each time: what differs between two cases is what the test says."""
    return Signed(random.Random(seed))


def small(signed: Signed) -> Folder:
    """What the shell is quick with, where it is not about trees."""
    return folder(signed, facts=2, terms=None, earlier="none", later=False)
