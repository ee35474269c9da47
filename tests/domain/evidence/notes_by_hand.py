"""Hostile notes, each with whether it holds; and chance's own."""

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.notes import Checkpoint, Key, Note, Signature
from infrastructure.signing.signatures import Ed25519Signer, Ed25519Verifier

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = Ed25519Signer(PRIVATE, "ledger.example/log")
OTHER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)), "other.example")
KEY = SIGNER.key
CHECKPOINT = Checkpoint("ledger.example/log", 9, bytes(range(32)))
TEXT = CHECKPOINT.written()
OWN, STRANGER = SIGNER.sign(TEXT).written(), OTHER.sign(TEXT).written()
NOTE = f"{TEXT}\n{OWN}{STRANGER}"


@dataclass(frozen=True)
class Said:
    """A note as bytes, whether it is one that KEY has signed, and whether Go's package says something else."""

    name: str
    raw: bytes
    holds: bool
    go_differs: bool = False
    """Go reads base64 with spare bits, looks at the first of several signatures alone, and has no limit of length."""

    def line(self) -> str:
        """The case as tests/naive/tlog.go reads it."""
        return f"note {KEY.written().encode().hex()} {self.raw.hex()}"


def holds(notes: ModuleType, raw: bytes) -> bool:
    """Whether a build of `domain.evidence.notes` takes a note as one that KEY has signed."""
    try:
        note = notes.read_note(raw.decode())
    except (notes.NoteError, UnicodeDecodeError):
        return False
    return bool(notes.signed_by(note, Ed25519Verifier(KEY)))


def hostile() -> list[Said]:
    """Every one of them."""
    wrong = Signature(KEY.name, KEY.id, bytes(64)).written()
    named = Signature("x", b"\x01\x02\x03\x04", bytes(9)).written()
    spare = named.replace("A==", "B==")
    unknown = Signature(KEY.name, Key(KEY.name, 9, bytes(32)).id, bytes(2420)).written()
    cosigned = Signature("w", b"\x01\x02\x03\x04", bytes(71)).written()
    signed = f"{TEXT}\n"
    table: list[tuple[str, str | bytes, bool, bool]] = [
        ("as it should be", NOTE, True, False),
        ("its own signature alone", signed + OWN, True, False),
        ("a stranger's alone", signed + STRANGER, False, False),
        ("no signature", signed, False, False),
        ("no empty line", TEXT + OWN, False, False),
        ("nothing", "", False, False),
        ("an end without a beginning", f"\n\n{OWN}", False, False),
        ("Windows' line ends", NOTE.replace("\n", "\r\n"), False, False),
        ("a carriage return at the end", NOTE[:-1] + "\r\n", False, False),
        ("a NUL", NOTE.replace("log\n", "log\x00\n"), False, False),
        ("a NUL under it", NOTE + "\x00", False, False),
        ("a tab", NOTE.replace("\u2014 ", "\u2014\t", 1), False, False),
        ("an escape", NOTE.replace("log\n", "log\x1b[31m\n"), False, False),
        ("a tab that was signed", _signed("a\tb\n"), False, False),
        ("a carriage return that was signed", _signed("a\r\nb\r\n"), False, False),
        ("an empty line that was signed", _signed("a\n\nb\n\n"), True, False),
        ("a character that deletes, signed", _signed("a\x7f\u0085\u2028\n"), True, False),
        ("no last line's end", NOTE[:-1], False, False),
        ("a line's end more", NOTE + "\n", False, False),
        ("an empty line between signatures", f"{signed}{OWN}\n{STRANGER}", False, False),
        ("two spaces before the name", NOTE.replace("\u2014 ", "\u2014  ", 1), False, False),
        ("two spaces behind the name", NOTE.replace("log ", "log  ", 1), False, False),
        ("a space at the end", NOTE[:-1] + " \n", False, False),
        ("a hyphen", NOTE.replace("\u2014", "-", 1), False, False),
        ("a shorter dash", NOTE.replace("\u2014", "\u2013", 1), False, False),
        ("a bar", NOTE.replace("\u2014", "\u2015", 1), False, False),
        ("a plus in a name", signed + OWN + STRANGER.replace("other", "o+her"), False, False),
        ("a space beyond ASCII in a name", signed + OWN + STRANGER.replace("other", "o\u2003her"), False, False),
        ("a space that does not break in a name", signed + OWN + STRANGER.replace("other", "o\u00a0her"), False, False),
        ("letters beyond ASCII in a name", signed + OWN + STRANGER.replace("other", "\u00f6ther\u200b"), True, False),
        ("a long name", signed + OWN + STRANGER.replace("other", "o" * 300), False, True),
        ("spare bits in a stranger's", signed + OWN + spare, False, True),
        ("no padding", signed + OWN + named.replace("=", ""), False, False),
        ("URL letters", signed + OWN + named.replace("AA==", "_-=="), False, False),
        ("only an id", signed + OWN + Signature("x", b"abcd", b"").written(), False, False),
        ("an id and a byte", signed + OWN + Signature("x", b"abcd", b"e").written(), True, False),
        ("an unknown kind, under the key's own name", signed + OWN + unknown, True, False),
        ("71 bytes of a cosignature", signed + OWN + cosigned, True, False),
        ("twice the same", signed + OWN + OWN, True, False),
        ("one that does not hold, last", signed + OWN + wrong, False, True),
        ("one that does not hold, first", signed + wrong + OWN, False, False),
        ("its own name, another id", signed + OWN.replace(*_ids()), False, False),
        ("a hundred signatures", signed + OWN * 100, True, False),
        ("a hundred and one", signed + OWN * 101, False, False),
        ("another text", NOTE.replace("\n9\n", "\n8\n"), False, False),
        ("a line more in the text", NOTE.replace("\n9\n", "\n9\nmore\n"), False, False),
        ("an empty line in the text", NOTE.replace("\n9\n", "\n\n9\n"), False, False),
        ("no UTF-8", NOTE.encode() + b"\xff\xfe\n", False, False),
        ("half a character", NOTE.encode().replace(b"9", b"\xed\xa0\x80"), False, False),
        ("an overlong NUL", NOTE.encode().replace(b"9", b"\xc0\x80"), False, False),
        ("ten million letters", "x" * 10_000_000 + f"\n\n{OWN}", False, False),
        ("ten million line ends", "\n" * 10_000_000 + OWN, False, False),
        ("ten million letters, signed", _long(10_000_000), False, True),
        ("as long as may be", _long(64 * 1024), True, False),
        ("a letter longer", _long(64 * 1024 + 1), False, True),
    ]
    return [Said(name, raw if isinstance(raw, bytes) else raw.encode(), *rest) for name, raw, *rest in table]


def mutated(count: int, seed: int) -> Iterator[bytes]:
    """The good note with something done to it, by chance."""
    chance, good = random.Random(seed), NOTE.encode()
    for _ in range(count):
        at, raw = chance.randrange(len(good)), bytearray(good)
        match chance.randrange(5):
            case 0:
                raw[at] ^= 1 << chance.randrange(8)
            case 1:
                del raw[at : at + chance.randint(1, 9)]
            case 2:
                raw[at:at] = chance.choice([b"\n", b" ", b"\xe2\x80\x94 ", b"=", b"\x00", b"\n\n", b"A"])
            case 3:
                lines = bytes(raw).splitlines(keepends=True)
                chance.shuffle(lines)
                raw = bytearray(b"".join(lines))
            case _:
                raw[at:at] = raw[chance.randrange(at + 1) : at]
        yield bytes(raw)


def _ids() -> tuple[str, str]:
    encoded = OWN.split(" ")[2].strip()
    raw = base64.b64decode(encoded)
    return encoded, base64.b64encode(b"abcd" + raw[4:]).decode()


def _long(length: int) -> str:
    """A signed note of so many characters."""
    return _signed("x" * (length - len(OWN) - 2) + "\n")


def _signed(text: str) -> str:
    return Note(text, (SIGNER.sign(text),)).written()
