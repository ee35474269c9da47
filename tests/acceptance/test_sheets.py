"""The pages for people say what the files say."""

from tests.acceptance.sheet import SHEETS, sheets


def test_the_sheets_are_those_of_the_cases() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in SHEETS.glob("*.md")}
    wanted = sheets()
    stale = sorted(name for name in kept.keys() | wanted.keys() if kept.get(name) != wanted.get(name))
    assert not stale, f"{', '.join(stale)} not as the cases are; renew them with: python -m tests.acceptance.sheet"


def test_every_fact_of_the_cases_is_told_in_a_sentence() -> None:
    for name, text in sheets().items():
        assert "{'" not in text, f"{name} shows raw data"
        assert " ?" not in text, f"{name} refers to a line that is not there"
