"""Unpacked bundles as a test makes them: random facts in two trees, a head log over these, and a key that signed it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain import canonical
from domain.evidence.leaves import Event, Head, fact_leaf
from domain.evidence.notes import Checkpoint, Key, Note, Signature, write_hashes
from domain.evidence.trees import leaf_hash, root_of
from infrastructure.signing.signatures import Ed25519Cosigner, Ed25519Signer
from tests.domain.evidence.growth import Grown

Folder = dict[str, bytes]
"""The files of a folder by name."""

ORIGIN = "ledger.example/altegio-1"
_WORDS = ("Olga", "Sana", "é", "😀", "\\", '"', "@", " ", "\x7f", "\n", "%s", "- x", "\u2014", "*")


@dataclass
class Signed:
    """A log of heads, and who signs it: what an honest operator has, and a dishonest one too."""

    chance: random.Random
    origin: str = ORIGIN
    witnesses: int = 1
    log: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._signer = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(self.chance.randbytes(32)), self.origin)
        self._cosigners = [
            Ed25519Cosigner(
                Ed25519PrivateKey.from_private_bytes(self.chance.randbytes(32)), f"witness-{number}.example"
            )
            for number in range(self.witnesses)
        ]

    @property
    def key(self) -> Key:
        """The log's key."""
        return self._signer.key

    @property
    def witness_keys(self) -> list[Key]:
        """Those of its witnesses."""
        return [each.key for each in self._cosigners]

    def text(self, size: int) -> str:
        """The checkpoint of the log's first entries."""
        return Checkpoint(self.origin, size, root_of(map(leaf_hash, self.log[:size]))).written()

    def note(self, size: int, *, text: str | None = None) -> bytes:
        """That checkpoint, or another text, signed and cosigned."""
        said = self.text(size) if text is None else text
        seen = 1_760_000_000 + size
        signatures = (self._signer.sign(said), *(each.cosign(said, seen) for each in self._cosigners))
        return Note(said, signatures).written().encode()

    def cosignature(self, text: str, at: int) -> Signature:
        """The first witness's."""
        return self._cosigners[0].cosign(text, at)

    def proofs(self, index: int, earlier: int | None) -> Folder:
        """The proof that an entry is in the whole log, and perhaps that the log has grown out of an earlier one."""
        grown, size = Grown([leaf_hash(entry) for entry in self.log]), len(self.log)
        found = {"proofs/head-inclusion": lines([str(index), *write_hashes(grown.inclusion(index, size))])}
        if earlier is not None:
            found["earlier-checkpoint"] = self.note(earlier)
            found["proofs/consistency"] = lines(write_hashes(grown.consistency(earlier, size)))
        return found

    def later(self, index: int) -> bytes:
        """Every entry of the log behind one."""
        return b"".join(entry + b"\n" for entry in self.log[index + 1 :])


@dataclass(frozen=True)
class Facts:
    """The facts of one tree: bodies and sealed parts as stored, their positions and leaves."""

    log: str
    bodies: Sequence[bytes]
    personal: Sequence[bytes | None]
    leaves: Sequence[bytes]

    def head(self) -> bytes:
        """The tree's entry in the head log."""
        return Head(self.log, len(self.leaves), root_of(map(leaf_hash, self.leaves))).written()

    def files(self, chance: random.Random) -> Folder:
        """What a bundle shows of them: not every body, and not every sealed part."""
        return {
            "head.json": self.head(),
            "leaves": b"".join(leaf + b"\n" for leaf in self.leaves),
            "bodies": b"".join((b"" if chance.random() < 0.2 else body) + b"\n" for body in self.bodies),
            "personal": b"".join((b"" if chance.random() < 0.3 else part or b"") + b"\n" for part in self.personal),
        }


def random_facts(chance: random.Random, count: int) -> Facts:
    """So many facts of a tree, of any words."""
    bodies, personal, leaves = [], [], []
    position = chance.choice([0, 7, 99_990, 999_999_999_000])
    for _ in range(count):
        position += chance.randint(1, 40)
        words = {"actor": "".join(chance.choices(_WORDS, k=chance.randint(0, 9))), "number": chance.randint(0, 10**9)}
        bodies.append(canonical.write({"data": words, "type": chance.choice(["UserInvited", "SignedIn"])}))
        sealed = canonical.write([{"ciphertext": chance.randbytes(chance.randint(9, 40)).hex()}])
        personal.append(sealed if chance.random() < 0.4 else None)
        leaf = fact_leaf(bodies[-1], personal[-1], position, decides=chance.random() < 0.7)
        leaves.append(leaf.written())
    return Facts(chance.randbytes(16).hex(), bodies, personal, leaves)


def folder(
    signed: Signed,
    *,
    facts: int | Facts = 12,
    terms: int | None = 3,
    entries: int = 20,
    earlier: int | Literal["none"] = 5,
    later: bool = True,
) -> Folder:
    """A folder that holds: its trees among other entries of the log, signed."""
    chance = signed.chance
    place = facts if isinstance(facts, Facts) else random_facts(chance, facts)
    about = {"": place} | ({} if terms is None else {"terms/": random_facts(chance, terms)})
    others = [_other(chance) for _ in range(max(entries - len(about), 0))]
    signed.log = [*others, *(tree.head() for tree in about.values())]
    chance.shuffle(signed.log)
    files: Folder = {"checkpoint": signed.note(len(signed.log))}
    for prefix, tree in about.items():
        index = signed.log.index(tree.head())
        own = tree.files(chance) | signed.proofs(index, None if earlier == "none" or prefix else earlier)
        if later:
            own["proofs/later"] = signed.later(index)
        files |= {f"{'' if name in _ONCE else prefix}{name}": content for name, content in own.items()}
    return files


_ONCE = ("earlier-checkpoint", "proofs/consistency")


def _other(chance: random.Random) -> bytes:
    """Another tree's head, or an event of the log."""
    if chance.random() < 0.7:
        return Head(chance.randbytes(16).hex(), chance.randint(1, 10**6), chance.randbytes(32)).written()
    said = {"why": "".join(chance.choices(_WORDS, k=4))}
    return Event(chance.choice(["start", "key", "restore"]), said).written()


def lines(texts: Sequence[str]) -> bytes:
    """A file of one text a line."""
    return "".join(f"{text}\n" for text in texts).encode()


def unpacked(files: Folder, where: Path) -> Path:
    """The files as a folder on disk."""
    for name, content in files.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return where
