"""Whoever keeps a ledger, signs it and makes bundles of it; honest unless a test has something else in mind.

Everything is in memory and follows from a seed: random facts of several locations, sealed parts (some of which are
erased), two trees of which a bundle is made among others, a head log that grew in two steps, a witness.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain import canonical
from domain.entries import Entry, Quarantined, Stamp, from_bytes, in_parts, stream_of
from domain.evidence.leaves import Event, FactLeaf, Head, fact_leaf, read_fact_leaf, tree_of
from domain.evidence.notes import Checkpoint, Note
from domain.evidence.trees import leaf_hash, root_of
from domain.facts import OBSERVATIONS, InvalidFactError, read_fact
from domain.instants import local_date, read_instant, read_time_zone, write_instant
from infrastructure.bundle import layout
from infrastructure.bundle.archive import pack
from infrastructure.bundle.layout import PLACE, TERMS, TreeNames
from infrastructure.bundle.manifest import about, written
from infrastructure.bundle.own import own
from infrastructure.bundle.page import Shown, page
from infrastructure.bundle.reading import Asked, written_hashes, written_inclusion, written_lines
from infrastructure.bundle.readme import readme
from infrastructure.bundle.recounting import Recount
from infrastructure.bundle.sealed import OpenedPart, opened_at, personal_in, read_opened
from infrastructure.signing.signatures import Ed25519Cosigner, Ed25519Signer
from tests.domain.evidence.growth import Grown
from tests.naive.ledgers import ledger, locations

Files = dict[str, bytes]
ORIGIN = "ledger.example/tests"
OWN = replace(own(), replayer=b"#!/usr/bin/env python3\n")
"""What this program puts into a bundle, with a replayer that is not half a megabyte a thousand times."""

WITNESS = "witness.example/tests"


@dataclass(frozen=True)
class Row:
    """One stored fact, with what can be opened of it."""

    position: int
    tree: str
    body: bytes
    sealed: bytes | None
    decides: bool
    opened: tuple[OpenedPart, ...] = ()

    @property
    def leaf(self) -> FactLeaf:
        return fact_leaf(self.body, self.sealed, self.position, decides=self.decides)


Lie = Callable[[list[Row]], list[Row]]


@dataclass
class Operator:
    """A ledger of random facts in memory, its trees and its keys."""

    seed: int
    size: int = 40
    days: int = 4
    lie: Lie = list
    seat: str | None = None
    raw: list[dict[str, Any]] | None = None
    """The facts, where a test brings its own."""

    rows: list[Row] = field(init=False)
    log: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        self.signer = Ed25519Signer(self._key(), ORIGIN)
        self.witness = Ed25519Cosigner(self._key(), WITNESS)
        raw = self.raw if self.raw is not None else ledger(self.seed, self.size)
        names = list(locations(raw))
        self.location = max(names, key=lambda name: sum(each.get("location") == name for each in raw))
        self.asked = self._asked(raw)
        self.at = max(read_instant(each["recorded_at"]) for each in raw) + timedelta(days=60)
        self.export = str(UUID(bytes=self._chance.randbytes(16), version=4))
        rows = [self._row(each, position) for position, each in enumerate([*raw, self._exported()], start=1)]
        self.rows = self.lie(rows)
        self.seen = self._middle()
        self._grow()

    @property
    def vkey(self) -> str:
        return self.signer.key.written()

    def note(self, size: int, at: datetime) -> bytes:
        """The checkpoint of the first leaves of the head log, cosigned at an instant."""
        text = Checkpoint(ORIGIN, size, root_of(map(leaf_hash, self.log[:size]))).written()
        signatures = (self.signer.sign(text), self.witness.cosign(text, int(at.timestamp())))
        return Note(text, signatures).written().encode()

    def files(self, *, older: frozenset[str] = frozenset()) -> Files:
        """All files of the bundle but those that follow from the others; of `older` trees the head before the last."""
        grown = Grown([leaf_hash(leaf) for leaf in self.log])
        files = {
            layout.CHECKPOINT: self.note(len(self.log), self.at),
            layout.EARLIER: self.note(self.first, self.seen),
            layout.CONSISTENCY: written_hashes(tuple(grown.consistency(self.first, len(self.log)))),
            layout.README: readme(),
            layout.REPLAYER: OWN.replayer,
            **OWN.kit,
            **{layout.catalogue_name(number): content for number, content in OWN.catalogue_files.items()},
        }
        opened: list[OpenedPart] = []
        for names, tree in ((PLACE, f"location:{self.location}"), (TERMS, "terms")):
            heads = self.heads[tree]
            index, size = heads[0 if tree in older else -1]
            rows = [row for row in self.rows if row.tree == tree][:size]
            files |= self._tree_files(names, grown, index, rows)
            opened += [part for row in rows if self._is_disclosed(row) for part in row.opened]
            if names is PLACE and heads[0][0] < self.first:
                proof = Grown([leaf_hash(leaf) for leaf in self.log[: self.first]]).inclusion(heads[0][0], self.first)
                files[layout.EARLIER_HEAD] = self.log[heads[0][0]]
                files[layout.EARLIER_INCLUSION] = written_inclusion(heads[0][0], tuple(proof))
        opened.sort(key=lambda part: (part.position, part.subject))
        files[layout.OPENED] = canonical.write([part.written() for part in opened]) + b"\n"
        return files

    def bundle(self, files: Files | None = None, asked: Asked | None = None) -> bytes:
        """The bundle of these files, everything that follows from them made anew as an operator can."""
        return pack(finished(self.files() if files is None else files, asked or self.asked, self.export, self.at))

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._chance.randbytes(32))

    def _asked(self, raw: Sequence[dict[str, Any]]) -> Asked:
        told = [read_instant(each["recorded_at"]) for each in raw if each.get("location") == self.location]
        last = local_date(told[len(told) * 3 // 4], read_zone(raw, self.location))
        first = last - timedelta(days=self.days - 1)
        return Asked(self.location, first, last, self.seat, None)

    def _exported(self) -> dict[str, Any]:
        return {
            "id": self.export,
            "type": "DataExported",
            "location": self.location,
            "recorded_at": write_instant(self.at),
            "effective_at": write_instant(self.at),
            "actor": {"kind": "system", "id": "operator"},
            "change": self.export,
            "reason": "a bill is in dispute",
            "data": {"what": self.asked.said(), "format": "zip", "rows": self.asked.days},
        }

    def _row(self, raw: Mapping[str, Any], position: int) -> Row:
        fact = read_fact(raw)
        body, _, parts = in_parts(Entry(fact, Stamp()))
        sealed, opened = [], []
        for part in parts:
            salt, personal = self._chance.randbytes(32), canonical.read(part.personal)
            sealed.append(
                {
                    "ciphertext": b64encode(self._chance.randbytes(48)).decode(),
                    "commit": hmac.new(salt, part.personal, sha256).hexdigest(),
                    "fields": list(part.fields),
                    "key": str(UUID(bytes=self._chance.randbytes(16), version=4)),
                    "nonce": b64encode(self._chance.randbytes(12)).decode(),
                    "subject": part.subject,
                }
            )
            if sha256(f"{self.seed}{part.subject}".encode()).digest()[0] >= 64:  # the others are erased
                opened.append(OpenedPart(position, part.subject, salt, personal))
        tree = tree_of(fact.location, stream_of(fact))
        written_parts = canonical.write(sealed) if sealed else None
        return Row(position, tree, body, written_parts, fact.type not in OBSERVATIONS, tuple(opened))

    def _middle(self) -> datetime:
        """When the witness saw the earlier checkpoint: after half of the location's facts."""
        mine = [row for row in self.rows if row.tree == f"location:{self.location}" and row.decides]
        self._cut = mine[len(mine) // 2].position
        recorded = [canonical.read(row.body)["recorded_at"] for row in self.rows if row.position <= self._cut]
        return max(map(read_instant, recorded))

    def _grow(self) -> None:
        self.log = [Event("start", {"by": "tests"}).written()]
        self.heads: dict[str, list[tuple[int, int]]] = {}
        of_trees = {row.tree: f"{self._chance.getrandbits(128):032x}" for row in self.rows}
        for upto in (self._cut, len(self.rows) * 2):
            for tree, opaque in of_trees.items():
                leaves = [row.leaf for row in self.rows if row.tree == tree and row.position <= upto]
                if leaves and (tree not in self.heads or self.heads[tree][-1][1] < len(leaves)):
                    self.heads.setdefault(tree, []).append((len(self.log), len(leaves)))
                    root = root_of(leaf_hash(leaf.written()) for leaf in leaves)
                    self.log.append(Head(opaque, len(leaves), root).written())
            if upto == self._cut:
                self.first = len(self.log)

    def _tree_files(self, names: TreeNames, grown: Grown, index: int, rows: Sequence[Row]) -> Files:
        return {
            names.head: self.log[index],
            names.inclusion: written_inclusion(index, tuple(grown.inclusion(index, len(self.log)))),
            names.later: written_lines(tuple(self.log[index + 1 :])),
            names.leaves: written_lines(tuple(row.leaf.written() for row in rows)),
            names.bodies: written_lines(tuple(row.body if self._is_disclosed(row) else b"" for row in rows)),
            names.personal: written_lines(
                tuple((row.sealed or b"") if self._is_disclosed(row) else b"" for row in rows)
            ),
        }

    def _is_disclosed(self, row: Row) -> bool:
        return row.decides or self.export.encode() in row.body


def read_zone(raw: Sequence[dict[str, Any]], location: str) -> ZoneInfo:
    """The zone of a location, as its first fact says."""
    return read_time_zone(locations(list(raw))[location])


def finished(files: Files, asked: Asked, export: str, at: datetime) -> Files:
    """These files with answers, page and manifest as they follow from what the files disclose."""
    entries, unread = entries_of(files)
    position = max(_leaf(line).position for names in (PLACE, TERMS) for line in lines(files[names.leaves]))
    recount = Recount(asked, entries, unread, OWN.catalogues, (at, position))
    answers = recount.answers()
    says = about(asked, export, (at, position), recount, OWN, signed=layout.CHECKPOINT in files)
    note = files[layout.CHECKPOINT].decode() if layout.CHECKPOINT in files else None
    shown = Shown(says, answers, note, OWN.catalogues[1])
    made = {**files, layout.ANSWERS: canonical.write(answers) + b"\n", layout.PAGE: page(shown)}
    return {**made, layout.MANIFEST: written(says, made)}


def entries_of(files: Files) -> tuple[list[Entry], list[Quarantined]]:
    """The disclosed facts that decide, in order of position, and what cannot be read."""
    opened = opened_at(read_opened(files[layout.OPENED]))
    found: list[Entry] = []
    unread: list[Quarantined] = []
    for names in (PLACE, TERMS):
        rows = zip(*(lines(files[name]) for name in (names.leaves, names.bodies, names.personal)), strict=True)
        for leaf, body, personal in rows:
            position = _leaf(leaf).position
            try:
                found += [from_bytes(body, personal_in(personal, opened.get(position, {})), position)] if body else []
            except InvalidFactError as error:
                unread.append(Quarantined(position, "", "", str(error)))
    found.sort(key=lambda entry: entry.position or 0)
    return [entry for entry in found if entry.fact.type not in OBSERVATIONS], unread


def lines(content: bytes) -> list[bytes]:
    """The lines of a file."""
    return content[:-1].split(b"\n") if content else []


def with_manifest(files: Files) -> Files:
    """The files with a manifest that names them as they are."""
    content = canonical.read(files[layout.MANIFEST])
    said = {key: value for key, value in content.items() if key != "files"}
    return {**files, layout.MANIFEST: written(said, files)}


def altered(row: Row, change: Callable[[dict[str, Any]], None]) -> Row:
    """A stored fact that says something else."""
    content = canonical.read(row.body)
    change(content)
    return replace(row, body=canonical.write(content))


def _leaf(line: bytes) -> FactLeaf:
    return read_fact_leaf(line)
