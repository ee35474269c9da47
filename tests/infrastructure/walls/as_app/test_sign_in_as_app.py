"""Signing in, the same tests once more, of a server that runs as ledger_app."""

from tests.infrastructure.web.test_sign_in import *  # noqa: F403 - all of them, whatever they are called
