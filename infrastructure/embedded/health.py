"""Whether a running server answers, asked of the server itself, and whether it has the database."""

import enum
from urllib.parse import quote

import psycopg

from infrastructure.embedded.places import DATABASE, SUPERUSER
from infrastructure.embedded.sockets import PORT
from infrastructure.postgres.statements import statements

_SQL = statements("embedded")

ATTENTION = 5  # seconds for one answer
BUSY = ("too many clients", "remaining connection slots")
PREPARING = ("starting up", "shutting down", "in recovery mode", "not yet accepting", "not accepting connections")


class Answer(enum.Enum):
    """What a server said when it was asked for its database."""

    READY = "it answers and has the database"
    EMPTY = "it answers and has no such database"
    PREPARING = "it asks to wait"
    SILENT = "it does not answer"


def url(socket_folder: str, database: str) -> str:
    """A libpq URL; everything is said in it, so that PG* variables of the caller change nothing."""
    return f"postgresql://{SUPERUSER}@/{quote(database, safe='')}?host={quote(socket_folder, safe='')}&port={PORT}"


def ask(socket_folder: str) -> Answer:
    """Connect as a user would and ask for the database."""
    try:
        with psycopg.connect(url(socket_folder, "postgres"), connect_timeout=ATTENTION, autocommit=True) as connection:
            found = connection.execute(_SQL["has_database"], [DATABASE]).fetchone()
            return Answer.READY if found else Answer.EMPTY
    except psycopg.Error as error:
        said = str(error)
        if any(each in said for each in BUSY):
            return Answer.READY  # somebody is connected, so it lives
        return Answer.PREPARING if any(each in said for each in PREPARING) else Answer.SILENT


def create_database(socket_folder: str) -> None:
    with psycopg.connect(url(socket_folder, "postgres"), connect_timeout=30, autocommit=True) as connection:
        connection.execute(_SQL["create_database"])
