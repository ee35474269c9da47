"""Codes by letter: six digits, kept as a hash, good for ten minutes and five tries."""

import hashlib
import hmac
import secrets

from infrastructure.door.challenges import Challenges
from infrastructure.door.letters import Letters

PURPOSE = "email"
_DIGITS = 6


class Codes:
    """Sends codes and knows the right one again; safe to share between threads."""

    def __init__(self, challenges: Challenges, letters: Letters, key: bytes) -> None:
        self._challenges = challenges
        self._letters = letters
        self._key = key

    def send(self, holder: str, email: str, device: str) -> None:
        """Send a new code for a sign-in under way; the one before is off. LetterError when it cannot be sent."""
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
        self._challenges.hold(holder, PURPOSE, self._digest(holder, code))
        self._letters.send(
            email,
            f"{code} is your code",
            f"Your code for the access ledger is {code}. It is good for ten minutes.\n\n"
            f"It was asked for from {device}. If that was not you, somebody knows your password: sign in and change\n"
            "it, or ask whoever runs this ledger to reset it. Nobody will ever ask you for this code.\n",
        )

    def check(self, holder: str, code: str) -> bool:
        """Whether this is the code, once; each answer takes one of the tries."""
        asked = self._challenges.attempt(holder, PURPOSE)
        given = self._digest(holder, "".join(code.split()))
        return (
            asked is not None
            and hmac.compare_digest(asked, given)
            and self._challenges.answered(holder, PURPOSE, asked)
        )

    def _digest(self, holder: str, code: str) -> bytes:
        # There are only a million codes: without the ledger's own secret a hash of one would hide nothing.
        return hmac.new(self._key, f"{holder} {code}".encode(), hashlib.sha256).digest()
