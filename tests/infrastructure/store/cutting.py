"""A proxy before the server's socket that cuts connections at chosen points of the protocol."""

import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Self


class Cut(Enum):
    """Where the next connection that says something is cut."""

    REQUEST_LOST = auto()
    """The request does not reach the server."""
    REQUEST_SENT = auto()
    """The request reaches the server, and the connection goes before it can answer."""
    ANSWER_LOST = auto()
    """The server has committed, and its CommandComplete does not reach the client."""


class Proxy:
    """Listens on a unix socket in a folder of its own; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._server = str(folder / ".s.PGSQL.5432")
        self.folder = Path(tempfile.mkdtemp(prefix="cut", dir="/tmp"))
        self._listener = socket.socket(socket.AF_UNIX)
        self._cuts: list[Cut] = []
        self.done = 0

    def __enter__(self) -> Self:
        self._listener.bind(str(self.folder / ".s.PGSQL.5432"))
        self._listener.listen(50)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        (self.folder / ".s.PGSQL.5432").unlink()
        self.folder.rmdir()

    def arm(self, *cuts: Cut) -> None:
        """Cut the next requests, one after the other, in these ways."""
        self._cuts = list(cuts)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            threading.Thread(target=self._requests, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answers, args=(client, server), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        started = False
        try:
            while data := client.recv(65536):
                # The first message is the start-up of a connection; cut requests, not connecting.
                if started and data[:1] != b"X" and self._cuts and self._cuts[0] is not Cut.ANSWER_LOST:
                    if self._cuts.pop(0) is Cut.REQUEST_SENT:
                        server.sendall(data)
                    self.done += 1
                    break
                started = True
                server.sendall(data)
        except OSError:
            pass
        _close(client, server)

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        try:
            for message in _messages(server):
                if message[:1] == b"C" and self._cuts and self._cuts[0] is Cut.ANSWER_LOST:
                    self._cuts.pop(0)
                    self.done += 1
                    break
                client.sendall(message)
        except OSError:
            pass
        _close(client, server)


def _messages(server: socket.socket) -> Iterator[bytes]:
    """Split what the server says into messages: a type, a length, and the rest."""
    buffer = b""
    while data := server.recv(65536):
        buffer += data
        while len(buffer) >= 5:
            (length,) = struct.unpack("!I", buffer[1:5])
            if len(buffer) < length + 1:
                break
            yield buffer[: length + 1]
            buffer = buffer[length + 1 :]


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
