"""Who asks: what a credential says of a request, before any rule looks at it."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from domain.facts import Actor, Device

Scope: TypeAlias = Literal["read", "export", "feed", "command", "vouch", "correct", "import", "operate", "erase"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""What a key may be good for: `vouch` passes on actor and device of the people whom a system serves; `erase`
gives, with `command`, the commands about erasures, and with `export` takes along what is held about a person."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a credential is good: everywhere, in named locations, in all locations of named chains."""

    everywhere: bool = False
    locations: frozenset[str] = frozenset()
    chains: frozenset[str] = frozenset()


EVERYWHERE = Places(everywhere=True)
NOWHERE = Places()


@dataclass(frozen=True, slots=True)
class Caller:
    """One who has come in. Actor and device come from the credential and the request, never from a body."""

    actor: Actor
    credential: str
    """Which key, session or link: what a fact names as its session, and what can be taken back."""

    device: Device | None = None
    scopes: frozenset[Scope] = frozenset()
    """What the credential itself allows; what a person may do besides follows from the ledger's facts."""

    places: Places = field(default=NOWHERE)

    @property
    def account(self) -> str | None:
        """The account of a person; None for keys, systems and outside auditors."""
        return self.actor.id if self.actor.kind == "person" else None
