"""Seals personal fields under the keys of their subjects and opens them, with what was destroyed left erased."""

import hashlib
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

from domain.personal import Opened, joined
from infrastructure.sealing.keys import Key, KeyStore
from infrastructure.sealing.sealed_bytes import (
    BrokenSealError,
    ToOpen,
    check_commitment,
    open_part,
    parts_to_open,
    seal_part,
    sealed_parts,
    side_by_side,
)
from infrastructure.store.boundary import BROKEN, Keys, Plain
from infrastructure.store.errors import SubjectErased
from infrastructure.store.rows import NewRow

_BROKEN = Plain(BROKEN)
_VEILED = "~"
_ID = 16
_IN_JSON = '"~'
_NAMED = 22
"""Characters by which a veiled text names its key."""

_AT_HAND = 1 << 16
"""Keys and texts that a process remembers; with more it begins anew."""

_CIPHERS = 1 << 10
"""Ciphers that are held ready: each takes 3 to 4 kB beside a secret of 32 bytes, and a microsecond or two to make."""


@dataclass
class _AtHand:
    """What a process remembers during one epoch."""

    epoch: int = 0
    secrets: dict[str, bytes | None] = field(default_factory=dict)
    """By key what it opens with; None where it was destroyed."""

    of_subject: dict[str, str] = field(default_factory=dict)
    """By subject the id of its key."""

    veiled: dict[tuple[str, str], str] = field(default_factory=dict)
    """By subject and text: who is spoken of once is spoken of again."""

    unveiled: dict[tuple[str, str], str | None] = field(default_factory=dict)
    fetched: set[str] = field(default_factory=set)
    """Keys as veiled texts name them."""

    _openers: dict[str, AESGCM] = field(default_factory=dict)
    _veilers: dict[str, AESSIV] = field(default_factory=dict)

    def opener(self, key: str) -> AESGCM | None:
        """What seals and opens personal fields under a key that is remembered; None when it was destroyed."""
        found = self._openers.get(key)
        if found is None:
            secret = self.secrets[key]
            if secret is None:
                return None
            if len(self._openers) >= _CIPHERS:
                self._openers.clear()
            found = self._openers[key] = AESGCM(secret)
        return found

    def veiler(self, key: str) -> AESSIV | None:
        """What veils texts under it."""
        found = self._veilers.get(key)
        if found is None:
            secret = self.secrets[key]
            if secret is None:
                return None
            if len(self._veilers) >= _CIPHERS:
                self._veilers.clear()
            found = self._veilers[key] = AESSIV(hashlib.sha512(b"kept\n" + secret).digest())
        return found


class Sealing:
    """The boundary of a store, over a key store; safe to share between threads."""

    def __init__(self, store: KeyStore) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._hand = _AtHand()

    @property
    def keys(self) -> Keys:
        """Where another process finds the same keys."""
        return Keys(self.store.conninfo, str(self.store.wrapped_by))

    def close(self) -> None:
        """Close the key store and forget what was at hand."""
        self._hand = _AtHand()
        self.store.close()

    def epoch(self) -> int:
        """See Boundary."""
        return self._now().epoch

    def seal(self, rows: Sequence[NewRow], *, epoch: int | None = None) -> list[bytes | None]:
        """See Boundary."""
        subjects = {part.subject for row in rows for part in row.parts}
        if not subjects and epoch is None:
            return _without_parts(rows)
        hand = self._now()
        if epoch is not None and hand.epoch != epoch:
            raise SubjectErased(hand.epoch)
        missing = subjects - hand.of_subject.keys()
        if missing:
            self._take(hand, self.store.for_sealing(missing))
        sealed: list[bytes | None] = []
        for row in rows:
            if not row.parts:
                sealed += _without_parts([row])
                continue
            fact = str(row.fact)
            parts = []
            for part in row.parts:
                key = hand.of_subject[part.subject]
                cipher = hand.opener(key)
                assert cipher is not None
                parts.append(seal_part(fact, part, key, cipher))
            sealed.append(b"[" + b",".join(parts) + b"]")
        return sealed

    def open(self, stored: Sequence[tuple[UUID | str, bytes | None]]) -> list[Plain]:
        """See Boundary. Rows of before there were seals are plain objects, and come back as they are."""
        read: list[tuple[UUID | str, list[ToOpen]] | Plain] = []
        wanted: set[str] = set()
        for fact, content in stored:
            if content is None or not content.startswith(b"["):
                read.append(Plain(content))
                continue
            try:
                parts = parts_to_open(content)
            except BrokenSealError:
                read.append(_BROKEN)
                continue
            wanted.update([part.key for part in parts])
            read.append((fact, parts))
        if not wanted:
            return [each for each in read if isinstance(each, Plain)]
        hand = self._now()
        self._fetch(hand, wanted)
        return [each if isinstance(each, Plain) else self._opened(hand, str(each[0]), each[1]) for each in read]

    def fault(self, fact: str, sealed: bytes) -> str | None:
        """See Boundary."""
        parts = sealed_parts(sealed)
        hand = self._hand
        self._fetch(hand, {part["key"] for part in parts})
        shut = {part["key"] for part in parts if hand.secrets[part["key"]] is None}
        if shut and (lost := self.store.lost(shut)):
            return f"the key {min(lost)} is neither there nor was it destroyed; bring the key store back as it was"
        try:
            for part in parts:
                cipher = hand.opener(part["key"])
                if cipher is not None:
                    check_commitment(fact, part, cipher)
        except BrokenSealError as error:
            return str(error)
        return None

    def veil(self, subject: str, text: str) -> str:
        """See Boundary. Who read what is veiled before the last destruction is told so by `epoch`, asked afterwards."""
        hand = self._hand
        found = hand.veiled.get((subject, text))
        if found is not None:
            return found
        key = hand.of_subject.get(subject)
        if key is None:
            self._take(hand, self.store.for_sealing([subject]))
            key = hand.of_subject[subject]
        self._fetch(hand, {key})
        cipher = hand.veiler(key)
        assert cipher is not None
        content = UUID(key).bytes + cipher.encrypt(text.encode(), [subject.encode()])
        if len(hand.veiled) >= _CIPHERS:
            hand.veiled.clear()
        found = hand.veiled[subject, text] = _VEILED + urlsafe_b64encode(content).decode().rstrip("=")
        return found

    def has_key(self, subject: str) -> bool:
        """See Boundary."""
        hand = self._hand
        if subject not in hand.of_subject:
            self._take(hand, self.store.of_subjects([subject]))
        return subject in hand.of_subject

    def unveil(self, subject: str, text: str) -> str | None:
        """See Boundary."""
        if not text.startswith(_VEILED):
            return text
        hand = self._hand
        known = (subject, text)
        if known in hand.unveiled:
            return hand.unveiled[known]
        if len(hand.unveiled) > _AT_HAND:
            hand.unveiled.clear()
        found = hand.unveiled[known] = self._unveiled(hand, subject, text)
        return found

    def fetch(self, texts: Iterable[str]) -> None:
        """See Boundary."""
        hand = self._hand
        missing: set[str] = set()
        for text in texts:
            place = text.find(_IN_JSON) + 1
            if place or text.startswith(_VEILED):
                named = text[place + 1 : place + 1 + _NAMED]
                if named not in hand.fetched:
                    missing.add(named)
        self._fetch(hand, {_key_id(urlsafe_b64decode(named + "==")) for named in missing})
        hand.fetched |= missing

    def erased_since(self, epoch: int) -> set[bytes]:
        """See Boundary."""
        return self.store.erased_since(epoch)

    def _now(self) -> _AtHand:
        """What is at hand in the present epoch."""
        epoch = self.store.epoch()
        with self._lock:
            if self._hand.epoch != epoch or len(self._hand.secrets) > _AT_HAND:
                self._hand = _AtHand(epoch)
            return self._hand

    def _take(self, hand: _AtHand, keys: dict[str, Key]) -> None:
        for subject, key in keys.items():
            hand.secrets[key.id] = key.secret
            hand.of_subject[subject] = key.id

    def _fetch(self, hand: _AtHand, wanted: set[str]) -> None:
        missing = wanted - hand.secrets.keys()
        if missing:
            hand.secrets.update(self.store.for_opening(missing))

    def _opened(self, hand: _AtHand, fact: str, parts: list[ToOpen]) -> Plain:
        plain: list[bytes | None] = []
        for part in parts:
            cipher = hand.opener(part.key)
            if cipher is None:
                plain.append(None)
                continue
            try:
                plain.append(open_part(fact, part, cipher))
            except BrokenSealError:
                return _BROKEN
            # A subject has one key at a time, and this one opens: what is kept of it is veiled with the same.
            hand.of_subject.setdefault(part.subject, part.key)
        left = [personal for personal in plain if personal is not None]
        if len(left) == len(parts):
            whole = left[0] if len(left) == 1 else side_by_side(left)
            if whole is not None:
                return Plain(whole)
        opened = [Opened(part.subject, part.fields, each) for part, each in zip(parts, plain, strict=True)]
        return Plain(joined(opened), erased=len(left) < len(parts))

    def _unveiled(self, hand: _AtHand, subject: str, text: str) -> str | None:
        try:
            content = urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
            key = _key_id(content)
            self._fetch(hand, {key})
            cipher = hand.veiler(key)
            return cipher.decrypt(content[_ID:], [subject.encode()]).decode() if cipher is not None else None
        except (InvalidTag, Error, ValueError):
            return None


def open_sealing(keys: Keys, *, connections: int = 4, patience: float = 10.0) -> Sealing:
    """The boundary over a key store at that place. WrappingKeyError when the keys there cannot be used."""
    return Sealing(KeyStore(keys.conninfo, Path(keys.wrapping), connections=connections, patience=patience))


def _without_parts(rows: Sequence[NewRow]) -> list[bytes | None]:
    """What there is to store where nothing is personal."""
    for row in rows:
        if row.personal is not None:
            raise ValueError(
                f"Whom the personal fields of fact {row.fact} are about is not said; they cannot be sealed."
            )
    return [None] * len(rows)


def _key_id(content: bytes) -> str:
    return str(UUID(bytes=content[:_ID]))
