"""The quick reading of sealed bytes takes only what the careful one takes alike, and parts that are put side by side
are the whole in its one form."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.personal import Opened, Part, joined
from infrastructure.sealing import sealed_bytes
from infrastructure.sealing.sealed_bytes import (
    BrokenSealError,
    ToOpen,
    open_part,
    parts_to_open,
    seal_part,
    sealed_parts,
    side_by_side,
)

FACT = str(UUID(int=7))
CIPHER = AESGCM(bytes(32))
WHOLE = [
    Part("account:olga", ("device.ip", "device.user_agent"), b'{"device":{"ip":"10.0.0.1","user_agent":"Firefox"}}'),
    Part("member:L1/mia", ("data.name",), b'{"data":{"name":"Mia"}}'),
]


def sealed(parts: Sequence[Part]) -> bytes:
    return b"[" + b",".join(seal_part(FACT, part, str(UUID(int=1)), CIPHER) for part in parts) + b"]"


def carefully(content: bytes) -> list[ToOpen] | None:
    try:
        return [
            ToOpen(part["ciphertext"], tuple(part["fields"]), part["key"], part["nonce"], part["subject"])
            for part in sealed_parts(content)
        ]
    except BrokenSealError:
        return None


def spoilt() -> Iterator[bytes]:
    """Sealed bytes with something taken out, put in, changed or repeated."""
    chance = random.Random(5)
    for parts in (WHOLE[:1], WHOLE):
        whole = sealed(parts)
        for place in range(len(whole)):
            for other in (b"", b'"', b"\\", b"]", b"}", b",", b"\n", b"\x7f", b"\xc3", b" ", b"[", b"n"):
                yield whole[:place] + other + whole[place + 1 :]
            yield whole[:place] + bytes([chance.randrange(256)]) + whole[place:]
        for _ in range(2_000):
            first, last = sorted(chance.choices(range(len(whole) + 1), k=2))
            yield whole[:last] + whole[first:]
            yield whole[:first] + whole[last:]
        for wrong in (b"[1]", b'[null,"device.ip"]', b'["a","a"]', b"[]", b'["a",]', b'["a" ]', b'"a"', b"[[]]"):
            yield re.sub(rb'"fields":\[[^]]*\]', b'"fields":' + wrong, whole)


def disagreements() -> list[bytes]:
    """Bytes that the quick reading takes and the careful one takes not, or otherwise."""
    return [
        each for each in spoilt() if (quick := sealed_bytes._quickly(each)) is not None and quick != carefully(each)
    ]


def test_the_quick_reading_takes_what_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    for parts in (WHOLE[:1], WHOLE):
        content = sealed(parts)
        assert sealed_bytes._quickly(content) == carefully(content)
        assert [open_part(FACT, part, CIPHER) for part in parts_to_open(content)] == [part.personal for part in parts]
    monkeypatch.setattr(sealed_bytes, "_carefully", None)
    assert parts_to_open(sealed(WHOLE))[1].subject == "member:L1/mia"


def test_what_the_quick_reading_takes_the_careful_one_takes_alike() -> None:
    assert disagreements() == []


@pytest.mark.parametrize(
    "looser",
    [
        r'{"ciphertext":"([^"]*)","commit":.*?,"fields":(\[[^\]]*\]),"key":"([^"]*)","nonce":"([^"]*)","subject":"([^"]*)"}',
        r'{"ciphertext":"([^"]*)","commit":"[^"]*","fields":(\[[^\]]*\]),"key":"([^"]*)","nonce":"([^"]*)","subject":"([^"]*)"',
    ],
)
def test_a_looser_quick_reading_is_noticed(looser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_bytes, "_PART", re.compile(looser))
    assert disagreements()


def test_names_that_are_no_texts_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_bytes, "_names", lambda fields: tuple(json.loads(fields)))
    assert disagreements()


@pytest.mark.parametrize(
    "parts",
    [
        [b'{"device":{"ip":"::1"}}', b'{"data":{"name":"Mia"}}'],
        [b'{"data":{"name":"Mia"},"reason":"gone"}', b'{"device":{"ip":"::1"}}'],
        [b'{"fact":{"data":{"name":"Mia"}}}', b'{"fact":{"reason":"gone"}}'],
        [b'{"reason":"gone"}', b'{"data":{"name":"\xc3\x84nn"}}', b'{"device":{"ip":"::1"}}'],
        [b"{}", b'{"reason":"gone"}'],
        [],
    ],
)
def test_side_by_side_is_what_joining_gives(parts: list[bytes]) -> None:
    found = side_by_side(parts)
    assert found is None or found == joined([Opened("account:olga", (), part) for part in parts])


def test_most_parts_can_be_put_side_by_side() -> None:
    assert side_by_side([part.personal for part in WHOLE]) is not None
    assert side_by_side([b'{"data":{"a":1},"reason":"b"}', b'{"device":{}}']) is None
