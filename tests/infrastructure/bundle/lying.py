"""Everything that can be done to a bundle, each with the findings that have to name it.

A `Lie` says which lines of business an attacker is in: who only has the file, who can make everything in it anew that
needs no key, and the operator, who signs what suits.
"""

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
from infrastructure.bundle.archive import pack
from infrastructure.bundle.layout import PLACE, TERMS, TreeNames
from infrastructure.bundle.reading import written_inclusion, written_lines
from tests.infrastructure.bundle.operating import Files, Operator, Row, altered, finished, lines, with_manifest

Spoil = Callable[[Operator, Files, Random], bytes | None]
"""The spoilt bundle; None where there is nothing to spoil in this one."""


@dataclass(frozen=True)
class Mutation:
    """One way to spoil a bundle, and the names of findings of which at least one has to say so."""

    name: str
    named: frozenset[str]
    spoil: Spoil


def mutations() -> Sequence[Mutation]:
    """All of them."""
    return (*_OF_FILES, *_OF_MANIFESTED, *_OF_FACTS, *_OF_ANSWERS, *_OF_OPERATORS)


# --- By whoever has the file -----------------------------------------------------------------------------------------


def _flipped(content: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]


def _cut(_: Operator, files: Files, chance: Random) -> bytes:
    data = pack(files)
    return data[: chance.randrange(len(data))]


def _put_around(_: Operator, files: Files, chance: Random) -> bytes:
    data, more = pack(files), chance.randbytes(chance.randint(1, 40))
    return chance.choice((more + data, data + more))


def _comment(_: Operator, files: Files, chance: Random) -> bytes:
    data, said = pack(files), chance.randbytes(chance.randint(1, 9))
    return data[:-2] + len(said).to_bytes(2, "little") + said


def _header(_: Operator, files: Files, chance: Random) -> bytes:
    """A bit of the frame: the directory at the end, or the first header."""
    data = bytearray(pack(files))
    directory = int.from_bytes(data[-6:-2], "little")
    at = chance.choice((chance.randrange(30), chance.randrange(directory, len(data))))
    data[at] ^= 1 << chance.randrange(8)
    return bytes(data)


def _one_file_flipped(_: Operator, files: Files, chance: Random) -> bytes:
    name = chance.choice(sorted(name for name in files if files[name]))
    return pack({**files, name: _flipped(files[name], chance)})


def _two_files_swapped(_: Operator, files: Files, chance: Random) -> bytes | None:
    one, other = chance.sample(sorted(files.keys() - {layout.MANIFEST}), 2)
    return pack({**files, one: files[other], other: files[one]}) if files[one] != files[other] else None


def _a_file_missing(_: Operator, files: Files, chance: Random) -> bytes:
    gone = chance.choice(sorted(files))
    return pack({name: content for name, content in files.items() if name != gone})


def _a_file_more(_: Operator, files: Files, chance: Random) -> bytes:
    return pack({**files, "kit/more.sh": chance.randbytes(9)})


_OF_FILES = (
    Mutation("cut", frozenset({"archive"}), _cut),
    Mutation("put around", frozenset({"archive"}), _put_around),
    Mutation("comment", frozenset({"archive"}), _comment),
    Mutation("header", frozenset({"archive"}), _header),
    Mutation("one file flipped", frozenset({"digests", "manifest"}), _one_file_flipped),
    Mutation("two files swapped", frozenset({"digests"}), _two_files_swapped),
    Mutation("a file missing", frozenset({"digests", "manifest"}), _a_file_missing),
    Mutation("a file more", frozenset({"digests"}), _a_file_more),
)


# --- By whoever makes the manifest anew as well ----------------------------------------------------------------------


def _in(name: str) -> Spoil:
    """A bit of one file, and the manifest says so."""

    def spoil(_: Operator, files: Files, chance: Random) -> bytes | None:
        if not files.get(name):
            return None
        return pack(with_manifest({**files, name: _flipped(files[name], chance)}))

    return spoil


def _gone(name: str) -> Spoil:
    def spoil(_: Operator, files: Files, _chance: Random) -> bytes | None:
        left = {each: content for each, content in files.items() if each != name}
        return pack(with_manifest(left)) if name in files else None

    return spoil


def _manifest_field(_: Operator, files: Files, chance: Random) -> bytes:
    """One field of the manifest says something else of the same kind."""
    said = canonical.read(files[layout.MANIFEST])
    name = chance.choice(sorted(said.keys() - {"files"}))
    said[name] = _otherwise(said[name], chance)
    return pack({**files, layout.MANIFEST: canonical.write(said) + b"\n"})


def _otherwise(value: Any, chance: Random) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + chance.choice((-1, 1))
        case str() if value:
            at = chance.randrange(len(value))
            return value[:at] + chr((ord(value[at]) - 32 + chance.randint(1, 90)) % 95 + 32) + value[at + 1 :]
        case dict() if value:
            key = chance.choice(sorted(value))
            return {**value, key: _otherwise(value[key], chance)}
        case list() if value:
            return value[:-1]
        case _:
            return "2026-01-01T00:00:00Z" if value is None else None


def _proof(name: str) -> Spoil:
    """Hashes of a proof cut, doubled or in another order."""

    def spoil(_: Operator, files: Files, chance: Random) -> bytes | None:
        found = lines(files.get(name, b""))
        spoilt = _rearranged(found, chance)
        return pack(with_manifest({**files, name: written_lines(tuple(spoilt))})) if spoilt != found else None

    return spoil


def _rearranged(found: list[bytes], chance: Random) -> list[bytes]:
    if not found:
        return found
    at, other = chance.randrange(len(found)), chance.randrange(len(found))
    match chance.randrange(3):
        case 0:
            return found[:at] + found[at + 1 :]
        case 1:
            return [*found[:at], found[other], *found[at:]]
        case _:
            swapped = list(found)
            swapped[at], swapped[other] = found[other], found[at]
            return swapped


def _checkpoint_of(change: Callable[[Operator], bytes]) -> Spoil:
    def spoil(operator: Operator, files: Files, _chance: Random) -> bytes:
        return operator.bundle({**files, layout.CHECKPOINT: change(operator)})

    return spoil


def _earlier_as_now(operator: Operator) -> bytes:
    return operator.note(operator.first, operator.seen)


def _another_s(operator: Operator) -> bytes:
    other = Operator(operator.seed + 1_000)
    return other.note(len(other.log), other.at)


_FORM = frozenset({"form"})
_OF_MANIFESTED = (
    Mutation("checkpoint flipped", _FORM | {"signature", "witnesses"}, _in(layout.CHECKPOINT)),
    Mutation("earlier checkpoint flipped", _FORM | {"consistency"}, _in(layout.EARLIER)),
    Mutation("consistency flipped", _FORM | {"consistency"}, _in(layout.CONSISTENCY)),
    Mutation("consistency rearranged", _FORM | {"consistency"}, _proof(layout.CONSISTENCY)),
    Mutation("consistency gone", frozenset({"consistency"}), _gone(layout.CONSISTENCY)),
    Mutation("earlier head flipped", _FORM | {"consistency"}, _in(layout.EARLIER_HEAD)),
    Mutation("earlier inclusion flipped", _FORM | {"consistency"}, _in(layout.EARLIER_INCLUSION)),
    Mutation("head flipped", _FORM | {"head"}, _in(PLACE.head)),
    Mutation("inclusion flipped", _FORM | {"head"}, _in(PLACE.inclusion)),
    Mutation("inclusion rearranged", _FORM | {"head"}, _proof(PLACE.inclusion)),
    Mutation("later flipped", frozenset({"newest"}), _in(PLACE.later)),
    Mutation("later rearranged", frozenset({"newest"}), _proof(PLACE.later)),
    Mutation("later gone", frozenset({"newest"}), _gone(PLACE.later)),
    Mutation("leaves flipped", _FORM | {"complete"}, _in(PLACE.leaves)),
    Mutation("bodies flipped", _FORM | {"bodies", "disclosed"}, _in(PLACE.bodies)),
    Mutation("personal flipped", _FORM | {"bodies"}, _in(PLACE.personal)),
    Mutation("terms head flipped", _FORM | {"terms_head"}, _in(TERMS.head)),
    Mutation("terms inclusion flipped", _FORM | {"terms_head"}, _in(TERMS.inclusion)),
    Mutation("terms later gone", frozenset({"terms_newest"}), _gone(TERMS.later)),
    Mutation("terms leaves flipped", _FORM | {"terms_complete"}, _in(TERMS.leaves)),
    Mutation("terms bodies flipped", _FORM | {"bodies", "disclosed"}, _in(TERMS.bodies)),
    Mutation("opened flipped", _FORM | {"commitments"}, _in(layout.OPENED)),
    Mutation("answers flipped", frozenset({"answers"}), _in(layout.ANSWERS)),
    Mutation("page flipped", frozenset({"page"}), _in(layout.PAGE)),
    Mutation("page gone", frozenset({"page"}), _gone(layout.PAGE)),
    Mutation("replayer flipped", frozenset({"replayer"}), _in(layout.REPLAYER)),
    Mutation("readme flipped", frozenset({"replayer"}), _in(layout.README)),
    Mutation("kit flipped", frozenset({"replayer"}), _in("kit/verify.sh")),
    Mutation("kit gone", frozenset({"replayer"}), _gone("kit/verify.sh")),
    Mutation("catalogue flipped", frozenset({"catalogue"}), _in(layout.catalogue_name(1))),
    Mutation("catalogue gone", frozenset({"catalogue"}), _gone(layout.catalogue_name(1))),
    Mutation("manifest says otherwise", frozenset({"manifest", "export", "places"}), _manifest_field),
    Mutation("the earlier checkpoint as the present one", frozenset({"head"}), _checkpoint_of(_earlier_as_now)),
    Mutation("another's checkpoint", frozenset({"signature"}), _checkpoint_of(_another_s)),
)


# --- By whoever makes leaves, answers and the page anew as well ------------------------------------------------------


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


_OF_FACTS = (
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


# --- By whoever lies in the answers ----------------------------------------------------------------------------------


def _in_answers(change: Callable[[dict[str, Any], Random], bool]) -> Spoil:
    def spoil(_: Operator, files: Files, chance: Random) -> bytes | None:
        answers = canonical.read(files[layout.ANSWERS])
        if not change(answers, chance):
            return None
        return pack(with_manifest({**files, layout.ANSWERS: canonical.write(answers) + b"\n"}))

    return spoil


def _any_side(answers: dict[str, Any], chance: Random) -> dict[str, Any]:
    side: dict[str, Any] = chance.choice(answers["days"])[chance.choice(("then", "now"))]
    return side


def _count(answers: dict[str, Any], chance: Random) -> bool:
    side = _any_side(answers, chance)
    side[chance.choice(("billable", "free", "over"))] += 1
    return True


def _verdict(answers: dict[str, Any], chance: Random) -> bool:
    seats = _any_side(answers, chance)["seats"]
    if seats:
        seat = chance.choice(seats)
        seat["billable"] = not seat["billable"]
    return bool(seats)


def _because(answers: dict[str, Any], chance: Random) -> bool:
    seats = _any_side(answers, chance)["seats"]
    if seats:
        reason = chance.choice(seats)["reasons"][0]
        reason["because"] = ["00000000-0000-4000-8000-000000000000"]
    return bool(seats)


def _seat_gone(answers: dict[str, Any], chance: Random) -> bool:
    seats = _any_side(answers, chance)["seats"]
    if seats:
        del seats[chance.randrange(len(seats))]
    return bool(seats)


def _sides_swapped(answers: dict[str, Any], chance: Random) -> bool:
    day = chance.choice(answers["days"])
    day["then"], day["now"] = day["now"], day["then"]
    return bool(day["then"] != day["now"])


def _days_swapped(answers: dict[str, Any], chance: Random) -> bool:
    one, other = chance.sample(answers["days"], 2)
    one["then"], other["then"] = other["then"], one["then"]
    return True


def _differences_gone(answers: dict[str, Any], _chance: Random) -> bool:
    there = bool(answers["differences"])
    answers["differences"] = []
    return there


def _something_added(answers: dict[str, Any], chance: Random) -> bool:
    _any_side(answers, chance)["remark"] = "agreed"
    return True


def _other_days(operator: Operator, files: Files, _chance: Random) -> bytes:
    """Another question than the one that was asked: a day less."""
    asked = replace(operator.asked, last=operator.asked.last - timedelta(days=1))
    return operator.bundle(files, asked)


def _known_before(operator: Operator, files: Files, _chance: Random) -> bytes:
    """Another question: now is said to be a year ago."""
    return operator.bundle(files, replace(operator.asked, known=operator.at - timedelta(days=365)))


def _another_seat(operator: Operator, files: Files, _chance: Random) -> bytes:
    seat = "max" if operator.asked.seat is None else None
    return operator.bundle(files, replace(operator.asked, seat=seat))


def _asked_later(operator: Operator, files: Files, _chance: Random) -> bytes:
    """Said to be asked a day later than it was."""
    return pack(finished(files, operator.asked, operator.export, operator.at + timedelta(days=1)))


_LIE = frozenset({"answers"})
_OF_ANSWERS = (
    Mutation("a count", _LIE, _in_answers(_count)),
    Mutation("a verdict", _LIE, _in_answers(_verdict)),
    Mutation("a reason", _LIE, _in_answers(_because)),
    Mutation("a seat gone", _LIE, _in_answers(_seat_gone)),
    Mutation("then and now swapped", _LIE, _in_answers(_sides_swapped)),
    Mutation("two days swapped", _LIE, _in_answers(_days_swapped)),
    Mutation("differences gone", _LIE, _in_answers(_differences_gone)),
    Mutation("something added", _LIE, _in_answers(_something_added)),
    Mutation("other days", frozenset({"export"}), _other_days),
    Mutation("another now", frozenset({"export"}), _known_before),
    Mutation("another seat", frozenset({"export"}), _another_seat),
    Mutation("asked later", frozenset({"manifest"}), _asked_later),
)


# --- By the operator, who signs what suits ---------------------------------------------------------------------------


def _older(tree: Callable[[Operator], str]) -> Spoil:
    """The head before the last, with all that belongs to it: everything that came since is not there."""

    def spoil(operator: Operator, _files: Files, _chance: Random) -> bytes | None:
        name = tree(operator)
        if len(operator.heads.get(name, ())) < 2:
            return None
        return operator.bundle(operator.files(older=frozenset({name})))

    return spoil


def _signed(lie: Callable[[Operator, Random], Callable[[list[Row]], list[Row]] | None]) -> Spoil:
    """A log that was signed with a lie in it from the start."""

    def spoil(operator: Operator, _files: Files, chance: Random) -> bytes | None:
        said = lie(operator, chance)
        return None if said is None else Operator(operator.seed, operator.size, lie=said).bundle()

    return spoil


def _mine(operator: Operator, rows: Sequence[Row]) -> list[int]:
    return [at for at, row in enumerate(rows) if row.tree == f"location:{operator.location}" and row.decides]


def _backdated(operator: Operator, chance: Random) -> Callable[[list[Row]], list[Row]]:
    """A fact that came after the earlier checkpoint says that it was recorded long before."""
    number = chance.random()

    def lie(rows: list[Row]) -> list[Row]:
        mine = _mine(operator, rows)
        late = mine[len(mine) // 2 + 1 :]
        at = late[int(number * len(late))]

        def change(content: dict[str, Any]) -> None:
            content["recorded_at"] = "2001-02-03T04:05:06Z"

        return [*rows[:at], altered(rows[at], change), *rows[at + 1 :]]

    return lie


def _observed(operator: Operator, chance: Random) -> Callable[[list[Row]], list[Row]]:
    """The export itself is signed as a fact that decides."""
    del chance

    def lie(rows: list[Row]) -> list[Row]:
        return [replace(row, decides=True) if operator.export.encode() in row.body else row for row in rows]

    return lie


def _unreadable(operator: Operator, chance: Random) -> Callable[[list[Row]], list[Row]]:
    """A fact is signed that no program can read: what it would have said is nobody's guess."""
    number = chance.random()

    def lie(rows: list[Row]) -> list[Row]:
        mine = _mine(operator, rows)[1:]
        at = mine[int(number * len(mine))]
        return [*rows[:at], altered(rows[at], lambda content: content.update(type="Nothing")), *rows[at + 1 :]]

    return lie


def _inclusion_of_another(operator: Operator, files: Files, _chance: Random) -> bytes:
    """The head is shown at another place of the log."""
    first, *rest = lines(files[PLACE.inclusion])
    index = int(first) + 1
    spoilt = written_inclusion(index, ()) + written_lines(tuple(rest))
    return operator.bundle({**files, PLACE.inclusion: spoilt})


_OF_OPERATORS = (
    Mutation("an older head", frozenset({"newest"}), _older(lambda operator: f"location:{operator.location}")),
    Mutation("an older head of the terms", frozenset({"terms_newest"}), _older(lambda _: "terms")),
    Mutation("a fact back-dated", frozenset({"dates"}), _signed(_backdated)),
    Mutation("an observation that decides", frozenset({"kinds"}), _signed(_observed)),
    Mutation("a fact that nobody can read", frozenset({"readable"}), _signed(_unreadable)),
    Mutation("another place in the log", frozenset({"head"}), _inclusion_of_another),
)
