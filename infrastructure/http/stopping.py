"""The server, as one that tells those who wait that it is about to stop: they would hold it up."""

import socket

import uvicorn

from infrastructure.http.tide import Tide


class StoppingServer(uvicorn.Server):
    """Ends every stream and every long poll before it waits for the requests that are under way."""

    def __init__(self, config: uvicorn.Config, tide: Tide) -> None:
        super().__init__(config)
        self._tide = tide

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; called by the server itself, on its event loop."""
        self._tide.end()
        await super().shutdown(sockets)
