"""Letters to people, handed in at the operator's own mail server."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import make_msgid
from urllib.parse import unquote, urlsplit

PATIENCE = 10.0
"""Seconds that a mail server has for each step."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class LetterError(Exception):
    """A letter could not be handed in; the sentence is for the person who waits for it."""


class Letters:
    """Sends letters by SMTP: `smtps://` over TLS, `smtp://` with STARTTLS; in the clear to this machine only."""

    def __init__(self, url: str, sender: str) -> None:
        self._server = urlsplit(url)
        self._sender = sender

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand in one letter. LetterError when the mail server does not take it."""
        letter = EmailMessage()
        letter["From"] = self._sender
        letter["To"] = to
        letter["Subject"] = subject
        letter["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        try:
            with self._connected() as server:
                server.send_message(letter)
        except (OSError, smtplib.SMTPException) as error:
            raise LetterError(
                "The letter could not be sent. Try again in a minute, or ask whoever runs this ledger to look at its"
                " mail server."
            ) from error

    def _connected(self) -> smtplib.SMTP:
        host = self._server.hostname or "localhost"
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self._server.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, self._server.port or 465, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(host, self._server.port or 25, timeout=PATIENCE)
            if host not in _LOOPBACK:
                # A code in the clear is anybody's on the way; a server without STARTTLS is refused here.
                server.starttls(context=context)
        if self._server.username:
            server.login(unquote(self._server.username), unquote(self._server.password or ""))
        return server
