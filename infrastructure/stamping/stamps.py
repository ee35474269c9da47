"""A time stamp over a checkpoint's text: asked for, and checked offline with the roots of whoever gave it.

What is stamped is the text of the note without its signatures, so that cosignatures may come later:
`openssl ts -verify -data text -in stamp.tsr -CAfile roots.pem` checks the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)


class StampError(ValueError):
    """This is no time stamp of this checkpoint; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent, and the number by which the answer is known to be the answer to it."""

    query: bytes
    nonce: int


def ask_for(text: str) -> Asked:
    """The question for a time stamp of a text (SHA-256, with the certificate of who answers)."""
    request = TimestampRequestBuilder().data(text.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    assert request.nonce is not None
    return Asked(request.as_bytes(), request.nonce)


def check_stamp(stamp: bytes, text: str, roots: Sequence[x509.Certificate], nonce: int | None = None) -> datetime:
    """The moment by which a text was there, as a time stamp says (DER, as the authority answered it).

    `roots` are the certificates that are trusted; those between them and the authority's may be among them.
    StampError when the stamp is none, is of another text, or is by nobody who is trusted.
    """
    trusted = [each for each in roots if each.issuer == each.subject]
    if not trusted:
        raise StampError("no root certificate is given; the authority publishes it")
    between = [each for each in roots if each.issuer != each.subject]
    verifier = VerifierBuilder(roots=trusted, intermediates=between, nonce=nonce).build()
    answer = _read(stamp)
    try:
        verifier.verify_message(answer, text.encode())
        at = answer.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        raise StampError(f"this is no time stamp of this checkpoint by who is trusted: {error}") from None
    return at


def read_roots(pem: bytes) -> list[x509.Certificate]:
    """Certificates, in the form that begins with `-----BEGIN CERTIFICATE-----`. StampError when there is none."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise StampError("this file holds no certificates (PEM); take the one that the authority publishes") from None


def _read(stamp: bytes) -> TimeStampResponse:
    try:
        answer = decode_timestamp_response(stamp)
    except ValueError:
        raise StampError("this is no answer of a time stamping authority (or one with a whole chain in it)") from None
    if answer.status != 0:
        said = "; ".join(answer.status_string)
        raise StampError(f"the authority gave no time stamp (status {answer.status}){': ' + said if said else ''}")
    return answer
