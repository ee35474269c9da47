"""What is kept and what is folded, the same tests once more, of a server that runs as ledger_app."""

from tests.infrastructure.kept.test_kept import *  # noqa: F403 - all of them, whatever they are called
