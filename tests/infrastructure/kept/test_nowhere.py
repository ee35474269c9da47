"""What has no place is kept under an empty name, and that is no location that anybody may ask for."""

from collections.abc import Callable
from random import Random

import pytest

from infrastructure.books import Books, NotFoundError
from infrastructure.kept.kept import Kept
from infrastructure.store import Store
from projections.filters import EVERYTHING
from tests.infrastructure.kept.telling import CATALOGUES, keep, tell
from tests.naive.ledgers import ledger

QUESTIONS: dict[str, Callable[[Books], object]] = {
    "seats": lambda books: books.seats(""),
    "access": lambda books: books.access(""),
    "roster": lambda books: books.roster(""),
    "charges": lambda books: books.charges(""),
    "explanation": lambda books: books.explanation("", "mia"),
    "difference": lambda books: books.difference("", (None, None), (None, None)),
    "history": lambda books: books.history("", EVERYTHING),
    "log": lambda books: books.log("", EVERYTHING),
    "zone": lambda books: books.zone(""),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_empty_name_is_no_location(store: Store, question: str) -> None:
    keep(store, tell(store, ledger(1)), Random(1))
    for kept in (Kept(store, CATALOGUES), None):
        with pytest.raises(NotFoundError):
            QUESTIONS[question](Books(store, CATALOGUES, kept=kept))
