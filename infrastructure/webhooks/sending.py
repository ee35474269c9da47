"""One try to deliver: a POST to one address, in bounded time, that follows no redirect and reads next to nothing."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress

from infrastructure.webhooks.addresses import AddressError, Target, read_target, resolved
from infrastructure.webhooks.rules import Rules


class SendError(Exception):
    """It did not arrive; the sentence says why, for the delivery log."""


def send(url: str, headers: Mapping[str, str], body: bytes, rules: Rules) -> int:
    """Post a body and return the status of the answer, whatever that is. SendError when there was no answer."""
    try:
        target = read_target(url, rules)
        address = resolved(target, rules)
    except AddressError as error:
        raise SendError(str(error)) from None
    cutting = _Cutting()
    # Each step has a time-out of its own; together they could take any time, so the whole has one, too.
    end = threading.Timer(rules.timeout, cutting.cut)
    end.daemon = True
    end.start()
    try:
        way = socket.create_connection((address, target.port), timeout=rules.timeout)
        cutting.ways.append(way)
        if target.secure:
            way = ssl.create_default_context().wrap_socket(way, server_hostname=target.host)
            cutting.ways.append(way)
        return _posted(way, target, headers, body)
    except ssl.SSLCertVerificationError as error:
        raise SendError(f"The certificate is not to be trusted: {error.verify_message}.") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise SendError(f"No answer: {type(error).__name__}.") from None
    finally:
        end.cancel()
        cutting.close()


def _posted(way: socket.socket, target: Target, headers: Mapping[str, str], body: bytes) -> int:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = way
    connection.request("POST", target.path, body, {"Host": target.named, "Connection": "close", **headers})
    with connection.getresponse() as response:
        return response.status


class _Cutting:
    """What is open to the other side, to be cut off when the time is over."""

    def __init__(self) -> None:
        self.ways: list[socket.socket] = []

    def cut(self) -> None:
        """End whatever is being waited for."""
        for way in self.ways:
            with suppress(OSError):
                way.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give everything back."""
        for way in self.ways:
            way.close()
