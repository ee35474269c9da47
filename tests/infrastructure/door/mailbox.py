"""A mail server that keeps what it is handed: real SMTP, on a port of its own."""

import re
from asyncio.base_events import Server
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """The letters that came, the oldest first."""

    letters: list[EmailMessage] = field(default_factory=list)
    url: str = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        found = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append(found)
        return "250 Message accepted for delivery"

    def code(self) -> str:
        """The code of the last letter."""
        text = str(self.letters[-1].get_content())
        found = re.search(r"is (\d{6})\.", text)
        assert found is not None, text
        return found[1]


class _Controller(Controller):
    """Takes a free port, and knows which."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine, until the block ends."""
    found = Mailbox()
    controller = _Controller(found, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        found.url = f"smtp://127.0.0.1:{controller.port}"
        yield found
    finally:
        controller.stop()
