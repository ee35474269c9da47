"""A receiver of webhooks as somebody else would run it: a web server that checks each signature."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


class Receiver:
    """What it heard, and what it answers."""

    def __init__(self) -> None:
        self.heard: Queue[tuple[dict[str, str], dict[str, Any]]] = Queue()
        """Headers and content of each message whose signature is right."""

        self.answers: Queue[int] = Queue()
        """What to answer next; 204 when nothing is said."""

        self.secret: str | None = None
        self.forged = 0
        self.url = ""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a port of its own, until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = 204 if receiver.answers.empty() else receiver.answers.get()
            try:
                content = Webhook(receiver.secret or "").verify(body, headers)
            except WebhookVerificationError:
                receiver.forged += 1
                status = 401
            else:
                if status < 300:
                    receiver.heard.put((headers, content))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/hooks?of=pos"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
