"""Notes and keys made by hand: every liberty that a signer, a witness or a typist could take with their form."""

import base64
import random
from collections.abc import Iterator

from domain.evidence.notes import Key, Signature
from tests.infrastructure.evidence.kit.cases import Case, case, signer, small, spare_bits
from tests.infrastructure.evidence.kit.folders import Signed, lines


def crafted_notes() -> list[Case]:
    """Every one of them."""
    return [*_texts(), *_signatures(), *_cosignatures(), *_keys()]


def _texts() -> Iterator[Case]:
    """Checkpoints that are signed, and are none."""
    signed = signer()
    files = small(signed)
    origin, size, root, _ = signed.text(20).split("\n")
    for name, text in {
        "a line more": f"{origin}\n{size}\n{root}\nmore\n",
        "a line less": f"{origin}\n{size}\n",
        "an empty line before": f"\n{origin}\n{size}\n{root}\n",
        "an empty line after": f"{origin}\n{size}\n{root}\n\n",
        "an empty line between": f"{origin}\n\n{size}\n{root}\n",
        "a size with a sign": f"{origin}\n+{size}\n{root}\n",
        "a size with a zero before it": f"{origin}\n0{size}\n{root}\n",
        "a size with a space": f"{origin}\n{size} \n{root}\n",
        "a size below zero": f"{origin}\n-{size}\n{root}\n",
        "a size of many digits": f"{origin}\n{'9' * 30}\n{root}\n",
        "another digit": f"{origin}\n\u0662\u0660\n{root}\n",
        "a root with spare bits": f"{origin}\n{size}\n{spare_bits(root)}\n",
        "a root of 31 bytes": f"{origin}\n{size}\n{base64.b64encode(bytes(31)).decode()}\n",
        "a root in URL letters": f"{origin}\n{size}\n{'-' * 43}=\n",
        "no origin": f"\n{size}\n{root}\n",
        "another origin": f"{origin}x\n{size}\n{root}\n",
        "an origin with an escape": f"{origin}\\n\n{size}\n{root}\n",
        "an origin beyond ASCII": f"{origin}\u00e9\n{size}\n{root}\n",
        "an origin with a tab": f"{origin}\t\n{size}\n{root}\n",
        "a carriage return": f"{origin}\r\n{size}\r\n{root}\r\n",
        "a NUL": f"{origin}\x00\n{size}\n{root}\n",
        "a longer text than any": f"{'x' * 70_000}\n{size}\n{root}\n",
    }.items():
        yield case(
            f"a checkpoint with {name}", signed, files | {"checkpoint": signed.note(20, text=text)}, "checkpoint"
        )


def _signatures() -> Iterator[Case]:
    """What stands under a checkpoint."""
    signed = signer()
    files = small(signed)
    text, _, under = files["checkpoint"].decode().partition("\n\n")
    own, witness = under.splitlines()
    key = signed.key
    wrong = Signature(key.name, key.id, bytes(64)).written().strip()
    unknown = Signature("other.example", b"\x01\x02\x03\x04", bytes(2420)).written().strip()
    for name, said, item in [
        ("twice the same", [own, own, witness], None),
        ("in another order", [witness, own], None),
        ("one of an unknown kind", [own, witness, unknown], None),
        ("one of a key with the same name", [own, witness, unknown.replace("other.example", key.name)], None),
        ("one that says next to nothing", [own, witness, f"\u2014 x {_base64(bytes(5))}"], None),
        ("a hundred", [own, witness, *[unknown] * 9, *[own] * 89], None),
        ("a hundred and one", [own, witness, *[own] * 99], "checkpoint"),
        ("one that does not hold, last", [own, witness, wrong], "checkpoint"),
        ("one that does not hold, first", [wrong, own, witness], "checkpoint"),
        ("one of 63 bytes", [Signature(key.name, key.id, bytes(63)).written().strip(), witness], "checkpoint"),
        ("none of the log", [witness, unknown], "checkpoint"),
        ("only an id", [own, witness, f"\u2014 x {_base64(bytes(4))}"], "checkpoint"),
        ("spare bits", [own, witness, f"\u2014 x {spare_bits(_base64(bytes(8)))}"], "checkpoint"),
        ("spare bits in its own", [f"\u2014 {key.name} {spare_bits(own.split()[2])}", witness], "checkpoint"),
        ("a space more", [own.replace(" ", "  ", 1), witness], "checkpoint"),
        ("a space at the end", [own + " ", witness], "checkpoint"),
        ("a word more", [own + " x", witness], "checkpoint"),
        ("a hyphen", [own.replace("\u2014", "-"), witness], "checkpoint"),
        ("a shorter dash", [own, witness.replace("\u2014", "\u2013")], "checkpoint"),
        ("no dash", [own, witness[2:]], "checkpoint"),
        ("a plus in a name", [own, witness.replace("witness-0", "witness+0")], "checkpoint"),
        ("a tab in a name", [own, witness.replace("witness-0", "witness\t0")], "checkpoint"),
        ("a space beyond ASCII in a name", [own, witness.replace("witness-0", "witness\u20070")], "checkpoint"),
        ("a name beyond ASCII", [own, unknown.replace("other", "\u00f6ther"), witness], "checkpoint"),
        ("a name of many letters", [own, unknown.replace("other", "o" * 300), witness], "checkpoint"),
        ("an empty line in between", [own, "", witness], "checkpoint"),
        ("an empty line at the end", [own, witness, ""], "checkpoint"),
        ("nothing", [], "checkpoint"),
    ]:
        note = f"{text}\n\n".encode() + lines(said)
        yield case(f"signatures: {name}", signed, files | {"checkpoint": note}, item)


def _cosignatures() -> Iterator[Case]:
    """What a witness says."""
    signed = signer()
    files = small(signed)
    body, _, under = files["checkpoint"].decode().partition("\n\n")
    text, own, witness = body + "\n", *under.splitlines()
    (key,) = signed.witness_keys
    raw = base64.b64decode(witness.split()[2])
    good, other, late, old = (
        signed.cosignature(said, at).written().strip()
        for said, at in [(text, 5), (signed.text(3), 5), (text, 1 << 32), (text, (1 << 32) - 1)]
    )
    for name, said, item in [
        ("a good one", [good], None),
        ("the last second of all", [old], None),
        ("beyond the last second", [late], "checkpoint"),
        ("none", [], "checkpoint"),
        ("of another text", [other], "checkpoint"),
        ("one that does not hold, and a good one", [other, good], None),
        ("71 bytes", [Signature(key.name, key.id, raw[4:-1]).written().strip()], "checkpoint"),
        ("73 bytes", [Signature(key.name, key.id, raw[4:] + b"x").written().strip()], "checkpoint"),
        ("another time", [_retimed(raw, key).written().strip()], "checkpoint"),
        ("another name", [good.replace("witness-0", "witness-1")], "checkpoint"),
        ("another id", [Signature(key.name, b"abcd", raw[4:]).written().strip()], "checkpoint"),
    ]:
        note = f"{text}\n".encode() + lines([own, *said])
        yield case(f"cosignatures: {name}", signed, files | {"checkpoint": note}, item)


def _retimed(raw: bytes, key: Key) -> Signature:
    return Signature(key.name, key.id, (int.from_bytes(raw[4:12], "big") + 1).to_bytes(8, "big") + raw[12:])


def _keys() -> Iterator[Case]:
    """What is given as the log's key, and as a witness's."""
    signed = signer()
    files = small(signed)
    log, witness = signed.key.written(), signed.witness_keys[0].written()
    key = signed.key
    name, key_id, _ = log.split("+", 2)
    wrong = [
        "",
        name,
        f"{name}+{key_id}",
        f" {log}",
        f"{log}\n",
        f"{log} ",
        f"{log[:-1]}",
        f"{log}=",
        log.replace(key_id, "00000000"),
        log.replace(key_id, key_id.upper()) if key_id != key_id.upper() else f"{log}x",
        log.replace(name, "other.example"),
        Key(name, 2, key.public).written(),
        Key(name, 1, key.public[:-1]).written(),
        Key(name, 1, key.public + b"x").written(),
        Key("with space", 1, key.public).written(),
        Key("\u00f6rigin", 1, key.public).written(),
        Key("x" * 201, 1, key.public).written(),
        Key("", 1, key.public).written(),
    ]
    for number, vkey in enumerate([*wrong, witness]):
        yield Case(f"a key of a log that is none ({number})", files, vkey, [], "key")
    for number, vkey in enumerate([*wrong, log]):
        yield Case(f"a key of a witness that is none ({number})", files, log, [witness, vkey], "witness key")
    stranger = Signed(random.Random(12))
    yield Case("the key of another log of that name", files, stranger.key.written(), [], "checkpoint")
    yield Case("a stranger's witness", files, log, [stranger.witness_keys[0].written()], "checkpoint")


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
