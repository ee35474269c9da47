"""The box of the log says the same as the URL, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.web.log_query import (
    EVERYTHING,
    KEYS,
    NEGATED,
    excluded,
    filters_of,
    narrowed,
    read_box,
    released,
    write_box,
)

BOX = "actor:acc-max -device:dev-1 type:RightsEdited type:RoleChanged from:2026-03-01 to:2026-03-31"
VALUES = st.text("abc-:._0129", min_size=1, max_size=12)


def test_a_box_is_read_to_the_parameters_of_the_url() -> None:
    assert read_box(BOX) == [
        ("actor", "acc-max"),
        ("not_device", "dev-1"),
        ("type", "RightsEdited"),
        ("type", "RoleChanged"),
        ("from", "2026-03-01"),
        ("to", "2026-03-31"),
    ]
    assert read_box("-outcome:refused ip:2001:db8::1") == [("outcome", "done"), ("ip", "2001:db8::1")]
    assert read_box("  ") == []


@given(
    st.lists(st.tuples(st.sampled_from(sorted(KEYS)), VALUES), unique_by=lambda pair: pair[0]),
    st.lists(st.tuples(st.sampled_from(sorted(NEGATED)), VALUES), unique=True),
)
def test_what_is_written_is_read_back(asked: list[tuple[str, str]], left_out: list[tuple[str, str]]) -> None:
    pairs = [*asked, *((f"not_{key}", value) for key, value in left_out)]
    again = read_box(write_box(pairs))
    assert sorted(again) == sorted(pairs)
    assert write_box(again) == write_box(pairs)


@pytest.mark.parametrize("box", ["max", "who:max", "actor:", "-from:2026-03-01", "actor:a actor:b", "x:1 " * 101])
def test_what_is_no_word_is_said_and_not_left_away(box: str) -> None:
    with pytest.raises(ValueError, match=r"[.;]"):
        read_box(box)


def test_a_value_is_asked_for_left_out_and_let_go() -> None:
    pairs = [("actor", "a"), ("cursor", "c"), ("limit", "10"), ("q", "x")]
    assert narrowed(pairs, "actor", "b") == "limit=10&actor=b"
    assert excluded(pairs, "actor", "a") == "limit=10&not_actor=a"
    assert narrowed([("not_actor", "b")], "actor", "b") == "actor=b"
    assert released([("actor", "a")], "actor", "a") == EVERYTHING
    assert filters_of(pairs) == [("actor", "a")]
