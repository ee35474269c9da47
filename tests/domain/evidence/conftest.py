"""What others make of the same proofs and notes."""

import pytest

from tests.naive.golang import Tlog


@pytest.fixture(scope="session")
def tlog(tmp_path_factory: pytest.TempPathFactory) -> Tlog:
    """golang.org/x/mod/sumdb, as a program."""
    return Tlog(tmp_path_factory.mktemp("tlog"))
