"""The kit's programs, built once."""

import pytest

from tests.infrastructure.evidence.kit import opinions
from tests.infrastructure.evidence.kit.opinions import Program


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """verify.go."""
    return opinions.go(tmp_path_factory.mktemp("kit"))


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """verify.sh."""
    return opinions.shell(tmp_path_factory.mktemp("kit"))
