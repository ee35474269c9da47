"""The one written form of JSON: exact bytes, and nothing is lost on the way out and in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import canonical
from domain.canonical import NotCanonicalError, check_free
from domain.limits import FREE_OBJECT_DEPTH, FREE_OBJECT_KEYS, LARGEST_INTEGER

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.floats(1e-4, 1e15, exclude_max=True) | st.just(0)
CONTENT = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(CONTENT)
def test_what_is_written_is_read_again(content: Any) -> None:
    written = canonical.write(content)
    found = canonical.read(written)
    assert found == content
    assert canonical.write(found) == canonical.write(canonical.read(canonical.write(found)))


@given(st.dictionaries(TEXTS, NUMBERS, min_size=2, max_size=6))
def test_the_order_of_keys_makes_no_difference(content: dict[str, Any]) -> None:
    assert canonical.write(dict(reversed(content.items()))) == canonical.write(content)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('{"b": 1, "a": [true, false, null]}', b'{"a":[true,false,null],"b":1}'),
        ('{ "B": 1, "a": 2, "_": 3, "A": 4 }', b'{"A":4,"B":1,"_":3,"a":2}'),
        ('"\\u00e9\\u0416"', '"éЖ"'.encode()),
        ('"é"', '"é"'.encode()),
        ('"\\ud83d\\ude00"', '"😀"'.encode()),
        ('"\\/ \\" \\\\ \\b\\f\\n\\r\\t \\u0001 \\u007f"', b'"/ \\" \\\\ \\b\\f\\n\\r\\t \\u0001 \x7f"'),
        ("1.0", b"1"),
        ("1e3", b"1000"),
        ("-0.0", b"0"),
        ("-0", b"0"),
        ("0.1", b"0.1"),
        ("0.10", b"0.1"),
        ("1.50", b"1.5"),
        ("123456789.125", b"123456789.125"),
        ("0.0001", b"0.0001"),
        ("9007199254740991", b"9007199254740991"),
        ("  [ ]  ", b"[]"),
        ("{}", b"{}"),
    ],
)
def test_the_bytes_are_these_for_ever(text: str, written: bytes) -> None:
    assert canonical.write(canonical.read(text)) == written


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"a": "\xe9"}', "not UTF-8"),
        (b'{"a": 1', "not whole JSON"),
        (b"", "not whole JSON"),
        (b"{} {}", "not whole JSON"),
        (b"{'a': 1}", "not whole JSON"),
        (b'{"a": 1, "a": 1}', "'a' is there twice"),
        (b'{"a": {"b": 1, "b": 2}}', "'b' is there twice"),
        (b"NaN", "NaN is not a JSON number"),
        (b"-Infinity", "-Infinity is not a JSON number"),
        (b"9007199254740992", "larger than JSON readers keep"),
        (b"-9007199254740993", "larger than JSON readers keep"),
        (b"1" + b"0" * 5000, "larger than JSON readers keep"),
        (b"1e400", "no single short form"),
        (b"0.00001", "no single short form"),
        (b"1e-7", "no single short form"),
        (b'"\\ud800"', "half a character"),
        (b'{"\\uDFFF": 1}', "half a character"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
    ],
)
def test_what_other_readers_would_change_is_refused(line: bytes, why: str) -> None:
    with pytest.raises(NotCanonicalError, match=why):
        canonical.read(line)


def nested(levels: int) -> Any:
    content: Any = 1
    for _ in range(levels):
        content = {"a": content}
    return content


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"a": "\ud800"}, "half a character"),
        ({"\ud800": 1}, "half a character"),
        ({"😀": 1}, "outside the basic plane"),
        ({str(number): 1 for number in range(FREE_OBJECT_KEYS + 1)}, "more than"),
        (nested(FREE_OBJECT_DEPTH + 1), "nested deeper"),
    ],
)
def test_what_a_free_value_cannot_hold(content: Any, why: str) -> None:
    with pytest.raises(NotCanonicalError, match=why):
        check_free(content)


def test_what_a_free_value_can_hold() -> None:
    check_free(nested(FREE_OBJECT_DEPTH))
    check_free({"a": ["😀", None, True, 1, 1.5, {"ключ": "значение"}]})
