"""Where the keys lie: in a database of their own if that can be had, else beside the ledger."""

import psycopg

from infrastructure.embedded import EmbeddedServer
from infrastructure.postgres.statements import statements
from infrastructure.settings import Settings
from infrastructure.store.boundary import Keys

_SQL = statements("keys")
DATABASE = "keys"
"""The database of the key store in the embedded server."""


def place_of_keys(settings: Settings, url: str, server: EmbeddedServer | None) -> Keys:
    """Where the keys of a ledger lie. In the embedded server their database is made if it is missing.

    psycopg.Error when that is refused.
    """
    if settings.keys_url is not None:
        found = settings.keys_url
    elif server is not None:
        _have_database(url)
        found = server.url(DATABASE)
    else:
        found = url
    return Keys(found, str(settings.keys_wrap))


def are_apart(keys: Keys, url: str) -> bool:
    """Whether the keys lie in another database than the ledger: `doctor` complains where they do not."""
    return psycopg.conninfo.conninfo_to_dict(keys.conninfo) != psycopg.conninfo.conninfo_to_dict(url)


def _have_database(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute(_SQL["has_database"], [DATABASE]).fetchone() is None:
            try:
                connection.execute(_SQL["create_database"])
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # another process was quicker
