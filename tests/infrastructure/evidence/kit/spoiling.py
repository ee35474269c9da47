"""Ways to spoil a folder that was in order: each file gone, cut, flipped, reordered, or in another one's place."""

import random
from collections.abc import Iterator

from tests.infrastructure.evidence.kit.folders import Folder


def spoilt_folders(files: Folder, chance: random.Random, *, flips: int = 6) -> Iterator[tuple[str, Folder]]:
    """The folder, spoilt in one place, with what was done; each differs from the folder."""
    for name in sorted(files):
        for what, content in _spoilt_contents(files[name], chance, flips):
            if content != files[name]:
                yield f"{name}: {what}", _with(files, name, content)
        rest = dict(files)
        del rest[name]
        yield f"{name}: gone", rest
        yield f"{name}: empty", _with(files, name, b"")
    names = sorted(files)
    for first in names:
        for second in names:
            if first < second and files[first] != files[second] and chance.random() < 0.12:
                yield f"{first} and {second}: swapped", files | {first: files[second], second: files[first]}


def _spoilt_contents(content: bytes, chance: random.Random, flips: int) -> Iterator[tuple[str, bytes]]:
    for _ in range(flips if content else 0):
        at, bit = chance.randrange(len(content)), chance.randrange(8)
        flipped = content[:at] + bytes([content[at] ^ (1 << bit)]) + content[at + 1 :]
        yield f"bit {bit} of byte {at} flipped", flipped
    if content:
        at = chance.randrange(len(content))
        yield f"byte {at} gone", content[:at] + content[at + 1 :]
        yield f"cut at {at}", content[:at]
        yield "last byte gone", content[:-1]
        for more in (b" ", b"\x00", b"\r", b"0", b"\xff", b"="):
            yield f"{more!r} put in at {at}", content[:at] + more + content[at:]
    for more in (b"\n", b"\n\n", b"x", b"x\n", b" ", b"\x00"):
        yield f"{more!r} at its end", content + more
        yield f"{more!r} at its start", more + content
    yield "Windows' line ends", content.replace(b"\n", b"\r\n")
    lines = content.split(b"\n")
    for _ in range(3):
        first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
        yield f"line {first} gone", b"\n".join(lines[:first] + lines[first + 1 :])
        yield f"line {first} twice", b"\n".join(lines[: first + 1] + lines[first:])
        swapped = lines.copy()
        swapped[first], swapped[second] = swapped[second], swapped[first]
        yield f"lines {first} and {second} swapped", b"\n".join(swapped)
    yield "lines turned round", b"\n".join(reversed(lines))
    yield "twice", content + content
    yield "upper case", content.upper()


def _with(files: Folder, name: str, content: bytes) -> Folder:
    return files | {name: content}
