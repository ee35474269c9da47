"""Asks a time stamping authority over HTTP, and keeps an answer only when it holds."""

from collections.abc import Sequence

import httpx
from cryptography import x509

from infrastructure.stamping.stamps import StampError, ask_for, check_stamp

PATIENCE = 10.0
"""Seconds that an authority has for each step of an answer."""

_LONGEST_ANSWER = 64 * 1024


class StampAwayError(OSError):
    """The authority cannot be reached, or answers nothing of use; asking again later is safe."""


def stamp(url: str, text: str, roots: Sequence[x509.Certificate], *, patience: float = PATIENCE) -> bytes:
    """The time stamp of a text, as the authority answered it (DER).

    StampAwayError when none is to be had, StampError when the answer does not hold.
    """
    asked = ask_for(text)
    answer = _post(url, asked.query, patience)
    check_stamp(answer, text, roots, asked.nonce)
    return answer


def _post(url: str, query: bytes, patience: float) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        with (
            httpx.Client(timeout=patience, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, content=query, headers=headers) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise StampAwayError(f"the time stamping authority at {url} answers {answer.status_code}")
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _LONGEST_ANSWER:
                    raise StampError(f"the time stamping authority at {url} answers at length")
            return bytes(body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = str(error) or type(error).__name__
        raise StampAwayError(f"the time stamping authority at {url} cannot be reached: {said}") from None
