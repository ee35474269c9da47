"""People who sign in here: an account, an address for letters, a password, and one-time links to set it."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.limits import IDENTIFIER_LENGTH, NAME_LENGTH
from infrastructure.door import passwords
from infrastructure.door.veil import Veil, of_account
from infrastructure.postgres.statements import statements
from infrastructure.store.connections import Connections

LINK_LASTS = timedelta(hours=24)
ACCOUNT = re.compile(rf"[A-Za-z0-9._:\-]{{1,{IDENTIFIER_LENGTH}}}")
"""What an account of the ledger can be called."""

_SQL = statements("people")
_TOKEN_BYTES = 32
_EMAIL = re.compile(r"[^\s@<>,;\"()]+@[^\s@<>,;\"()]+")


class PeopleError(ValueError):
    """This cannot be done with a person; the sentence says why and what can."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in here; `password` is what is kept of it."""

    account: str
    email: str
    password: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A person as the operator lists them."""

    account: str
    email: str
    has_password: bool
    made_at: datetime
    ended_at: datetime | None
    channels: tuple[str, ...]


class People:
    """The people of a ledger; safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._veil = Veil(connections)

    def add(self, account: str, email: str) -> str:
        """Let an account sign in here and return the token of a one-time link. PeopleError when that cannot be."""
        if not ACCOUNT.fullmatch(account):
            raise PeopleError(f"{account!r} cannot be an account: its characters are A-Z a-z 0-9 . _ : - alone.")
        if len(email) > NAME_LENGTH or not email.isascii() or not _EMAIL.fullmatch(email):
            raise PeopleError(f"{email!r} is not an address for letters; write it like name@example.org.")
        if self.find(email) is not None:
            raise PeopleError(f"Somebody signs in with {email} already; give everybody an address of their own.")
        veiled = self._veil.over(of_account(account), email)
        added = {"account": account, "email": veiled, "index": self._index(email)}
        with self._connections.take() as connection:
            if connection.execute(_SQL["add_person"], added).fetchone() is None:
                raise PeopleError(f"{account} signs in here already; `people reset` makes a new link.")
        return self._link(account)

    def find(self, name: str) -> Person | None:
        """The person of an account or an address; None when nobody, or no longer."""
        if "\0" in name:
            return None
        # An address never goes to the database as it is: it could stand in a log of the database's.
        account = name if ACCOUNT.fullmatch(name) else None
        found = self._connections.read(_SQL["person"], {"account": account, "index": self._index(name)})
        if not found:
            return None
        account, *veiled = found[0]
        email, password = self._veil.all_under([(of_account(account), text) for text in veiled])
        return Person(account, email or "", password)

    def list(self) -> list[Listed]:
        """Everybody who ever could sign in here, by account."""
        rows = self._connections.read(_SQL["people"])
        emails = self._veil.all_under([(of_account(account), email) for account, email, *_ in rows])
        return [
            Listed(account, email or "", has_password, made_at, ended_at, tuple(channels))
            for (account, _, has_password, made_at, ended_at, channels), email in zip(rows, emails, strict=True)
        ]

    def reset(self, account: str) -> str:
        """Forget the password and return the token of a new one-time link. PeopleError when there is no such person."""
        with self._connections.take() as connection:
            if connection.execute(_SQL["forget_password"], (account,)).fetchone() is None:
                raise PeopleError(f"{account} does not sign in here; `people add` lets them.")
            connection.execute(_SQL["end_pending_of"], (account,))
        return self._link(account)

    def end(self, account: str) -> bool:
        """Let an account sign in here no longer; False when it could not anyway. Sessions are ended apart."""
        with self._connections.take() as connection, connection.transaction():
            ended = connection.execute(_SQL["end_person"], (account,)).fetchone() is not None
            connection.execute(_SQL["end_set_ups"], (account,))
            connection.execute(_SQL["end_pending_of"], (account,))
            connection.execute(_SQL["drop_all_second_steps"], (account,))
            connection.execute(_SQL["drop_all_passkeys"], (account,))
        return ended

    def of_link(self, token: str) -> str | None:
        """The account that a one-time link is for, without using it up; None when it is used, or too old."""
        found = self._connections.read(_SQL["set_up"], (_digest(token),))
        return str(found[0][0]) if found else None

    def set_password(self, token: str, password: str) -> str | None:
        """Use up a one-time link and set the password of its account, which is returned; None as above.

        WeakPasswordError when the password cannot be one; the link is good still.
        """
        passwords.check_new(password)
        kept = passwords.hashed(password)
        with self._connections.take() as connection, connection.transaction():
            found = connection.execute(_SQL["use_set_up"], (_digest(token),)).fetchone()
            if found is None:
                return None
            connection.execute(_SQL["set_password"], (self._veil.over(of_account(found[0]), kept), found[0]))
        return str(found[0])

    def change_password(self, account: str, password: str) -> None:
        """Set another password for a person who has shown who they are. WeakPasswordError when it cannot be one."""
        passwords.check_new(password)
        self.keep(account, password)

    def keep(self, account: str, password: str) -> None:
        """Keep a password by today's settings."""
        kept = self._veil.over(of_account(account), passwords.hashed(password))
        with self._connections.take() as connection:
            connection.execute(_SQL["set_password"], (kept, account))

    def _index(self, email: str) -> bytes:
        return self._veil.index(email.lower())

    def _link(self, account: str) -> str:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._connections.take() as connection, connection.transaction():
            connection.execute(_SQL["end_set_ups"], (account,))
            connection.execute(_SQL["make_set_up"], (_digest(token), account, LINK_LASTS))
        return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
