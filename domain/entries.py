"""An entry: a fact as the ledger keeps it, with its stamps, its canonical bytes and its final position."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import ValidationError

from domain import canonical
from domain.facts import Correction, Fact, InvalidFactError, reading
from domain.facts.form import refusal_of
from domain.facts.reading import FACT_TYPES, OBSERVATIONS, WITHOUT_LOCATION
from domain.facts.writing import written_carefully, written_quickly
from domain.personal import Part, parts_of
from domain.rows import read_row
from domain.stamp import Commanded, Imported, Stamp, written_stamp
from domain.upcasts import FORMS, upcast

__all__ = [
    "TERMS",
    "Commanded",
    "Entry",
    "Imported",
    "Quarantined",
    "Stamp",
    "content_of",
    "from_bytes",
    "in_parts",
    "stream_of",
    "to_bytes",
]


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact in the ledger. `position` is final, or None while it is not yet settled."""

    fact: Fact
    stamp: Stamp
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A stored row that this program cannot read: kept, reported, never executed, never dropped."""

    position: int | None
    fact_id: str
    type: str
    reason: str


Content: TypeAlias = dict[str, Any]

_PERSONAL: Mapping[str, tuple[str, ...]] = {name: tuple(sorted(form.personal)) for name, form in FACT_TYPES.items()}

TERMS = "terms"
"""The stream of what holds for every location: terms, catalogues, and corrections that belong to no location."""


def stream_of(fact: Fact) -> str:
    """The stream that a fact belongs to: one a location for what decides, one for observations, and the rest."""
    if fact.type in OBSERVATIONS:
        return f"observations:{fact.location or getattr(fact.data, 'account', None) or ''}"
    if fact.location is not None:
        return f"location:{fact.location}"
    if fact.type in WITHOUT_LOCATION or isinstance(fact.data, Correction):
        return TERMS
    return f"account:{getattr(fact.data, 'account', None)}"


def content_of(fact: Fact) -> bytes:
    """The bytes that identify what a fact says, stamps left aside: the same id may come again with these alone."""
    content = written_quickly(fact)
    return canonical.write_in_order(content) if content is not None else canonical.write(written_carefully(fact))


def to_bytes(entry: Entry) -> tuple[bytes, bytes | None]:
    """The body and, apart from it, the personal fields, both in the one written form."""
    body, personal, _, _ = _apart(entry)
    return body, personal


def in_parts(entry: Entry) -> tuple[bytes, bytes | None, tuple[Part, ...]]:
    """The same, and the personal fields by whom they are about."""
    body, personal, content, write = _apart(entry)
    return body, personal, parts_of(entry.fact, content, personal, write) if personal is not None else ()


def _apart(entry: Entry) -> tuple[bytes, bytes | None, Content, Callable[[Content], bytes]]:
    content, write = written_quickly(entry.fact), canonical.write_in_order
    if content is None:
        content, write = written_carefully(entry.fact), canonical.write
    personal = _take_personal(content)
    kind = content.pop("type")
    content["stamp"] = written_stamp(entry.stamp, FORMS.get(kind, 1))
    content["type"] = kind
    return write(content), write(personal) if personal else None, personal, write


def _take_personal(content: Content) -> Content:
    """The personal fields of an object that was written just now, taken out of it; the keys of both stay in order."""
    personal: Content = {}
    data = content["data"]
    taken = {key: data.pop(key) for key in _PERSONAL[content["type"]] if data.get(key) is not None}
    if taken:
        personal["data"] = taken
    device = content.get("device")
    if device:
        taken = {key: device.pop(key) for key in ("ip", "user_agent") if key in device}
        if taken:
            personal["device"] = taken
    inner = data.get("fact")
    if isinstance(inner, dict):
        inside = _take_personal(inner)
        if inside:
            personal["fact"] = inside
    if "reason" in content:
        personal["reason"] = content.pop("reason")
    return personal


def from_bytes(body: bytes, personal: bytes | None, position: int | None) -> Entry:
    """The entry that stored bytes hold, older forms included. InvalidFactError when this program cannot read them."""
    found = read_row(body, personal)
    return Entry(found[0], found[1], position) if found is not None else read_carefully(body, personal, position)


def read_carefully(body: bytes, personal: bytes | None, position: int | None) -> Entry:
    """The same, step by step: any JSON, older forms too, and a reason for whatever is refused."""
    try:
        content = canonical.read(body)
        apart = canonical.read(personal) if personal is not None else {}
    except canonical.NotCanonicalError as error:
        raise InvalidFactError("", str(error)) from None
    if not isinstance(content, dict) or not isinstance(apart, dict):
        raise InvalidFactError("", "a stored row is a JSON object")
    try:
        stamp = Stamp.read(content.pop("stamp", None))
    except ValidationError as error:
        raise refusal_of(error.errors()[0], prefix="stamp.") from None
    if stamp.form > FORMS.get(str(content.get("type")), 1):
        raise InvalidFactError("stamp.form", f"{stamp.form} is a later form than this program knows; update it")
    _put_personal(content, apart)
    return Entry(fact=reading.read_carefully(upcast(content, stamp.form)), stamp=stamp, position=position)


def _put_personal(content: Content, personal: Mapping[str, Any]) -> None:
    if "reason" in personal:
        content["reason"] = personal["reason"]
    for part in ("device", "data"):
        if part in personal:
            content[part] = {**_object(content.get(part, {}), part), **_object(personal[part], part)}
    if "fact" in personal:
        inner = _object(content.get("data"), "data").get("fact")
        _put_personal(_object(inner, "data.fact"), _object(personal["fact"], "data.fact"))


def _object(value: Any, field: str) -> Content:
    """The value itself where it is an object, so that a body and personal fields that do not fit are refused."""
    if not isinstance(value, dict):
        raise InvalidFactError(field, "is not an object that personal fields could belong to")
    return value
