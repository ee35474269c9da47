"""Personal fields by whom they are about: a fact's are divided into parts, one a subject, and joined back.

A part whose key is destroyed is joined back as a placeholder, so that every fold goes on with the same facts.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from domain import canonical
from domain.commands import COMMANDS
from domain.facts import Actor, CommandRefused, Correction, Fact, LogViewed, RecordDeleted, RecordEdited

Content: TypeAlias = dict[str, Any]

ERASED = "erased"
"""In the place of a contact that was erased."""

_PSEUDONYM = f"{ERASED}-"
_DIGITS = 10
_PEOPLE = frozenset({"client", "patient", "customer", "lead", "contact"})
"""Entities of the application that are persons, each a subject of its own."""

_DEVICE = frozenset({"device"})
_OF_ERASURE = frozenset({"ErasureAsked", "ErasureRefused", "ErasureAllowed", "PersonErased"})
_ABOUT_MEMBERS = frozenset(
    name
    for name, form in COMMANDS.items()
    if "member" in form.model_fields and form.model_fields["member"].is_required()
)
"""Commands whose target is a member; that of others is an account."""


class Part(NamedTuple):
    """What a fact says about one subject: which fields, and the fields themselves in the one written form."""

    subject: str
    fields: tuple[str, ...]
    personal: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A part as it comes back: `personal` is None when it was erased."""

    subject: str
    fields: tuple[str, ...]
    personal: bytes | None


def parts_of(
    fact: Fact, personal: Mapping[str, Any], written: bytes, write: Callable[[Content], bytes] = canonical.write
) -> tuple[Part, ...]:
    """The parts of a fact's personal fields, sorted by subject; `written` is `personal` in the one written form.

    `write` is what has written it: what is divided keeps the order of its keys.
    """
    if personal.keys() == _DEVICE:
        return (Part(_acting(fact.actor), _paths("device", tuple(personal["device"]), 0), written),)
    divided: dict[str, tuple[Content, list[str]]] = {}
    _divide(divided, fact, personal, ())
    if len(divided) == 1:
        ((subject, (_, fields)),) = divided.items()
        return (Part(subject, tuple(sorted(fields)), written),)
    return tuple(
        Part(subject, tuple(sorted(fields)), write(content)) for subject, (content, fields) in sorted(divided.items())
    )


def joined(parts: Sequence[Opened]) -> bytes | None:
    """The personal fields of all parts together, as they were before they were divided; None where none is left."""
    if len(parts) == 1 and parts[0].personal is not None:
        return parts[0].personal
    whole: Content = {}
    for part in parts:
        content = placeholder(part.subject, part.fields) if part.personal is None else canonical.read(part.personal)
        _merge(whole, content)
    return canonical.write(whole) if whole else None


def pseudonym_of(subject: str) -> str:
    """By what name an erased subject goes: the same everywhere and for ever."""
    return _PSEUDONYM + hashlib.sha256(subject.encode()).hexdigest()[:_DIGITS]


def placeholder(subject: str, fields: Iterable[str]) -> Content:
    """What is read in the place of fields that were erased; optional texts are left out."""
    content: Content = {}
    for field in fields:
        *path, name = field.split(".")
        value = _in_place_of(name, subject)
        if value is not None:
            place = content
            for step in _in_personal(path):
                place = place.setdefault(step, {})
            place[name] = value
    return content


def account_subject(account: str) -> str:
    """A person by the account; everywhere the same one."""
    return f"account:{account}"


def member_subject(location: str | None, member: str) -> str:
    """A member of a location."""
    return f"member:{location or ''}/{member}"


def _in_place_of(name: str, subject: str) -> str | Content | None:
    match name:
        case "name":
            return pseudonym_of(subject)
        case "contact":
            return ERASED
        case "before" | "after" | "filter":
            return {}
        case _:
            return None


def _in_personal(path: Sequence[str]) -> list[str]:
    """Where a field lies among the personal ones: a carried fact lies in a fact's data, and here beside it."""
    steps: list[str] = []
    for step in path:
        if step == "fact":
            steps[-1] = step
        else:
            steps.append(step)
    return steps


def _divide(
    divided: dict[str, tuple[Content, list[str]]], fact: Fact, personal: Mapping[str, Any], inside: tuple[str, ...]
) -> None:
    """Put each field to its subject; `inside` how many facts this one is carried in."""
    for part, value in personal.items():
        if part == "fact":
            assert isinstance(fact.data, Correction)
            assert fact.data.fact is not None
            _divide(divided, fact.data.fact, value, (*inside, part))
            continue
        names: tuple[str, ...] = () if part == "reason" else tuple(value)
        match part:
            case "reason":
                subject = _about(fact) or _acting(fact.actor)
            case "device":
                subject = _acting(fact.actor)
            case _:
                subject = _whose(fact)
        content, fields = divided.setdefault(subject, ({}, []))
        _deep(content, inside)[part] = value
        fields += _paths(part, names, len(inside))


@lru_cache(maxsize=256)
def _paths(part: str, names: tuple[str, ...], inside: int) -> tuple[str, ...]:
    """Where the fields of a part lie, from the fact."""
    path = "data.fact." * inside + part
    return tuple(f"{path}.{name}" for name in names) if names else (path,)


def _deep(content: Content, path: Iterable[str]) -> Content:
    for step in path:
        content = content.setdefault(step, {})
    return content


def _whose(fact: Fact) -> str:
    """The subject of the personal fields in a fact's data."""
    data = fact.data
    match data:
        case RecordEdited() | RecordDeleted():
            if data.entity.lower() in _PEOPLE:
                return f"client:{fact.location or ''}/{data.entity_id}"
            return f"records:{fact.location or ''}"
        case LogViewed():
            return _acting(fact.actor)
        case _:
            return _about(fact) or _acting(fact.actor)


def _about(fact: Fact) -> str | None:
    """The subject that a fact is about: its target, account or member; that of a correction is of what it carries."""
    data = fact.data
    if isinstance(data, Correction):
        return _about(data.fact) if data.fact is not None else None
    if fact.type in _OF_ERASURE:
        return None  # what is said of an erasure must outlive it
    if isinstance(data, CommandRefused):
        if data.target is None:
            return None
        if data.command in _ABOUT_MEMBERS:
            return member_subject(fact.location, data.target)
        return account_subject(data.target)
    account = getattr(data, "account", None)
    if account is not None:
        return account_subject(account)
    member = getattr(data, "member", None)
    return member_subject(fact.location, member) if member is not None else None


def _acting(actor: Actor) -> str:
    """The subject that acted: an account, or a device's owner that is no person."""
    return f"account:{actor.id}" if actor.kind == "person" else f"actor:{actor.kind}:{actor.id}"


def _merge(whole: Content, content: Content) -> None:
    """Put content into the whole; what is in both are objects with other fields."""
    for key, value in content.items():
        if key in whole and isinstance(whole[key], dict) and isinstance(value, dict):
            _merge(whole[key], value)
        else:
            whole[key] = value
