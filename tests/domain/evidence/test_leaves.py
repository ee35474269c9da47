"""Leaves: each has one written form, and whatever else is given is refused in a sentence, not by a fault."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import canonical
from domain.evidence import leaves
from domain.evidence.leaves import (
    Event,
    FactLeaf,
    Head,
    InvalidLeafError,
    fact_leaf,
    read_fact_leaf,
    read_head_leaf,
    tree_of,
)
from domain.limits import LARGEST_INTEGER
from tests.domain.evidence.breaking import broken
from tests.domain.test_canonical import CONTENT, TEXTS

DIGESTS = st.binary(min_size=32, max_size=32)
FACTS = st.builds(FactLeaf, st.integers(1, LARGEST_INTEGER), DIGESTS, st.none() | DIGESTS, st.booleans())
HEADS = st.builds(Head, TEXTS, st.integers(1, LARGEST_INTEGER), DIGESTS)
EVENTS = st.builds(
    Event, st.sampled_from(["start", "key", "pause", "restore"]), st.dictionaries(TEXTS, st.integers(0, 9) | TEXTS)
)
FACT = FactLeaf(7, bytes(32), bytes(range(32)), decides=True).written()
HEAD = Head("0123456789abcdef", 7, bytes(range(32))).written()


@given(FACTS)
def test_the_leaf_of_a_fact_is_canonical_and_read_as_it_was_written(leaf: FactLeaf) -> None:
    written = leaf.written()
    personal = None if leaf.personal is None else leaf.personal.hex()
    content = {
        "body": leaf.body.hex(),
        "decides": leaf.decides,
        "personal": personal,
        "position": leaf.position,
        "v": 1,
    }
    assert written == canonical.write(content)
    assert read_fact_leaf(written) == leaf


@given(HEADS | EVENTS)
def test_an_entry_of_the_head_log_is_read_as_it_was_written(leaf: Head | Event) -> None:
    written = leaf.written()
    assert written == canonical.write(canonical.read(written))
    assert read_head_leaf(written) == leaf


@given(st.binary(max_size=60), st.none() | st.binary(max_size=60), st.integers(1, 10**9), st.booleans())
def test_a_leaf_holds_the_digests_of_what_is_stored(
    body: bytes, personal: bytes | None, position: int, decides: bool
) -> None:
    leaf = fact_leaf(body, personal, position, decides=decides)
    assert (leaf.personal is None) == (personal is None)
    assert leaf != fact_leaf(body + b" ", personal, position, decides=decides)
    assert leaf != fact_leaf(body, (personal or b"") + b" ", position, decides=decides)
    assert read_fact_leaf(leaf.written()) == leaf


def _spliced(leaf: bytes) -> st.SearchStrategy[bytes]:
    """The leaf with a piece of it replaced: most are almost right."""
    ends = st.tuples(st.integers(0, len(leaf)), st.integers(0, 6))
    pieces = st.binary(max_size=4) | st.sampled_from(
        [b'"', b",", b" ", b"0", b"-", b"null", b"true", b"1.0", b"\\u0061"]
    )
    return st.builds(lambda at, piece: leaf[: at[0]] + piece + leaf[at[0] + at[1] :], ends, pieces)


def _shaped(leaf: bytes) -> st.SearchStrategy[bytes]:
    """The keys of the leaf with anything as their values, in the written form."""
    content = canonical.read(leaf)
    values = {key: st.just(value) | CONTENT for key, value in content.items()}
    return st.fixed_dictionaries(values).map(canonical.write)


@given(st.binary() | _spliced(FACT) | _shaped(FACT) | CONTENT.map(canonical.write))
@example(FACT + b"\n")
@example(b"\xef\xbb\xbf" + FACT)
@example(b"[" * 100_000)
@example(b'{"body":' * 100_000)
@example(b"9" * 100_000)
@example(FACT.replace(b"7", b"9" * 5_000))
def test_what_is_read_as_a_fact_s_leaf_writes_as_the_same_bytes(given_: bytes) -> None:
    found = _read(read_fact_leaf, given_)
    assert found is None or found.written() == given_


@given(st.binary() | _spliced(HEAD) | _shaped(HEAD) | CONTENT.map(canonical.write))
@example(HEAD + b"\n")
@example(b'{"kind":"head","said":{},"v":1}')
@example(b'{"kind":"start","said":[["a",1]],"v":1}')
@example(b'{"kind":["head"],"said":{},"v":1}')
@example(b'{"kind":{},"said":{},"v":1}')
@example(b"[" * 100_000)
def test_what_is_read_as_an_entry_of_the_head_log_writes_as_the_same_bytes(given_: bytes) -> None:
    found = _read(read_head_leaf, given_)
    assert found is None or found.written() == given_


def _read(read: Any, given_: bytes) -> Any:
    try:
        return read(given_)
    except InvalidLeafError:
        return None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":1,"w":1'),
        (b'"v":1', b'"v":1.0'),
        (b'"v":1', b'"v":true'),
        (b'"position":7', b'"position":"7"'),
        (b'"position":7', b'"position":07'),
        (b'"position":7', b'"position":7.0'),
        (b'"position":7', b'"position":7e0'),
        (b'"position":7', b'"position":true'),
        (b'"position":7', b'"position":null'),
        (b'"decides":true', b'"decides":1'),
        (b'"decides":true', b'"decides":"true"'),
        (b'"decides":true', b'"decides":true,"decides":true'),
        (b'"decides":true,', b""),
        (b'"personal":"000102', b'"personal":"00 0102'),
        (b'"body"', b'"bod\\u0079"'),
        (b'"body"', b' "body"'),
        (b"0a0b", b"0A0B"),
        (b"1e1f", b"1e"),
        (b'"position":7', b'"position":0'),
        (b'"position":7', b'"position":-7'),
        (b'"personal":"', b'"personal":"00'),
    ],
)
def test_a_leaf_that_says_the_same_otherwise_is_refused(old: bytes, new: bytes) -> None:
    assert FACT.count(old) == 1
    with pytest.raises(InvalidLeafError):
        read_fact_leaf(FACT.replace(old, new))


@pytest.mark.parametrize(
    "leaf",
    [
        HEAD.replace(b'"size":7', b'"size":"7"'),
        HEAD.replace(b'"size":7', b'"size":true'),
        HEAD.replace(b'"size":7', b'"size":-7'),
        HEAD.replace(b'"0123456789abcdef"', b"5"),
        HEAD.replace(b"1e1f", b"1e"),
        b'{"kind":"","said":{},"v":1}',
        b'{"kind":[1],"said":{},"v":1}',
        Event("start", {"why": "x" * leaves.LONGEST_LEAF}).written(),
    ],
)
def test_an_entry_that_says_something_else_is_refused(leaf: bytes) -> None:
    assert leaf != HEAD
    with pytest.raises(InvalidLeafError):
        read_head_leaf(leaf)


def test_the_tree_of_a_fact() -> None:
    assert tree_of("L1", "location:L1") == "location:L1"
    assert tree_of(None, "terms") == "terms"
    assert tree_of(None, "account:acc-olga") == "rest"
    assert len({tree_of("terms", "x"), tree_of(None, "terms"), tree_of("rest", "x"), tree_of(None, "x")}) == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [("if found.written() != leaf or", "if")],
)
def test_a_reader_that_takes_other_forms_is_found_out(old: str, new: str, tmp_path: Path) -> None:
    build = broken(leaves, old, new, tmp_path)
    assert build.read_fact_leaf(FACT.replace(b'"v":1', b'"v":1,"w":1')).written() == FACT
