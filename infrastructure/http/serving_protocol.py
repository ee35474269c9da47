"""HTTP/1.1 as uvicorn speaks it, with an end to waiting for whoever sends a head, or takes an answer, too slowly."""

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_TIME = 20.0
"""Seconds in which the head of a request has to have arrived, from its first byte on, or from the connection's."""

STALL_TIME = 60.0
"""Seconds in which somebody who takes an answer has to have taken something of it."""


class BoundedProtocol(H11Protocol):
    """One connection. uvicorn bounds its idle time; bodies are bounded where they are read."""

    head_time = HEAD_TIME
    stall_time = STALL_TIME

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody has come, and is to say what is wanted."""
        super().connection_made(transport)
        # asyncio sees by its protocol number whether a socket is TCP, and one of our own making has none: then head and
        # body, which leave one after the other, would wait 40 ms for the other side's word that the first has come.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take what has come: a whole head ends the waiting for it, a part of one does not."""
        super().data_received(data)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._end(self._head)
            self._head = None
        elif self._head is None:
            self._await_head()

    def pause_writing(self) -> None:
        """More waits to be taken than is kept for one connection."""
        super().pause_writing()
        self._stall = self.loop.call_later(self.stall_time, self.transport.abort)

    def resume_writing(self) -> None:
        """Enough of it has been taken."""
        super().resume_writing()
        self._end(self._stall)
        self._stall = None

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._end(self._head)
        self._end(self._stall)
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._head = self.loop.call_later(self.head_time, self.transport.close)

    @staticmethod
    def _end(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
