"""The signer's socket: takes lines from who is welcome, a bounded number at a time, of bounded length, in bounded time.

All signing happens on the one event loop, so one after the other, however many ask.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain import canonical
from domain.evidence.notes import read_checkpoint, read_note
from infrastructure.signing.answering import LONGEST_LINE, answer, refused
from infrastructure.signing.binding import bind
from infrastructure.signing.peers import Peer, peer_of, welcome
from infrastructure.signing.signer import NotKeptError, Signer


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one who asks may take."""

    line: float = 10.0
    """Seconds for a line to come whole, and for an answer to be fetched."""

    connection: float = 120.0
    """Seconds that a connection lasts."""

    connections: int = 64
    """At a time."""


USUAL = Bounds()


class Listener:
    """Answers for a signer at a socket until the process is asked to end."""

    def __init__(
        self, signer: Signer, say: Callable[[str], None], *, group: int | None = None, bounds: Bounds = USUAL
    ) -> None:
        """`say` gets one line for each signature, each refusal and each stranger; `group` may ask too."""
        self._signer = signer
        self._say = say
        self._group = group
        self._bounds = bounds
        self._connections: set[asyncio.Task[None]] = set()
        self._broken: NotKeptError | None = None
        self._ended = asyncio.Event()

    async def run(self, path: Path, started: Callable[[], None]) -> None:
        """Listen until SIGTERM or SIGINT. SocketTakenError, or NotKeptError, after which nothing may be signed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ended.set)
        listening = bind(path, self._group)
        own = path.lstat()
        server = await asyncio.start_unix_server(self._accept, sock=listening, limit=LONGEST_LINE)
        try:
            started()
            await self._ended.wait()
        finally:
            server.close()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)
            with suppress(FileNotFoundError):
                if os.path.samestat(path.lstat(), own):
                    path.unlink()
        if self._broken is not None:
            raise self._broken

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            async with asyncio.timeout(self._bounds.connection):
                await self._converse(reader, writer)
        except NotKeptError as error:
            self._broken = error
            self._ended.set()
        except asyncio.CancelledError:
            pass  # the signer ends, and who is there gets no answer
        except TimeoutError:
            self._say("let go of one who asks too slowly")
        except OSError as error:
            self._say(f"lost one who asks: {error}")
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(0)  # so that what is drained has left
        peer = peer_of(writer.get_extra_info("socket"))
        if not welcome(peer, self._group):
            self._say(f"turned away {peer.written()}")
            return await self._write(writer, refused("stranger", "only the signer's group may ask it; join that group"))
        if len(self._connections) > self._bounds.connections:
            self._say(f"turned away {peer.written()}: too many ask at once")
            return await self._write(writer, refused("busy", "too many ask at once; ask again in a while"))
        while True:
            try:
                async with asyncio.timeout(self._bounds.line):
                    line = await reader.readline()
            except ValueError:
                return await self._write(writer, refused("malformed", f"a line has at most {LONGEST_LINE} bytes"))
            if not line.endswith(b"\n"):
                return None
            await self._write(writer, self._answer(line, peer))

    def _answer(self, line: bytes, peer: Peer) -> dict[str, Any]:
        answered = answer(self._signer, line)
        if "note" in answered:
            checkpoint = read_checkpoint(read_note(answered["note"]).text)
            self._say(f"signed {checkpoint.size} {checkpoint.root.hex()} for {peer.written()}")
        elif "refused" in answered:
            self._say(f"refused {peer.written()}: {answered['why']}: {answered['refused']}")
        return answered

    async def _write(self, writer: asyncio.StreamWriter, answered: dict[str, Any]) -> None:
        async with asyncio.timeout(self._bounds.line):
            writer.write(canonical.write(answered) + b"\n")
            await writer.drain()
