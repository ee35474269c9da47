"""Go, shell and Python say the same of every folder: of good ones the same sentences, of spoilt ones the same item."""

import os
import random
from pathlib import Path

import pytest

from tests.infrastructure.evidence.kit import opinions
from tests.infrastructure.evidence.kit.cases import Case
from tests.infrastructure.evidence.kit.checking import spoilt_item
from tests.infrastructure.evidence.kit.crafted import crafted
from tests.infrastructure.evidence.kit.folders import ORIGIN, Folder, Signed, folder, unpacked
from tests.infrastructure.evidence.kit.opinions import Program
from tests.infrastructure.evidence.kit.spoiling import spoilt_folders

CRAFTED = crafted()
BY_SHELL = 40
"""Spoilt folders that the shell is asked about too: it takes a second for each."""

LESS = {"proofs/later: gone", "terms/proofs/later: gone"}
"""Then less is said, and nothing wrong."""


def good(number: int) -> tuple[Signed, Folder]:
    """A folder, each of another kind."""
    chance = random.Random(number)
    signed = Signed(chance, witnesses=number % 3)
    entries = [2, 3, 9, 64, 65, 300][number % 6]
    return signed, folder(
        signed,
        facts=[1, 2, 3, 4, 17, 64, 130][number % 7],
        terms=None if number % 4 == 3 else 1 + number % 5,
        entries=entries,
        earlier="none" if number % 5 == 4 else [0, 1, entries // 2, entries][number % 4],
        later=number % 3 != 2,
    )


def vkeys(signed: Signed) -> tuple[str, list[str]]:
    """What one pins."""
    return signed.key.written(), [key.written() for key in signed.witness_keys]


@pytest.mark.parametrize("number", range(14))
def test_all_holds_in_a_good_folder_and_both_say_so_alike(
    number: int, go: Program, shell: Program, tmp_path: Path
) -> None:
    signed, files = good(number)
    key, witnesses = vkeys(signed)
    where = unpacked(files, tmp_path / "bundle")
    said = go(where, key, witnesses)
    assert said.item is None
    assert shell(where, key, witnesses) == said
    assert spoilt_item(files, key, witnesses) is None
    assert ("and no newer one follows" in said.said) == ("proofs/later" in files)
    assert ("It has grown" in said.said) == ("earlier-checkpoint" in files)
    assert said.said.count("cosigned") == len(witnesses)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_spoilt_folder_holds_and_all_name_the_same_item(
    seed: int, go: Program, shell: Program, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    signed = Signed(chance)
    key, witnesses = vkeys(signed)
    whole = folder(signed, facts=5, terms=2, entries=9)
    cases = list(spoilt_folders(whole, chance))
    assert len(cases) > 500
    asked = set(chance.sample(range(len(cases)), BY_SHELL))
    for number, (what, files) in enumerate(cases):
        where = unpacked(files, tmp_path / str(number))
        item = spoilt_item(files, key, witnesses)
        assert item is not None or what in LESS or _pinned(files) == _pinned(whole), what
        assert _named(go(where, key, witnesses).item) == _named(item), what
        if number in asked:
            assert _named(shell(where, key, witnesses).item) == _named(item), what


def _named(item: str | None) -> str | None:
    """The item; of what follows a head the file alone, as the kit looks less closely at what an event says."""
    return item.partition(",")[0] if item is not None and "proofs/later" in item else item


def _pinned(files: Folder) -> dict[str, object]:
    """What a folder says to whom its keys are known: signatures may stand twice, or be strangers', in any order."""
    signers = {"checkpoint": {ORIGIN.encode(), b"witness-0.example"}, "earlier-checkpoint": {ORIGIN.encode()}}
    found: dict[str, object] = dict(files)
    for name, known in signers.items():
        text, _, under = files.get(name, b"").partition(b"\n\n")
        found[name] = text, {line for line in under.split(b"\n") if known & set(line.split(b" "))}
    return found


def test_a_relevant_fact_that_is_left_out_is_missed(go: Program, shell: Program, tmp_path: Path) -> None:
    """Its line taken out of every file alike, and the size of the head with it."""
    signed = Signed(random.Random(3))
    key, _ = vkeys(signed)
    files = folder(signed)
    for name in ("leaves", "bodies", "personal"):
        lines = files[name].splitlines(keepends=True)
        files[name] = b"".join(lines[:4] + lines[5:])
    where = unpacked(files, tmp_path / "one")
    assert go(where, key).item == shell(where, key).item == spoilt_item(files, key) == "leaves"
    files["head.json"] = files["head.json"].replace(b'"size":12', b'"size":11')
    where = unpacked(files, tmp_path / "two")
    item = "proofs/head-inclusion"
    assert go(where, key).item == shell(where, key).item == spoilt_item(files, key) == item


@pytest.mark.parametrize("case", CRAFTED, ids=lambda case: case.name)
def test_what_was_made_by_hand_is_judged_alike(case: Case, go: Program, shell: Program, tmp_path: Path) -> None:
    where = unpacked(case.files, tmp_path / "bundle")
    said = go(where, case.key, case.witnesses)
    assert said.item == case.item
    told = shell(where, case.key, case.witnesses)
    assert told.item == case.item
    assert (told.said == said.said) or case.item is not None
    assert spoilt_item(case.files, case.key, case.witnesses) == case.item


def test_wrong_usage_is_no_opinion(go: Program, shell: Program) -> None:
    for program in (go, shell):
        ended = program.ended("folder")
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr.startswith("usage: ")


BROKEN_SHELL = {
    "takes any signature": ('signed "${hex#"$id"}" "$public" "$tmp/text" ||', "true ||", "signatures: one of 63 bytes"),
    "takes any root": ('[ "$(root_of "$folder/$1leaves" 0)" = "$of_tree" ] ||', "true ||", "another leaf"),
    "takes any fact": ("wanted[line] != $1 { print line; exit }", "", "another bodies in line 5"),
    "takes any place": ('[ "$here" = "$4" ]', "true", "an index that is one too high"),
    "takes any newer head": ('print NR; exit }\' "$folder/$1")', 'exit }\' "$folder/$1")', "a newer head is shown"),
    "takes any consistency": ('[ "$old" = "$3" ] && [ "$new" = "$4" ]', "true", "another log was signed with the key"),
    "takes lax base64": ('[ "$(bytes "$hex" | openssl base64 -A)" = "$1" ]', "true", "a hash with spare bits"),
    "ignores the size": (
        'if [ $((at & 1)) -eq 1 ] || [ "$at" -eq "$last" ]; then\n            say',
        "if [ $((at & 1)) -eq 1 ]; then\n            say",
        "the head is the last entry, at the edge of the tree",
    ),
}


@pytest.mark.parametrize("name", BROKEN_SHELL)
def test_a_broken_script_is_found_out(name: str, tmp_path: Path) -> None:
    old, new, telling = BROKEN_SHELL[name]
    assert _errs(opinions.shell(tmp_path, old, new), telling, tmp_path)


BROKEN_GO = {
    "takes any root": ("hex.EncodeToString(root[:]) != head[2]", "len(root) == 0", "another leaf"),
    "takes any fact": (
        "hex.EncodeToString(digest[:]) != leaves[number][digestOf[name]]",
        "len(digest) == 0",
        "another bodies in line 5",
    ),
    "takes any place": (
        "tlog.RecordHash([]byte(head[0]))) != nil",
        "tlog.Hash{}) == nil",
        "an index that is one too high",
    ),
    "takes any newer head": ("other[1] == head[1]", "other[1] == head[2]", "a newer head is shown"),
    "takes any consistency": (
        'if err != nil {\n\t\trefuse("proofs/consistency"',
        'if err != nil && log.N < 0 {\n\t\trefuse("proofs/consistency"',
        "another log was signed with the key",
    ),
    "takes lax base64": (
        "Strict().DecodeString(text)\n\tif err != nil || base64.StdEncoding.EncodeToString(raw) != text",
        "DecodeString(text)\n\tif err != nil",
        "a hash with spare bits",
    ),
    "looks at the first of several signatures": (
        "signatures++\n",
        "signatures++\n\t\tbreak\n",
        "signatures: one that does not hold, last",
    ),
}


@pytest.mark.parametrize("name", BROKEN_GO)
def test_a_broken_program_is_found_out(name: str, tmp_path: Path) -> None:
    old, new, telling = BROKEN_GO[name]
    assert _errs(opinions.go(tmp_path, old, new), telling, tmp_path)


def _errs(broken: Program, telling: str, tmp_path: Path) -> bool:
    """Whether the folder that is made for it gets another verdict than it should."""
    (case,) = (case for case in CRAFTED if case.name == telling)
    ended = broken.ended(unpacked(case.files, tmp_path / "bundle"), case.key, *case.witnesses)
    assert ended.returncode in {0, 1}, ended
    return (ended.returncode == 0) != (case.item is None)


@pytest.mark.parametrize("tool", ["awk", "xxd", "sort", "split", "paste", "grep"])
def test_without_a_tool_the_script_has_no_opinion(tool: str, shell: Program, tmp_path: Path) -> None:
    """A tool that is missing, or fails, leaves nothing that was checked; and nothing that was found wrong."""
    signed, files = good(2)
    key, witnesses = vkeys(signed)
    broken = tmp_path / "tools" / tool
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    broken.chmod(0o755)
    path = {"PATH": f"{broken.parent}:{os.environ['PATH']}"}
    ended = shell.ended(unpacked(files, tmp_path / "bundle"), key, *witnesses, environment=path)
    assert ended.returncode == 2, ended
    assert "All of this holds." not in ended.stdout
    assert ended.stderr.startswith("broken")
