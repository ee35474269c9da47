"""Whether sealed bytes are what sealing gives: in their one form, of the right subjects, and what they committed to."""

from domain import canonical
from domain.entries import Entry, in_parts
from infrastructure.sealing.sealed_bytes import BrokenSealError, sealed_parts
from infrastructure.store import Row
from infrastructure.store.boundary import Boundary

_KEYS = ["ciphertext", "commit", "fields", "key", "nonce", "subject"]


def seal_fault(row: Row, entry: Entry, boundary: Boundary) -> str | None:
    """What is wrong with the sealed bytes of a row that could be read; None when nothing is, or nothing is sealed."""
    if boundary.keys is None or row.sealed is None:
        return None
    if not row.sealed.startswith(b"["):
        return "its personal fields lie there in plain text; run `accessledger seal`"
    try:
        parts = sealed_parts(row.sealed)
    except BrokenSealError:
        return "its sealed bytes are none"
    if canonical.write(parts) != row.sealed or any(sorted(part) != _KEYS for part in parts):
        return "its sealed bytes are not in their one form"
    said = [(part["subject"], tuple(part["fields"])) for part in parts]
    if said != sorted(said) or len({subject for subject, _ in said}) != len(said):
        return "its sealed parts are not one a subject, in their order"
    if not row.erased and said != [(part.subject, part.fields) for part in in_parts(entry)[2]]:
        return "its sealed parts are not of those whom the fact is about"
    return boundary.fault(str(row.fact), row.sealed)
