"""The form of sealed bytes: canonical JSON, one object a subject, each with its own key, nonce, salt and commitment."""

import hmac
import os
import re
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain import canonical
from domain.personal import Part

NONCE = 12
SALT = 32
_PERSONAL = b'{"personal":'
_SALT = b',"salt":"'
_END = b'"}'
_SALT_TEXT = 44
_AFTER = len(_SALT) + _SALT_TEXT + len(_END)
_PART = re.compile(
    r'{"ciphertext":"([^"]*)","commit":"[^"]*","fields":(\[[^\]]*\]),"key":"([^"]*)","nonce":"([^"]*)",'
    r'"subject":"([^"]*)"}'
)
"""A part of text without escapes and control characters: between its pieces there is no room for anything else."""


class ToOpen(NamedTuple):
    """What it takes of a sealed part to open it."""

    ciphertext: str
    fields: tuple[str, ...]
    key: str
    nonce: str
    subject: str


class BrokenSealError(ValueError):
    """Sealed bytes that are not what was sealed: changed, or another fact's, or another subject's."""


def seal_part(fact: str, part: Part, key_id: str, cipher: AESGCM) -> bytes:
    """One part of a fact, sealed. The key id goes in as it is; whoever made it sees to its form."""
    salt, nonce = b2a_base64(os.urandom(SALT), newline=False), os.urandom(NONCE)
    plain = _PERSONAL + part.personal + _SALT + salt + _END
    ciphertext = cipher.encrypt(nonce, plain, bound_to(fact, part.subject))
    commit = hmac.digest(a2b_base64(salt), part.personal, "sha256").hex()
    return (
        f'{{"ciphertext":"{b2a_base64(ciphertext, newline=False).decode()}","commit":"{commit}",'
        f'"fields":{_fields(part.fields)},"key":"{key_id}",'
        f'"nonce":"{b2a_base64(nonce, newline=False).decode()}","subject":{_text(part.subject)}}}'
    ).encode()


def sealed_parts(sealed: bytes) -> list[dict[str, Any]]:
    """The parts of sealed bytes as they stand there. BrokenSealError when they are not of this form at all."""
    try:
        parts = canonical.read_written(sealed)
        assert isinstance(parts, list)
        for part in parts:
            assert isinstance(part, dict)
            assert all(isinstance(part[name], str) for name in ("ciphertext", "commit", "key", "nonce", "subject"))
            assert all(isinstance(field, str) for field in part["fields"])
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise BrokenSealError("these are no sealed bytes") from error
    return parts


def parts_to_open(sealed: bytes) -> list[ToOpen]:
    """The same parts, without what only a check of them looks at."""
    found = _quickly(sealed)
    return found if found is not None else _carefully(sealed)


def _quickly(sealed: bytes) -> list[ToOpen] | None:
    """Those of bytes in their one form, of which the careful reading says the same; None says nothing about them."""
    try:
        text = sealed.decode("ascii")
        if not text.isprintable() or "\\" in text or not text.startswith("["):
            return None
        parts: list[ToOpen] = []
        before = 0
        while True:
            part = _PART.match(text, before + 1)
            if part is None:
                return None
            ciphertext, fields, key, nonce, subject = part.groups()
            parts.append(ToOpen(ciphertext, _names(fields), key, nonce, subject))
            before = part.end()
            if text[before:] == "]":
                return parts
            if text[before] != ",":
                return None
    except (ValueError, IndexError):
        return None


def _carefully(sealed: bytes) -> list[ToOpen]:
    return [
        ToOpen(part["ciphertext"], tuple(part["fields"]), part["key"], part["nonce"], part["subject"])
        for part in sealed_parts(sealed)
    ]


def open_part(fact: str, part: ToOpen, cipher: AESGCM) -> bytes:
    """The personal fields of a part. BrokenSealError when it is not what was sealed for this fact and subject."""
    plain = _plain(fact, part.subject, part.nonce, part.ciphertext, cipher)
    return plain[len(_PERSONAL) : -_AFTER]


def side_by_side(parts: Sequence[bytes]) -> bytes | None:
    """Personal fields of parts that speak of different ones: the whole in its one form. None where they do not."""
    found = sorted((list(canonical.read_written(part)), part) for part in parts)
    keys = [key for own, _ in found for key in own]
    if not found or not all(own for own, _ in found) or any(one >= other for one, other in pairwise(keys)):
        return None
    return b"{" + b",".join(part[1:-1] for _, part in found) + b"}"


def check_commitment(fact: str, part: dict[str, Any], cipher: AESGCM) -> None:
    """BrokenSealError unless the commitment is that of what the part opens to: no second reading of it was made up."""
    plain = _plain(fact, part["subject"], part["nonce"], part["ciphertext"], cipher)
    salt = a2b_base64(plain[-_SALT_TEXT - len(_END) : -len(_END)])
    if hmac.digest(salt, plain[len(_PERSONAL) : -_AFTER], "sha256").hex() != part["commit"]:
        raise BrokenSealError("the commitment is not that of the fields")


def bound_to(fact: str, subject: str) -> bytes:
    """What a ciphertext is bound to: it opens for no other fact and no other subject."""
    return f"{fact}\n{subject}".encode()


def _plain(fact: str, subject: str, nonce: str, ciphertext: str, cipher: AESGCM) -> bytes:
    try:
        plain = cipher.decrypt(a2b_base64(nonce), a2b_base64(ciphertext), bound_to(fact, subject))
    except (InvalidTag, Error, ValueError) as error:
        raise BrokenSealError("they do not open for this fact and subject") from error
    if not plain.startswith(_PERSONAL) or plain[-_AFTER : -_AFTER + len(_SALT)] != _SALT or not plain.endswith(_END):
        raise BrokenSealError("what was sealed has another form")
    return plain


@lru_cache(maxsize=4096)
def _fields(fields: Sequence[str]) -> str:
    return canonical.write(list(fields)).decode()


@lru_cache(maxsize=8192)
def _text(subject: str) -> str:
    return canonical.write(subject).decode()


@lru_cache(maxsize=4096)
def _names(fields: str) -> tuple[str, ...]:
    """The fields that a part names. ValueError when that is no list of texts."""
    found = canonical.read_written(fields)
    if not all(isinstance(name, str) for name in found):
        raise ValueError(fields)
    return tuple(found)
