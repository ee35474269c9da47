"""A store as the program opens it from its settings: sealed, with the keys beside the ledger."""

import os

from infrastructure.sealing.sealing import open_sealing
from infrastructure.settings import KEYS_WRAP
from infrastructure.store import Store
from infrastructure.store.boundary import Keys


def sealed_store(conninfo: str) -> Store:
    """The store of a ledger that the command line opens as well."""
    return Store(conninfo, patience=60.0, sealing=open_sealing(Keys(conninfo, os.environ[KEYS_WRAP]), patience=60.0))
