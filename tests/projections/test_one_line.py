"""No field of any fact can break a line, move a cursor or turn the text around."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.names import Names
from projections.plain import clip, one_line
from projections.sentences import Sentences
from tests.cast import BERLIN, Json, fact, record, studio

HOSTILE = "\n\r\t\x00\x1b\x7f\x85\x9b\u2028\u2029\u061c\u200e\u200f\u202a\u202e\u2066\u2069"
texts = st.text(
    st.one_of(st.sampled_from(HOSTILE), st.characters(codec="utf-8", max_codepoint=0xFFFF)), min_size=1, max_size=40
)
DIRECTIONS = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


def plain(text: str) -> bool:
    return len(text.splitlines()) <= 1 and all(
        unicodedata.category(character) not in {"Cc", "Zl", "Zp", "Cs"}
        and unicodedata.bidirectional(character) not in DIRECTIONS
        for character in text
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("two\nlines", r"two\nlines"),
        ("\r\x00\x1b[31m", r"\r\x00\x1b[31m"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("\u2028 \x85", r"\u2028 \x85"),
        ("half \ud800", r"half \ud800"),
        ("Ада Straße 😀", "Ада Straße 😀"),
    ],
)
def test_what_would_break_a_line_is_shown_as_an_escape(raw: str, shown: str) -> None:
    assert one_line(raw) == shown


@given(texts)
def test_one_line_twice_is_one_line_once(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert clip("x" * 61) == "x" * 59 + "…"
    assert clip("x" * 60) == "x" * 60


@given(st.lists(texts, min_size=14, max_size=14))
def test_no_field_makes_a_sentence_of_more_than_one_line(field: list[str]) -> None:
    facts = [*studio(), *hostile(field)]
    found = record(facts, device_name=field[0])
    sentences = Sentences(Names(found), found, BERLIN)

    for line in found.lines:
        assert plain(sentences.sentence(line))
        assert plain(sentences.line(line))
    assert plain(sentences.change(found.lines))


def hostile(field: list[str]) -> list[Json]:
    """A fact of each type with a free text, holding what a person could type or a program could send."""
    added = fact("TeamMemberAdded", member="mia", name=field[0], position=field[1], device={"user_agent": field[2]})
    dismissed = fact("TeamMemberDismissed", member="mia", reason=field[3], because=field[4])
    inner = fact("TeamMemberAdded", member="zoe", name=field[5])
    return [
        added,
        fact("TeamMemberEdited", member="mia", before={field[6]: field[7]}, after={"name": field[8]}),
        dismissed,
        fact("LocationOpened", location="L2", name=field[9], time_zone="UTC"),
        fact("UserInvited", account="acc-mia", name=field[10], contact=field[11], role="viewer", member="mia"),
        fact("AccessRevoked", account="acc-mia"),
        fact("RightsEdited", account="acc-mia", granted=["robots"], scopes_after={"robots": field[12]}),
        fact("SignInRefused", account="acc-mia", why=field[13]),
        fact("DataExported", what=field[0], format=field[1], rows=2),
        fact("DataImported", what=field[2], format=field[3], rows=2),
        fact("RecordEdited", entity=field[4], entity_id=field[5], before={"a": field[6]}, after={"a": [field[7]]}),
        fact("RecordDeleted", entity=field[8], entity_id=field[9]),
        fact("LogViewed", filter={field[10]: field[11]}),
        fact("CommandRefused", command="dismiss", code="forbidden", target="mia", sentence=field[12]),
        fact("Correction", kind="void", corrects=dismissed["id"], because=field[13]),
        fact("Correction", kind="late", fact=inner, because=field[0]),
    ]
