"""Two tenants in one ledger: the demo's year twice, every word of each marked, so that one seen by the other tells."""

import io
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from domain import canonical
from infrastructure.demo.story import story

AMBER, BIRCH = "amber", "birch"
TENANTS = (AMBER, BIRCH)
_NAMESPACE = UUID("3f6d0f7e-6a4c-5a51-9d0d-0a8f3d2a7c11")

HANDED = frozenset({"berlin", "lisbon", "lumen", "acc-olga", "acc-ann", "acc-mia", "mia", "luis"})
"""What requests name of either tenant: ids that an answer may repeat. Every other word of the other is a leak."""

_SHARED = frozenset({"CataloguePublished", "TermsPublished"})
_IDS = frozenset(
    [
        "location",
        "account",
        "member",
        "chain",
        "subscription",
        "charge",
        "id",
        "on_behalf_of",
        "entity_id",
        "target",
        "session",
        "device",
        "clients_visit_staff_id",
        "timetable_staff_id",
    ]
)
_TEXTS = frozenset(
    [
        "name",
        "reason",
        "contact",
        "note",
        "email",
        "user_agent",
        "sentence",
        "service",
        "position",
        "what",
        "why",
        "source",
        "label",
    ]
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def secret_of(tenant: str) -> str:
    """What stands in every word of a tenant that nobody else may see."""
    return f"{tenant}-secret"


def named(tenant: str, word: str) -> str:
    """An id of the demo as it is called at a tenant."""
    return f"{tenant}-{word}" if word in HANDED else f"{secret_of(tenant)}-{word}"


def _of(tenant: str, value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _of(tenant, inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_of(tenant, inner, key) for inner in value]
    if not isinstance(value, str):
        return value
    if _UUID.fullmatch(value):
        return str(uuid5(_NAMESPACE, f"{tenant} {value}"))
    if key in _IDS:
        return named(tenant, value)
    return f"{secret_of(tenant)} {value}" if key in _TEXTS and value else value


def _facts() -> Iterator[Mapping[str, Any]]:
    for fact in story():
        if fact["type"] in _SHARED:
            yield fact
        else:
            yield from (_of(tenant, fact) for tenant in TENANTS)


@cache
def _lines() -> bytes:
    return b"".join(canonical.write(fact) + b"\n" for fact in _facts())


def tenants_lines() -> io.BytesIO:
    """The facts of both as a file."""
    return io.BytesIO(_lines())


@cache
def facts_of(tenant: str) -> frozenset[str]:
    """The ids of a tenant's facts."""
    return frozenset(_of(tenant, fact["id"]) for fact in story() if fact["type"] not in _SHARED)


@dataclass(frozen=True)
class Steering:
    """Turns what is made up into what could do harm: ids that exist, of either tenant."""

    chance: random.Random

    def steered(self, value: Any, key: str = "") -> Any:
        """The same request, with ids of either tenant in it more often than not."""
        if isinstance(value, dict):
            if key == "actor" and "kind" in value:
                return {**value, "id": _PEOPLE(self.chance)}
            return {name: self.steered(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.steered(inner, key) for inner in value]
        choose = _CHOICES.get(key)
        if choose is None or (key not in _ALWAYS and self.chance.random() < 0.2):
            return value
        return choose(self.chance)


def _one_of(*words: str) -> Callable[[random.Random], str]:
    def choose(chance: random.Random) -> str:
        return named(chance.choice(TENANTS), chance.choice(words))

    return choose


@cache
def handed_facts(tenant: str) -> frozenset[str]:
    """The few facts of a tenant whose ids requests name."""
    return frozenset(sorted(facts_of(tenant))[:5])


def _handed_fact(chance: random.Random) -> str:
    return chance.choice(sorted(handed_facts(chance.choice(TENANTS))))


_PEOPLE = _one_of("acc-olga", "acc-ann", "acc-mia")
_MEMBERS = _one_of("mia", "luis")
_PLACES = _one_of("berlin", "lisbon")
_ALWAYS = frozenset({"wait", "at_least"})
"""What would only be waited for."""

_CHOICES: Mapping[str, Callable[[random.Random], Any]] = {
    "location": _PLACES,
    "locations": _PLACES,
    "chain": _one_of("lumen"),
    "seat": _one_of("mia", "acc-olga", "luis"),
    "account": _PEOPLE,
    "actor": _PEOPLE,
    "target": _PEOPLE,
    "member": _MEMBERS,
    "corrects": _handed_fact,
    "wait": lambda _: 0,
    "at_least": lambda chance: chance.randrange(4000),
    "position": lambda chance: chance.randrange(1, 4200),
    "on": lambda chance: f"202{chance.randrange(5, 8)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}",
    "known": lambda chance: f"2026-0{chance.randrange(1, 10)}-1{chance.randrange(10)}",
    "after": lambda chance: chance.randrange(4200),
}
