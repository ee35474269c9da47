"""What the door keeps about people lies veiled: under the key of the person, device or system that it is about."""

import hashlib
import hmac
from collections.abc import Sequence

from infrastructure.store.connections import Connections

_INDEX = "index:door"
"""The subject of the key by which one looks for what lies veiled; nobody is behind it, and it is never destroyed."""

PROGRAM = "program:door"
"""The subject of what is nobody's: secrets of the program and offers that are not accepted yet."""


def of_account(account: str) -> str:
    """Whose key veils what is kept about an account."""
    return f"account:{account}"


def of_device(device: str) -> str:
    """Whose key veils what a browser says of itself: several people may use one."""
    return f"device:{device}"


def of_link(link: str) -> str:
    """Whose key veils for whom a link is: the one who acts by it."""
    return f"actor:api_key:link-{link}"


def of_webhook(subscription: str) -> str:
    """Whose key veils the secret of a webhook."""
    return f"webhook:{subscription}"


class Veil:
    """Veils texts for the tables of the door, and shows them again; safe to share between threads."""

    def __init__(self, connections: Connections) -> None:
        self._boundary = connections.boundary

    def over(self, subject: str, text: str | None) -> str | None:
        """The text as it may be kept; nothing stays nothing."""
        if text is None:
            return None
        self._boundary.epoch()
        return self._boundary.veil(subject, text)

    def under(self, subject: str, text: str | None) -> str | None:
        """The text again; None where there is none, or whom it is about was erased."""
        return self.all_under([(subject, text)])[0]

    def all_under(self, kept: Sequence[tuple[str, str | None]]) -> list[str | None]:
        """The same for many at once."""
        texts = [text for _, text in kept if text is not None]
        if texts:
            self._boundary.epoch()
            self._boundary.fetch(texts)
        return [self._boundary.unveil(subject, text) if text is not None else None for subject, text in kept]

    def index(self, text: str) -> bytes:
        """By what one looks for a text that lies veiled: without the key store nobody can try whose it is."""
        self._boundary.epoch()
        key = hashlib.sha256(self._boundary.veil(_INDEX, "index").encode()).digest()
        return hmac.digest(key, text.encode(), "sha256")
