"""Commands over HTTP, the same tests once more, of a server that runs as ledger_app."""

from tests.infrastructure.http.test_commands import *  # noqa: F403 - all of them, whatever they are called
