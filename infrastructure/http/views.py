"""Views of a log that a person has given names: private to that person, one of them usual."""

from collections.abc import Iterable
from dataclasses import dataclass

from infrastructure.door.veil import Veil, of_account
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

MOST_VIEWS = 50
"""Views of one person in one location."""

_SQL = statements("views")


@dataclass(frozen=True, slots=True)
class View:
    """A query with a name."""

    id: int
    name: str
    query: str
    usual: bool


class SavedViews:
    """The views of all; each person sees and changes their own. Safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._veil = Veil(connections)

    def of(self, account: str, location: str) -> list[View]:
        """A person's views of a location, by name."""
        asked = {"account": account, "location": location}
        return sorted(self._shown(account, self._connections.read(_SQL["views"], asked)), key=lambda view: view.name)

    def usual(self, account: str, location: str) -> View | None:
        """The view that a person begins with; None without one."""
        found = self._connections.read(_SQL["usual_view"], {"account": account, "location": location})
        return next(iter(self._shown(account, found)), None)

    def save(self, account: str, location: str, name: str, query: str) -> bool:
        """Give a query a name, or a name another query; False when there are as many as there may be."""
        whose = of_account(account)
        veiled = {"name": self._veil.over(whose, name), "query": self._veil.over(whose, query)}
        asked = {"account": account, "location": location, "most": MOST_VIEWS, **veiled}
        with self._connections.take() as connection:
            return connection.execute(_SQL["save_view"], asked).fetchone() is not None

    def forget(self, account: str, location: str, view: int) -> None:
        """Take a view away; nothing happens where there is none."""
        with self._connections.take() as connection:
            connection.execute(_SQL["forget_view"], {"account": account, "location": location, "id": view})

    def make_usual(self, account: str, location: str, view: int | None) -> None:
        """Let a person begin with a view, or with none."""
        asked = {"account": account, "location": location, "id": view}
        with self._connections.take() as connection, connection.transaction():
            connection.execute(_SQL["no_usual_view"], asked)
            if view is not None:
                connection.execute(_SQL["make_usual"], asked)

    def _shown(self, account: str, rows: Iterable[tuple[int, str, str, bool]]) -> list[View]:
        """The views of rows; those whose names were erased are none."""
        found = list(rows)
        whose = of_account(account)
        shown = self._veil.all_under([(whose, text) for _, name, query, _ in found for text in (name, query)])
        return [
            View(number, name, query, usual)
            for (number, _, _, usual), name, query in zip(found, shown[::2], shown[1::2], strict=True)
            if name is not None and query is not None
        ]
