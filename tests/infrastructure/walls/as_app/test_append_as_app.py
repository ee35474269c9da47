"""Appends, the same tests once more, of a server that runs as ledger_app."""

from tests.infrastructure.store.test_append import *  # noqa: F403 - all of them, whatever they are called
