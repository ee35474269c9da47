"""The form of sealed bytes: canonical JSON, one object a subject, each with its own key, nonce, salt and commitment."""

import hmac
import os
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

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


def open_part(fact: str, part: dict[str, Any], cipher: AESGCM) -> bytes:
    """The personal fields of a part. BrokenSealError when it is not what was sealed for this fact and subject."""
    plain = _plain(fact, part, cipher)
    return plain[len(_PERSONAL) : -_AFTER]


def check_commitment(fact: str, part: dict[str, Any], cipher: AESGCM) -> None:
    """BrokenSealError unless the commitment is that of what the part opens to: no second reading of it was made up."""
    plain = _plain(fact, part, cipher)
    salt = a2b_base64(plain[-_SALT_TEXT - len(_END) : -len(_END)])
    if hmac.digest(salt, plain[len(_PERSONAL) : -_AFTER], "sha256").hex() != part["commit"]:
        raise BrokenSealError("the commitment is not that of the fields")


def bound_to(fact: str, subject: str) -> bytes:
    """What a ciphertext is bound to: it opens for no other fact and no other subject."""
    return f"{fact}\n{subject}".encode()


def _plain(fact: str, part: dict[str, Any], cipher: AESGCM) -> bytes:
    try:
        nonce, ciphertext = a2b_base64(part["nonce"]), a2b_base64(part["ciphertext"])
        plain = cipher.decrypt(nonce, ciphertext, bound_to(fact, part["subject"]))
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
