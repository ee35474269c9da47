"""What whoever has the file can do to it, and whoever makes the manifest anew as well."""

from collections.abc import Callable
from random import Random
from typing import Any

from domain import canonical
from infrastructure.bundle import layout
from infrastructure.bundle.archive import pack
from infrastructure.bundle.layout import PLACE, TERMS
from infrastructure.bundle.reading import written_lines
from tests.infrastructure.bundle.mutating import Mutation, Spoil
from tests.infrastructure.bundle.operating import Files, Operator, lines, with_manifest


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


OF_FILES = (
    Mutation("cut", frozenset({"archive"}), _cut),
    Mutation("put around", frozenset({"archive"}), _put_around),
    Mutation("comment", frozenset({"archive"}), _comment),
    Mutation("header", frozenset({"archive"}), _header),
    Mutation("one file flipped", frozenset({"digests", "manifest"}), _one_file_flipped),
    Mutation("two files swapped", frozenset({"digests"}), _two_files_swapped),
    Mutation("a file missing", frozenset({"digests", "manifest"}), _a_file_missing),
    Mutation("a file more", frozenset({"digests"}), _a_file_more),
)


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
OF_MANIFESTED = (
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
