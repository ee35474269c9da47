"""One way to spoil a bundle, and what has to be said of it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.infrastructure.bundle.operating import Files, Operator

Spoil = Callable[[Operator, Files, Random], bytes | None]
"""The spoilt bundle; None where there is nothing to spoil in this one."""


@dataclass(frozen=True)
class Mutation:
    """One way to spoil a bundle, and the names of findings of which at least one has to say so."""

    name: str
    named: frozenset[str]
    spoil: Spoil
