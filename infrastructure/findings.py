"""What somebody who looks at a ledger's surroundings finds: each thing with how it is and a sentence."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["well", "look", "ill"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and a sentence."""

    what: str
    state: State
    sentence: str
