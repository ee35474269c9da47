"""Folders made by hand: what a careless program or a dishonest signer could hand over, each with the item to name."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from domain.evidence.leaves import Head
from tests.infrastructure.evidence.kit.cases import Case, case, signer, spare_bits
from tests.infrastructure.evidence.kit.crafted_notes import crafted_notes
from tests.infrastructure.evidence.kit.folders import Facts, Signed, folder, lines, random_facts


def crafted() -> list[Case]:
    """Every one of them."""
    return [*_facts(), *_trees(), *_logs(), *crafted_notes()]


def _facts() -> Iterator[Case]:
    """What is shown of facts."""
    signed = signer()
    facts = random_facts(signed.chance, 9)
    shown = folder(signed, facts=replace(facts, leaves=facts.leaves), terms=None)
    shown["bodies"] = b"".join(body + b"\n" for body in facts.bodies)
    shown["personal"] = b"".join((part or b"") + b"\n" for part in facts.personal)
    yield case("every fact and sealed part is shown", signed, shown, None)
    yield case("no fact is shown", signed, shown | {"bodies": b"\n" * 9, "personal": b"\n" * 9}, None)
    for number, name, lines_ in (
        (4, "bodies", list(facts.bodies)),
        (7, "personal", [p or b"" for p in facts.personal]),
    ):
        lines_[number] = b'{"data":{}}'
        spoilt = shown | {name: b"".join(line + b"\n" for line in lines_)}
        yield case(f"another {name} in line {number + 1}", signed, spoilt, f"{name}, line {number + 1}")
    other = shown | {"bodies": shown["personal"], "personal": shown["bodies"]}
    yield case("bodies for personal", signed, other, f"bodies, line {_first(shown['personal'])}")
    decided = shown["leaves"].replace(b'"decides":true', b'"decides":false', 1)
    yield case("another leaf", signed, shown | {"leaves": decided}, "leaves")


def _first(content: bytes) -> int:
    return next(number for number, line in enumerate(content.split(b"\n"), 1) if line)


def _trees() -> Iterator[Case]:
    """Leaves that a signer signed, and that no ledger writes."""
    spoilings: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
        "leaves turned round": (lambda leaves: leaves[::-1], "leaves, line 2"),
        "a leaf twice": (lambda leaves: [*leaves[:4], *leaves[3:]], "leaves, line 5"),
        "a leaf with a space": (lambda leaves: [leaves[0].replace(b":", b": ", 1), *leaves[1:]], "leaves, line 1"),
        "a digest in capitals": (_capitals, "leaves, line 3"),
        "a position with a zero before it": (_positioned(b'"position":0'), "leaves, line 3"),
        "a position below zero": (_positioned(b'"position":-'), "leaves, line 3"),
        "a position that no ledger has": (_positioned(b'"position":1000000000000000'), "leaves, line 3"),
        "a leaf of another version": (lambda leaves: [leaves[0].replace(b'"v":1', b'"v":2')], "leaves, line 1"),
        "a leaf with more in it": (lambda leaves: [leaves[0][:-1] + b',"z":1}'], "leaves, line 1"),
        "a leaf with a key twice": (lambda leaves: [b'{"body":"",' + leaves[0][1:]], "leaves, line 1"),
        "an empty leaf": (lambda leaves: [*leaves[:2], b"", *leaves[2:]], "leaves, line 3"),
        "high bytes in a leaf": (lambda leaves: [*leaves, b"\xff\xfe"], "leaves, line 10"),
        "two faults, the order first": (lambda leaves: [leaves[1], leaves[0], b"{}"], "leaves, line 2"),
        "two faults, the form first": (lambda leaves: [leaves[1], b"{}", leaves[0]], "leaves, line 2"),
    }
    for name, (spoil, item) in spoilings.items():
        signed = signer()
        facts = random_facts(signed.chance, 9)
        spoilt = Facts(facts.log, facts.bodies, facts.personal, spoil(list(facts.leaves)))
        yield case(name, signed, folder(signed, facts=spoilt, terms=None), item)
    signed = signer()
    yield case("no fact", signed, folder(signed, facts=0), "head.json")
    signed = signer()
    files = folder(signed)
    again = {f"terms/{name}": content for name, content in files.items() if f"terms/{name}" in files}
    yield case("the tree of the location as that of the terms", signed, files | again, "terms/head.json")
    more = files["head.json"].replace(b'"size"', b'"sent":1,"size"')
    yield case("a head with more in it", signed, files | {"head.json": more}, "head.json")
    yield case("a head with a line's end", signed, files | {"head.json": files["head.json"] + b"\n"}, "head.json")


def _capitals(leaves: list[bytes]) -> list[bytes]:
    body = leaves[2][9:73]
    return [*leaves[:2], leaves[2].replace(body, body.upper()), *leaves[3:]]


def _positioned(text: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda leaves: [*leaves[:2], leaves[2].replace(b'"position":', text), *leaves[3:]]


def _logs() -> Iterator[Case]:
    """What a log holds around the head, and what it was."""
    for number in range(60):
        signed = signer(100 + number)
        files = folder(signed, entries=9)
        if files["proofs/head-inclusion"].startswith(b"8\n"):
            yield case("the head is the last entry, at the edge of the tree", signed, files, None)
            break
    signed = signer()
    files = folder(signed, terms=None, earlier="none", later=False)
    index, *proof = files["proofs/head-inclusion"].decode().splitlines()
    for name, spoilt in {
        "a hash with spare bits": [index, spare_bits(proof[0]), *proof[1:]],
        "a hash without its padding": [index, proof[0].rstrip("="), *proof[1:]],
        "a hash after a space": [index, " " + proof[0], *proof[1:]],
        "an index with a zero before it": ["0" + index, *proof],
        "an index written as an escape": [f"\\0{ord(index[0]):o}{index[1:]}", *proof],
        "an index of many digits": ["9" * 30, *proof],
        "an index that is one too high": [str(int(index) + 1), *proof],
        "a proof that is longer": [index, *proof, proof[0]],
        "a proof that is shorter": [index, *proof[:-1]],
        "no index": proof,
    }.items():
        yield case(name, signed, files | {"proofs/head-inclusion": lines(spoilt)}, "proofs/head-inclusion")
    yield from _later()
    yield from _earlier()


def _later() -> Iterator[Case]:
    signed = signer()
    facts = random_facts(signed.chance, 9)
    older = Facts(facts.log, facts.bodies[:5], facts.personal[:5], facts.leaves[:5])
    files = folder(signed, facts=older, terms=None, earlier="none")
    index = signed.log.index(older.head())
    signed.log.append(facts.head())
    signed.log.append(Head(signed.chance.randbytes(16).hex(), 3, signed.chance.randbytes(32)).written())
    files |= {"checkpoint": signed.note(len(signed.log))} | signed.proofs(index, None)
    number = len(signed.log) - 2 - index
    shown = files | {"proofs/later": signed.later(index)}
    yield case("a newer head is shown", signed, shown, f"proofs/later, line {number}")
    hidden = shown["proofs/later"].replace(facts.head() + b"\n", b"")
    yield case("a newer head is left out", signed, shown | {"proofs/later": hidden}, "proofs/later")
    other = facts.head().replace(facts.log.encode(), b"f" * 32)
    swapped = shown["proofs/later"].replace(facts.head(), other)
    yield case("a newer head is put differently", signed, shown | {"proofs/later": swapped}, "proofs/later")
    without = {name: content for name, content in files.items() if name != "proofs/later"}
    yield case("what follows is not shown", signed, without, None)
    for entry in (b'{"kind":"head","said":{},"v":1}', b'{"kind":"start","said":1,"v":1}', b"", b"{}", b"[]"):
        signed.log[-1] = entry
        files |= {"checkpoint": signed.note(len(signed.log))} | signed.proofs(index, None)
        shown = files | {"proofs/later": signed.later(index).replace(facts.head(), other)}
        yield case(f"an entry that is none: {entry.decode()}", signed, shown, f"proofs/later, line {number + 1}")


def _earlier() -> Iterator[Case]:
    signed, other = signer(), signer()
    folder(other, entries=30)
    files = folder(signed, entries=30, earlier=13)
    fork = other.note(13).split(b"\n\n")[0].decode() + "\n"
    assert signed.key == other.key
    other.log[3] = other.log[4]
    forked = files | {"earlier-checkpoint": other.note(13)}
    assert fork.encode() not in forked["earlier-checkpoint"]
    yield case("another log was signed with the key", signed, forked, "proofs/consistency")
    later = files | {"earlier-checkpoint": signed.note(30), "checkpoint": signed.note(13)}
    yield case("the log has become shorter", signed, later, "proofs/consistency")
    stranger = Signed(random.Random(12))
    stranger.log = signed.log
    strange = files | {"earlier-checkpoint": stranger.note(13)}
    yield case("the earlier one was signed by another key", signed, strange, "earlier-checkpoint")
    empty = files | {"earlier-checkpoint": signed.note(0)}
    yield case("a proof where none is needed", signed, empty, "proofs/consistency")
    yield case("the empty log", signed, empty | {"proofs/consistency": b""}, None)
    zeros = files | {"earlier-checkpoint": signed.note(0, text=signed.text(0).replace("\n0\n", "\n00\n"))}
    yield case("a size with two zeros", signed, zeros, "earlier-checkpoint")
    full = signed.text(13).replace("\n13\n", "\n0\n")
    wrong = files | {"earlier-checkpoint": signed.note(0, text=full), "proofs/consistency": b""}
    yield case("an empty log with a root", signed, wrong, "proofs/consistency")
