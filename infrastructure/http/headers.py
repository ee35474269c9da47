"""Headers of every response: what a browser may load, embed and guess, which is next to nothing."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing written into a page by anybody can run, load or send: no inline script, no inline style, no other host."""

_ALWAYS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)"),
)
_OVER_TLS = ((b"strict-transport-security", b"max-age=31536000"),)


class Headers:
    """Puts them on every response that does not say otherwise itself."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """`secure`: people come over TLS, and browsers are to stay with that."""
        self._app = app
        self._headers = _ALWAYS + (_OVER_TLS if secure else ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and dress the response."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in self._headers if name not in there),
                ]
            await send(message)

        await self._app(scope, receive, dressed if scope["type"] == "http" else send)
