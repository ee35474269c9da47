"""What can be done by whoever makes leaves, answers and the page anew as well: everything that needs no key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

from domain import canonical
from domain.evidence.leaves import Head, fact_leaf, read_fact_leaf, read_head_leaf
from domain.evidence.trees import leaf_hash, root_of
from domain.instants import read_instant, write_instant
from infrastructure.bundle import layout
from infrastructure.bundle.layout import PLACE, TERMS, TreeNames
from infrastructure.bundle.reading import written_lines
from tests.infrastructure.bundle.mutating import Mutation, Spoil
from tests.infrastructure.bundle.operating import Files, Operator, lines


@dataclass
class _Lines:
    """A leaf with what is disclosed of it."""

    leaf: bytes
    body: bytes
    personal: bytes

    def hashed(self, position: int | None = None, *, decides: bool | None = None) -> "_Lines":
        """With the leaf that its bytes make."""
        said = read_fact_leaf(self.leaf)
        at, deciding = position or said.position, said.decides if decides is None else decides
        return replace(self, leaf=fact_leaf(self.body, self.personal or None, at, decides=deciding).written())


def _facts_of(files: Files, names: TreeNames) -> list[_Lines]:
    columns = (lines(files[name]) for name in (names.leaves, names.bodies, names.personal))
    return [_Lines(*each) for each in zip(*columns, strict=True)]


def _with(files: Files, names: TreeNames, found: Sequence[_Lines]) -> Files:
    return {
        **files,
        names.leaves: written_lines(tuple(each.leaf for each in found)),
        names.bodies: written_lines(tuple(each.body for each in found)),
        names.personal: written_lines(tuple(each.personal for each in found)),
    }


def _headed(files: Files, names: TreeNames) -> Files:
    """With the head that the leaves make."""
    said = read_head_leaf(files[names.head])
    assert isinstance(said, Head)
    found = lines(files[names.leaves])
    return {**files, names.head: Head(said.log, len(found), root_of(map(leaf_hash, found))).written()}


def _open(files: Files, keep: Callable[[dict[str, Any]], bool]) -> Files:
    """With only some of what is opened."""
    opened = [row for row in canonical.read(files[layout.OPENED]) if keep(row)]
    return {**files, layout.OPENED: canonical.write(opened) + b"\n"}


def _deciding(found: Sequence[_Lines]) -> list[int]:
    return [number for number, each in enumerate(found) if read_fact_leaf(each.leaf).decides]


def _left_out(names: TreeNames, *, headed: bool) -> Spoil:
    """A fact that decides is left out: leaf, body, what is opened of it; everything else follows from the rest."""

    def spoil(operator: Operator, files: Files, chance: Random) -> bytes:
        found = _facts_of(files, names)
        gone = chance.choice(_deciding(found))
        position = read_fact_leaf(found[gone].leaf).position
        left = _with(_open(files, lambda row: row["position"] != position), names, found[:gone] + found[gone + 1 :])
        return operator.bundle(_headed(left, names) if headed else left)

    return spoil


def _hidden(operator: Operator, files: Files, chance: Random) -> bytes:
    """A fact that decides is not disclosed."""
    found = _facts_of(files, PLACE)
    gone = chance.choice(_deciding(found))
    position = read_fact_leaf(found[gone].leaf).position
    found[gone] = replace(found[gone], body=b"", personal=b"")
    return operator.bundle(_with(_open(files, lambda row: row["position"] != position), PLACE, found))


def _passed_off(operator: Operator, files: Files, chance: Random) -> bytes:
    """A fact that decides is said to be an observation, and not disclosed."""
    found = _facts_of(files, PLACE)
    gone = chance.choice(_deciding(found))
    position = read_fact_leaf(found[gone].leaf).position
    found[gone] = replace(found[gone].hashed(decides=False), body=b"", personal=b"")
    return operator.bundle(_with(_open(files, lambda row: row["position"] != position), PLACE, found))


def _from_elsewhere(*, headed: bool) -> Spoil:
    """A fact of another location, or of none, among those of this one."""

    def spoil(operator: Operator, files: Files, chance: Random) -> bytes | None:
        mine = {f"location:{operator.location}", "terms"}
        others = [row for row in operator.rows if row.tree not in mine and row.decides]
        if not others:
            return None
        row, found = chance.choice(others), _facts_of(files, PLACE)
        strange = _Lines(row.leaf.written(), row.body, row.sealed or b"")
        at = sum(read_fact_leaf(each.leaf).position < row.position for each in found)
        spoilt = _with(files, PLACE, [*found[:at], strange, *found[at:]])
        return operator.bundle(_headed(spoilt, PLACE) if headed else spoilt)

    return spoil


def _said_otherwise(*, leaves: bool) -> Spoil:
    """A fact says that something else held: another instant, another member, another right."""

    def spoil(operator: Operator, files: Files, chance: Random) -> bytes:
        found = _facts_of(files, PLACE)
        at = chance.choice(_deciding(found)[1:] or _deciding(found))
        body = canonical.read(found[at].body)
        body["effective_at"] = write_instant(
            read_instant(body["effective_at"]) + timedelta(days=chance.randint(1, 400))
        )
        spoilt = replace(found[at], body=canonical.write(body))
        found[at] = spoilt.hashed() if leaves else spoilt
        return operator.bundle(_with(files, PLACE, found))

    return spoil


def _moved(operator: Operator, files: Files, chance: Random) -> bytes:
    """Two facts change places."""
    found = _facts_of(files, PLACE)
    one, other = chance.sample(_deciding(found), 2)
    found[one], found[other] = found[other], found[one]
    return operator.bundle(_with(files, PLACE, found))


def _positions_swapped(operator: Operator, files: Files, chance: Random) -> bytes:
    """Two facts change their positions, and the leaves say so."""
    found = _facts_of(files, PLACE)
    one, other = chance.sample(_deciding(found), 2)
    places = [read_fact_leaf(found[at].leaf).position for at in (one, other)]
    found[one], found[other] = found[other].hashed(places[0]), found[one].hashed(places[1])
    return operator.bundle(_with(_open(files, lambda _: False), PLACE, found))


def _opened_otherwise(operator: Operator, files: Files, chance: Random) -> bytes | None:
    """A name is not the one that was sealed; names of seats follow."""
    opened = canonical.read(files[layout.OPENED])
    named = [row for row in opened if isinstance(row["personal"].get("data", {}).get("name"), str)]
    if not named:
        return None
    chance.choice(named)["personal"]["data"]["name"] += "a"
    return operator.bundle({**files, layout.OPENED: canonical.write(opened) + b"\n"})


def _opened_elsewhere(operator: Operator, files: Files, chance: Random) -> bytes | None:
    """What is opened of one fact stands at another."""
    opened = canonical.read(files[layout.OPENED])
    if len(opened) < 2:
        return None
    one, other = chance.sample(opened, 2)
    if (one["salt"], one["subject"]) == (other["salt"], other["subject"]):
        return None
    one["salt"], other["salt"] = other["salt"], one["salt"]
    return operator.bundle({**files, layout.OPENED: canonical.write(opened) + b"\n"})


def _more_fields(operator: Operator, files: Files, chance: Random) -> bytes | None:
    """An erased part is opened by somebody who does not know it."""
    found = _facts_of(files, PLACE)
    opened = canonical.read(files[layout.OPENED])
    there = {(row["position"], row["subject"]) for row in opened}
    closed = [
        (read_fact_leaf(each.leaf).position, part["subject"])
        for each in found
        if each.personal
        for part in canonical.read(each.personal)
        if (read_fact_leaf(each.leaf).position, part["subject"]) not in there and "data.name" in part["fields"]
    ]
    if not closed:
        return None
    position, subject = chance.choice(closed)
    salt = opened[0]["salt"] if opened else "A" * 43 + "="
    made = {"personal": {"data": {"name": "Mia"}}, "position": position, "salt": salt, "subject": subject}
    rows = sorted([*opened, made], key=lambda row: (row["position"], row["subject"]))
    return operator.bundle({**files, layout.OPENED: canonical.write(rows) + b"\n"})


OF_FACTS = (
    Mutation("a fact left out", frozenset({"complete"}), _left_out(PLACE, headed=False)),
    Mutation("a fact left out, with a head", frozenset({"head"}), _left_out(PLACE, headed=True)),
    Mutation("terms left out", frozenset({"terms_complete"}), _left_out(TERMS, headed=False)),
    Mutation("terms left out, with a head", frozenset({"terms_head"}), _left_out(TERMS, headed=True)),
    Mutation("a fact hidden", frozenset({"disclosed"}), _hidden),
    Mutation("a fact passed off", frozenset({"complete"}), _passed_off),
    Mutation("a fact from elsewhere", frozenset({"places"}), _from_elsewhere(headed=False)),
    Mutation("a fact from elsewhere, with a head", frozenset({"places"}), _from_elsewhere(headed=True)),
    Mutation("a fact says otherwise", frozenset({"bodies"}), _said_otherwise(leaves=False)),
    Mutation("a fact says otherwise, with its leaf", frozenset({"complete"}), _said_otherwise(leaves=True)),
    Mutation("two facts moved", frozenset({"positions"}), _moved),
    Mutation("two positions swapped", frozenset({"complete"}), _positions_swapped),
    Mutation("a name opened otherwise", frozenset({"commitments"}), _opened_otherwise),
    Mutation("salts swapped", frozenset({"commitments"}), _opened_elsewhere),
    Mutation("an erased name made up", frozenset({"commitments"}), _more_fields),
)
