"""Sealed personal fields as a bundle shows them: parts with their commitments, and what was opened of them."""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from domain import canonical
from domain.canonical import NotCanonicalError
from domain.personal import Opened, joined

_FIELD = re.compile(
    r"(?:data\.fact\.){0,8}(?:data\.(?:name|contact|before|after|filter|sentence)|device\.(?:ip|user_agent)|reason)"
)
_KEYS = {"ciphertext", "commit", "fields", "key", "nonce", "subject"}
_HEX = re.compile(r"[0-9a-f]{64}")
_LONGEST_SUBJECT = 1_000
_SALT = 32


class SealedError(ValueError):
    """These are no sealed personal fields, or nothing that was opened of some; the sentence says why."""


@dataclass(frozen=True, slots=True)
class SealedPart:
    """What a fact says about one subject, sealed: which fields, and the commitment to what they say."""

    subject: str
    fields: tuple[str, ...]
    commit: str


@dataclass(frozen=True, slots=True)
class OpenedPart:
    """What a bundle opens: whose part of which fact, the salt, and the fields in the clear."""

    position: int
    subject: str
    salt: bytes
    personal: Mapping[str, Any]

    def written(self) -> dict[str, Any]:
        """As it lies in the bundle."""
        salt = base64.b64encode(self.salt).decode()
        return {"personal": self.personal, "position": self.position, "salt": salt, "subject": self.subject}

    def commits_to(self) -> str:
        """The commitment that is kept with the sealed bytes, where this is what they say."""
        return hmac.new(self.salt, canonical.write(self.personal), sha256).hexdigest()


def read_sealed(raw: bytes) -> tuple[SealedPart, ...]:
    """The parts that sealed bytes hold. SealedError unless they are in their one written form."""
    parts = _content(raw)
    if not isinstance(parts, list) or not parts or canonical.write(parts) != raw:
        raise SealedError("sealed fields are a list of parts in the one written form")
    found = [_read_part(part) for part in parts]
    subjects = [part.subject for part in found]
    fields = [field for part in found for field in part.fields]
    if subjects != sorted(set(subjects)) or len(fields) != len(set(fields)):
        raise SealedError("each subject has one part, and each field is in one")
    return tuple(found)


def read_opened(raw: bytes) -> tuple[OpenedPart, ...]:
    """What a bundle opens. SealedError unless it is in its one written form."""
    rows = _content(raw)
    if not isinstance(rows, list) or canonical.write(rows) + b"\n" != raw:
        raise SealedError("what is opened is a list in the one written form")
    found = tuple(_read_row(row) for row in rows)
    order = [(part.position, part.subject) for part in found]
    if order != sorted(set(order)):
        raise SealedError("what is opened is in order, each part once")
    return found


def personal_of(parts: Sequence[SealedPart], opened: Mapping[str, OpenedPart]) -> bytes | None:
    """The personal fields of a fact as far as they are open; what is closed is read as erased."""
    return joined(
        [
            Opened(part.subject, part.fields, _written(opened[part.subject]) if part.subject in opened else None)
            for part in parts
        ]
    )


def personal_in(raw: bytes, opened: Mapping[str, OpenedPart]) -> bytes | None:
    """The same from stored bytes; those of before there were seals are plain. SealedError when they are neither."""
    return raw if is_plain(raw) else personal_of(read_sealed(raw), opened) if raw else None


def is_plain(raw: bytes) -> bool:
    """Whether personal fields were stored as they are, before there were seals."""
    return raw.startswith(b"{")


def fields_of(personal: Mapping[str, Any], inside: str = "") -> Iterator[str]:
    """The paths of the fields in the clear, as a part names them."""
    for name, value in personal.items():
        if name == "reason":
            yield f"{inside}reason"
        elif name == "fact" and isinstance(value, Mapping):
            yield from fields_of(value, f"{inside}data.fact.")
        elif isinstance(value, Mapping):
            yield from (f"{inside}{name}.{field}" for field in value)
        else:
            yield f"{inside}{name}"


def opened_at(opened: Iterable[OpenedPart]) -> dict[int, dict[str, OpenedPart]]:
    """What is opened, by position and subject."""
    found: dict[int, dict[str, OpenedPart]] = {}
    for part in opened:
        found.setdefault(part.position, {})[part.subject] = part
    return found


def _written(part: OpenedPart) -> bytes:
    return canonical.write(part.personal)


def _read_part(part: object) -> SealedPart:
    if not isinstance(part, dict) or part.keys() != _KEYS or not isinstance(part["fields"], list):
        raise SealedError("a sealed part has a subject, fields, a commitment, a key, a nonce and a ciphertext")
    fields, subject, commit = part["fields"], part["subject"], part["commit"]
    if not all(isinstance(text, str) for text in (*fields, *(part[name] for name in _KEYS - {"fields"}))):
        raise SealedError("a sealed part is made of texts")
    if fields != sorted(set(fields)) or not fields or not all(map(_FIELD.fullmatch, fields)):
        raise SealedError("a sealed part names fields that can be personal, in order")
    if not 0 < len(subject) <= _LONGEST_SUBJECT or not _HEX.fullmatch(commit):
        raise SealedError("a sealed part has a subject and a commitment of 32 bytes")
    return SealedPart(subject, tuple(fields), commit)


def _read_row(row: object) -> OpenedPart:
    if not isinstance(row, dict) or row.keys() != {"personal", "position", "salt", "subject"}:
        raise SealedError("what is opened has a position, a subject, a salt and the fields in the clear")
    position, subject, personal = row["position"], row["subject"], row["personal"]
    fits = isinstance(position, int) and isinstance(subject, str) and isinstance(personal, dict)
    if not fits or isinstance(position, bool) or not isinstance(row["salt"], str):
        raise SealedError("what is opened has a position, a subject, a salt and the fields in the clear")
    try:
        salt = base64.b64decode(row["salt"], validate=True)
    except (binascii.Error, ValueError):
        raise SealedError("a salt is base64") from None
    if len(salt) != _SALT:
        raise SealedError(f"a salt is {_SALT} bytes")
    return OpenedPart(position, subject, salt, personal)


def _content(raw: bytes) -> Any:
    try:
        return canonical.read(raw)
    except NotCanonicalError as error:
        raise SealedError(str(error)) from None
