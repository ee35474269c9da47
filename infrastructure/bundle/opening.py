"""Opens for a bundle what can still be opened of sealed fields, with the salt that makes the commitment checkable."""

from base64 import b64decode
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain import canonical
from infrastructure.bundle.collecting import Collected
from infrastructure.bundle.sealed import OpenedPart, is_plain
from infrastructure.sealing.sealed_bytes import bound_to
from infrastructure.sealing.sealing import Sealing
from infrastructure.store import Store, StoreError


class NotOpenedError(StoreError):
    """Sealed fields do not open by the key that they name; the sentence says where."""


def opened(store: Store, facts: Iterable[Collected]) -> list[OpenedPart]:
    """Every part of disclosed facts whose key is still there, in order. NotOpenedError when stored bytes are broken."""
    boundary = store.connections.boundary
    sealed = [each for each in facts if each.personal and not is_plain(each.personal)]
    if not sealed:
        return []
    if not isinstance(boundary, Sealing):
        raise NotOpenedError("The key store is not open, and there are sealed fields; open the ledger with its keys.")
    parts = [(each, part) for each in sealed for part in canonical.read_written(each.personal or b"")]
    boundary.store.epoch()
    secrets = boundary.store.for_opening({part["key"] for _, part in parts})
    found = list(_opened(parts, secrets))
    return sorted(found, key=lambda part: (part.position, part.subject))


def _opened(
    parts: Iterable[tuple[Collected, dict[str, str]]], secrets: dict[str, bytes | None]
) -> Iterator[OpenedPart]:
    for fact, part in parts:
        secret = secrets[part["key"]]
        if secret is None:
            continue
        try:
            plain = AESGCM(secret).decrypt(
                b64decode(part["nonce"]), b64decode(part["ciphertext"]), bound_to(str(fact.fact), part["subject"])
            )
        except (InvalidTag, ValueError):
            raise NotOpenedError(
                f"The personal fields of the fact at position {fact.leaf.position} do not open: they were changed. "
                "Run `accessledger verify`."
            ) from None
        content = canonical.read_written(plain)
        yield OpenedPart(fact.leaf.position, part["subject"], b64decode(content["salt"]), content["personal"])
