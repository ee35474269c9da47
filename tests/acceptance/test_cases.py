"""Every case in cases/ through the whole product: imported into PostgreSQL, then asked."""

import io
from pathlib import Path

import pytest

from infrastructure.books import Books, Moment, read_moment
from infrastructure.catalogues import shipped_catalogues
from infrastructure.importing import Importer
from infrastructure.store import Store
from tests.acceptance.checking import differences
from tests.acceptance.stories import Content, as_lines, case_files, end_of, load


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_the_ledger_answers_as_the_case_says(path: Path, store: Store) -> None:
    case = load(path)
    now = end_of(case)
    report = Importer(store, shipped_catalogues(), clock=lambda: now).run(
        io.BytesIO(as_lines(case["facts"])), name=path.name, by="acceptance"
    )
    assert report.appended == len(case["facts"])
    said = [
        complaint
        for number, question in enumerate(case["questions"], start=1)
        for complaint in asked(Books(store, shipped_catalogues(), now=now), case, number, question)
    ]
    assert not said, "\n".join(said)


def asked(books: Books, case: Content, number: int, question: Content) -> list[str]:
    """What is wrong with the answer to one question, each as a sentence."""
    moments = [moment_of(question.get(axis)) for axis in ("on", "known")]
    where = f"Case {case['id']} ({case['title']}), question {number}"
    if question["ask"] != "seats":
        return [f"{where}: asks {question['ask']!r}, and only questions about seats are known"]
    answer = books.seats(question["location"], *moments)
    return [f"{where}: {complaint}." for complaint in differences(answer, question["expect"])]


def moment_of(text: str | None) -> Moment:
    return read_moment(text) if text is not None else None


def test_there_are_cases() -> None:
    assert len(case_files()) >= 64
