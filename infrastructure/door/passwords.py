"""Passwords: long enough, kept as argon2 hashes, and looked at for as long when there is none to look at."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256
"""Characters; what people make of them is theirs. A bound keeps anybody from having us hash a book."""

_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash("nobody's password, looked at for people who are not there")


class WeakPasswordError(ValueError):
    """This cannot be a password here; the sentence says what can."""


def check_new(password: str) -> None:
    """WeakPasswordError when a password is too short or too long."""
    if not SHORTEST <= len(_plain(password)) <= LONGEST:
        raise WeakPasswordError(f"Take a password of {SHORTEST} to {LONGEST} characters; a few words make a good one.")


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(_plain(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether this is the password of which that is kept. Nothing kept takes as long, and never fits."""
    text = _plain(password)
    try:
        _HASHER.verify(kept if kept is not None else _NOBODYS, text[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None and len(text) <= LONGEST


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker settings than today's and should be made anew."""
    return _HASHER.check_needs_rehash(kept)


def _plain(password: str) -> str:
    # The same letters can be typed as different code points on different keyboards.
    return unicodedata.normalize("NFKC", password)
