"""django-pghistory: a Django model whose every save is copied into an event table by a trigger.

Set up as its pages on performance advise for many events: context kept with each event instead of in a table of its
own. Both questions get the index that they need.
"""

from collections.abc import Sequence
from datetime import datetime

import django
from django.conf import settings
from django.db import connections
from psycopg.conninfo import conninfo_to_dict

from tests.benchmarks.others.changes import Change
from tests.benchmarks.others.tool import State
from tests.benchmarks.people import Json


def _configure(database: str) -> None:
    """Tell Django where the database is: once a process all, and from then on only another address."""
    parts = conninfo_to_dict(database)
    address = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["dbname"],
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_MAX_AGE": None,
    }
    if settings.configured:
        connections.close_all()
        connections["default"].settings_dict.update(address)
        return
    settings.configure(
        DATABASES={"default": address},
        INSTALLED_APPS=["pgtrigger", "pghistory"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


class PgHistory:
    """The model `Access` and its events."""

    def __init__(self, database: str) -> None:
        _configure(database)
        # Models can be defined only when Django is set up.
        from tests.benchmarks.others import pghistory_models as models

        self._models = models
        models.create_tables()

    def load(self, changes: Sequence[Change]) -> None:
        """Into the tables, without the trigger."""
        self._models.load(changes)

    def write(self, change: Change) -> None:
        """One save within its context."""
        self._models.save(change)

    def leave(self) -> None:
        """Django keeps a connection for each thread."""
        connections.close_all()

    def settle(self) -> None:
        """The trigger has done it all."""

    def state(self, location: str, at: datetime) -> State:
        """The last event of each object up to then."""
        return self._models.state(location, at)

    def shown(self, location: str, at: datetime) -> Sequence[Json]:
        """The same, for a page."""
        return self._models.shown(location, at)

    def from_device(self, device: str) -> Sequence[Json]:
        """The events whose context names the device."""
        return self._models.from_device(device)

    def close(self) -> None:
        """Close this thread's connections; those of other threads end with them."""
        connections.close_all()
